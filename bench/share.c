/*
 * share.c: how fast a CPU-bound application is beside an endless loop in a tool with the default share, compared to
 * itself alone just before and after. See bench.h.
 */
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench/bench.h"

/* The last line of the application's console, a count by its own clock. */
struct mark {
	double ns, rounds;
};

static bool mark_take(struct child *follow, struct mark *ret)
{
	char line[80];
	bool any = false;

	while (child_line(follow, "", any ? 0 : 3000, line, sizeof(line), NULL))
		any = sscanf(line, "%lf %lf", &ret->ns, &ret->rounds) == 2 || any;
	return any;
}

/* Rounds in a nanosecond over the next ms milliseconds. */
static double rate(struct child *follow, unsigned ms)
{
	struct mark from, to;

	if (!mark_take(follow, &from))
		return NAN;
	sleep_ms(ms);
	return mark_take(follow, &to) && to.ns > from.ns ? (to.rounds - from.rounds) / (to.ns - from.ns) : NAN;
}

static void measure(const char *what, char *const extra[], unsigned rounds, unsigned ms)
{
	char *const spin[] = {"build/bin/uio",	 "exec",  "--timeout", "60s", "--push",
			      BENCH_DIR "/spin", "bench", "spin",      NULL};
	char *const logs[] = {"build/bin/uio", "logs", "-f", "bench", NULL};
	struct series beside = {0}, kept = {0};
	struct child follow;

	if (guest_run(BENCH_DIR "/count", "32M", extra, NULL) && guest_log_line("", 10000, NULL, 0)) {
		double before, after, with;
		struct child c;

		child_start(&follow, logs);
		before = rate(&follow, ms);
		for (unsigned i = 0; i < rounds; i++) {
			child_start(&c, spin);
			sleep_ms(100); /* it is loaded and loops */
			with = rate(&follow, ms);
			kill(c.pid, SIGTERM);
			sleep_ms(50);
			child_end(&c);
			sleep_ms(50);
			after = rate(&follow, ms);
			if (!isnan(before) && !isnan(with) && !isnan(after)) {
				series_add(&beside, with * 1e3);
				series_add(&kept, 2 * with / (before + after));
			}
			before = after;
		}
		child_end(&follow);
	}
	guest_remove();
	report_add(&(struct figure){"f", what, "rounds/us", series_median(&beside), 0, beside.n,
				    "alone before and after", series_median(&beside) / series_median(&kept),
				    TARGET_RATIO_AT_LEAST, 0.88});
}

void bench_share(const struct plan *p)
{
	char *const icount[] = {"--qemu-arg", "-icount", "--qemu-arg", "shift=0", NULL};

	measure("rate beside an endless loop", NULL, 5 * p->rounds, p->quick ? 200 : 400);
	measure("the same, time counted in instructions", icount, p->rounds, 500);
	report_note("f", "The application counts its rounds and reads the clock; the tool has the default share. The "
			 "ratio is the "
			 "median over rounds of\nbeside : mean of alone just before and just after. Under `-icount "
			 "shift=0` a nanosecond is an "
			 "instruction, so other load on the\nmachine does not show.");
}
