/* shell_attach.c: the shell's `bpf attach` and `bpf events`: programs put on their places, and what they say. */
#include "bpf/place.h"
#include "kernel/clock.h"
#include "kernel/thread.h"
#include "lib/fmt.h"
#include "lib/num.h"
#include "overlay/session.h"
#include "trace/load.h"
#include "trace/print.h"
#include "trace/request.h"
#include "trace/sample.h"
#include "trace/shell_impl.h"
#include "trace/stack.h"

#define LOOK_NS (50 * NSEC_PER_MSEC)

/* When --for says to end. */
static int deadline(struct bpf_shell *s, uint64_t *ret)
{
	uint64_t ns;

	*ret = TIME_NEVER;
	if (!s->time)
		return 0;
	if (num_parse_duration(s->time, &ns) < 0) {
		shell_printf(s->sh, "--for %s: a time, such as 10s\n", s->time);
		return -EINVAL;
	}
	*ret = clock_monotonic_ns() + ns;
	return 0;
}

static int rate(struct bpf_shell *s)
{
	uint64_t hz = BPF_PLACE_HZ;

	if (s->rate && (num_parse_u64(s->rate, 0, &hz) < 0 || hz < 1 || hz > SAMPLE_HZ_MAX)) {
		shell_printf(s->sh, "--rate %s: a number from 1 to %u\n", s->rate, SAMPLE_HZ_MAX);
		return -EINVAL;
	}
	s->hz = (uint32_t)hz;
	return 0;
}

/* What an object's programs say (0: those that no client keeps), until ^C or the time. */
static void follow(struct bpf_shell *s, uint32_t object, uint64_t until_ns)
{
	struct query q = {.conn = &s->conn, .id = 1};
	uint64_t printed = print_now(), t;

	s->rows = shell_row_event;
	while (!shell_stopped(s->sh) && (t = clock_monotonic_ns()) < until_ns) {
		while (session_rows(&q, object, &printed) && !shell_stopped(s->sh))
			kernel_relax();
		shell_wait(s->sh, MIN(until_ns, t + LOOK_NS));
	}
	/* What came last. */
	while (!shell_stopped(s->sh) && session_rows(&q, object, &printed))
		kernel_relax();
	s->rows = NULL;
}

/* The programs of s->progs where their sections say, or on the functions that were typed. */
static int hook_all(struct bpf_shell *s, const char *what, int argc, char **argv)
{
	int r = 0;

	for (uint32_t i = 0; i < s->prog_count; i++) {
		const struct trace_prog *p = load_find_prog(s->progs[i]);

		if (p && stack_is_wanted(&p->prog)) {
			shell_send_stacks(s);
			break;
		}
	}
	for (uint32_t i = 0; r == 0 && i < s->prog_count; i++) {
		const struct trace_prog *p = load_find_prog(s->progs[i]);
		enum bpf_hook hook = p ? p->sec->hook : BPF_HOOK_NONE;
		bool typed = argc && (hook == BPF_HOOK_KPROBE || hook == BPF_HOOK_KRETPROBE);

		if (hook == BPF_HOOK_NONE)
			continue;
		for (int k = 0; r == 0 && k < (typed ? argc : 1); k++)
			r = shell_hook(s, s->progs[i], typed ? argv[k] : NULL);
	}
	if (r == 0 && !s->probes) {
		shell_printf(s->sh, "%s: no program that goes on a function or the network device\n", what);
		r = -EINVAL;
	}
	return r;
}

static const char *plural(uint32_t n)
{
	return n == 1 ? "" : "s";
}

static int attach_program(struct bpf_shell *s, uint32_t id, int argc, char **argv)
{
	int r;

	if (!load_find_prog(id)) {
		shell_printf(s->sh, "there is no program %u\n", id);
		return -ENOENT;
	}
	s->progs[0] = id;
	s->prog_count = 1;
	r = hook_all(s, argv[0], argc - 1, argv + 1);
	if (r == 0)
		shell_printf(s->sh, "program %u: %u probe%s\n", id, s->probes, plural(s->probes));
	return r;
}

/* What is attached stays, and is no longer the shell's. */
static int pin(struct bpf_shell *s)
{
	struct loaded *l;
	char text[12];
	int r;

	fmt_snprintf(text, sizeof(text), "%u", s->object);
	r = shell_ask(s, NULL, "pin", "object", text, NULL);
	l = load_find(s->object);
	if (r < 0 || !l)
		return r;
	l->kept = false;
	shell_printf(s->sh, "object %u: %u probe%s\n", s->object, s->probes, plural(s->probes));
	return 0;
}

int shell_attach(struct bpf_shell *s, int argc, char **argv)
{
	uint64_t until;
	uint32_t id;
	int r = deadline(s, &until);

	if (r == 0)
		r = rate(s);
	if (r < 0)
		return r;
	if (shell_is_id(argv[0], &id))
		return attach_program(s, id, argc, argv);
	r = shell_load(s, NULL, "load", argv[0], false);
	if (r < 0)
		return r;
	r = hook_all(s, argv[0], argc - 1, argv + 1);
	if (r == 0 && s->pin && pin(s) == 0)
		return 0;
	if (r == 0 && !s->pin) {
		shell_printf(s->sh, "%u probe%s; ^C ends\n", s->probes, plural(s->probes));
		follow(s, s->object, until);
	}
	shell_drop(s);
	return r;
}

int shell_events(struct bpf_shell *s, int argc, char **argv)
{
	struct loaded *l;
	uint64_t until;
	uint32_t id = 0;
	int r = deadline(s, &until);

	if (r < 0)
		return r;
	l = argc && shell_is_id(argv[0], &id) ? load_find(id) : NULL;
	if (argc && (!l || l->kept)) {
		shell_printf(s->sh, l ? "object %s: another client reads its events\n" : "there is no object %s\n",
			     argv[0]);
		return l ? -EBUSY : -ENOENT;
	}
	follow(s, id, until);
	return 0;
}
