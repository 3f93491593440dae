/* shell_top.c: the shell's `bpf top`: which programs run how often, and what they cost, each second. */
#include "kernel/clock.h"
#include "kernel/kmem.h"
#include "lib/fmt.h"
#include "trace/shell_impl.h"

#define ROWS_MAX 256
#define FIRST_NS (500 * NSEC_PER_MSEC)

struct figures {
	uint64_t runs, ns, misses;
};

struct top_row {
	uint32_t id;
	bool shown;
	struct figures total, since; /* the look before; or its start, if it came meanwhile */
	char name[21], on[41];
};

struct look {
	uint64_t at_ns;
	uint32_t count;
	struct top_row rows[ROWS_MAX];
};

static struct look *taken; /* by the request that runs: there is one shell */

static void take_row(struct bpf_shell *s, const struct msg_event *m)
{
	struct top_row *r = &taken->rows[taken->count];

	if (strcmp(m->name, "program") || taken->count == ROWS_MAX)
		return;
	*r = (struct top_row){
		.id = (uint32_t)shell_number(m, "id"),
		.total = {shell_number(m, "runs"), shell_number(m, "run_ns"), shell_number(m, "misses")},
	};
	r->since = r->total;
	fmt_snprintf(r->name, sizeof(r->name), "%s", shell_text(m, "name"));
	fmt_snprintf(r->on, sizeof(r->on), "%s", shell_text(m, "on"));
	taken->count++;
}

static int take(struct bpf_shell *s, struct look *l)
{
	l->count = 0;
	taken = l;
	l->at_ns = clock_monotonic_ns();
	return shell_ask(s, take_row, "list", NULL);
}

static void subtract(struct look *now, const struct look *before)
{
	for (uint32_t i = 0; i < now->count; i++)
		for (uint32_t k = 0; k < before->count; k++) {
			const struct figures *old = &before->rows[k].total;
			struct figures *since = &now->rows[i].since;

			if (before->rows[k].id != now->rows[i].id)
				continue;
			since->runs -= old->runs;
			since->ns -= old->ns;
			since->misses -= old->misses;
		}
}

static uint64_t per_second(uint64_t n, uint64_t elapsed_ns)
{
	return n * 1000000 / MAX(elapsed_ns / 1000, 1UL);
}

/* The one that took most of those that are not shown yet; NULL: all are. */
static struct top_row *next(struct look *l)
{
	struct top_row *best = NULL;

	for (uint32_t i = 0; i < l->count; i++)
		if (!l->rows[i].shown && (!best || l->rows[i].since.ns > best->since.ns))
			best = &l->rows[i];
	return best;
}

static void print(struct shell *sh, struct look *l, uint64_t elapsed, const char *end)
{
	struct top_row *r;

	shell_printf(sh, "%4s %-20s %12s %10s %7s %10s  %s%s\n", "ID", "NAME", "RUNS/s", "NS/RUN", "CPU", "MISSES/s", "ON",
		     end);
	while ((r = next(l)) && !shell_stopped(sh)) {
		const struct figures *f = &r->since;
		uint64_t share = f->ns * 10000 / MAX(elapsed, 1UL);

		r->shown = true;
		shell_printf(sh, "%4u %-20s %12lu %10lu %3lu.%02lu%% %10lu  %s%s\n", r->id, r->name,
			     per_second(f->runs, elapsed), f->runs ? f->ns / f->runs : 0, share / 100, share % 100,
			     per_second(f->misses, elapsed), r->on, end);
	}
}

static void wait(struct shell *sh, uint64_t ns)
{
	uint64_t until = clock_monotonic_ns() + ns;

	while (!shell_stopped(sh) && clock_monotonic_ns() < until)
		shell_wait(sh, until);
}

int shell_top(struct bpf_shell *s)
{
	struct look *before = kzalloc(sizeof(*before)), *now = kzalloc(sizeof(*now)), *other;
	int r = before && now ? take(s, before) : -ENOMEM;

	for (uint64_t ns = FIRST_NS; r == 0; ns = NSEC_PER_SEC) {
		wait(s->sh, ns);
		if (shell_stopped(s->sh) || (r = take(s, now)) < 0)
			break;
		/* A screen that is written over from its start. */
		shell_printf(s->sh, "%s", s->once ? "" : "\033[H");
		subtract(now, before);
		print(s->sh, now, now->at_ns - before->at_ns, s->once ? "" : "\033[K");
		shell_printf(s->sh, "%s", s->once ? "" : "\033[J");
		if (s->once)
			break;
		other = before;
		before = now;
		now = other;
	}
	kfree(before);
	kfree(now);
	return r;
}
