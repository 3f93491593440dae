/*
 * idle.c: how many instructions SQLite's speedtest1 executes with the overlay idle and without it. Under -icount
 * shift=0 the guest's time-stamp counter counts instructions; bench/guest/instructions.c reads it. See bench.h.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench/bench.h"

#define RUN_MS 300000

static void count_once(const char *image, const char *size, struct series *ret, struct series *ret_seconds)
{
	struct strv argv = guest_qemu(image, CONSOLE_VIRTIO, false);
	unsigned long long n;
	struct child c;
	uint64_t ns;
	char line[80];

	strv_add(&argv, "-icount");
	strv_add(&argv, "shift=0");
	strv_add(&argv, "-append");
	strv_addf(&argv, "uio.tty=0 uio.stdin=0 -- --size %s --testset main :memory:", size);
	child_start(&c, argv.v);
	if (child_line(&c, "instructions ", RUN_MS, line, sizeof(line), &ns) &&
	    sscanf(line, "instructions %llu", &n) == 1) {
		series_add(ret, (double)n);
		series_add(ret_seconds, (double)ns / NS_PER_SEC);
	}
	child_end(&c);
}

void bench_idle(const struct plan *p)
{
	const char *size = p->quick ? "1" : "25";
	struct series base = {0}, full = {0}, base_s = {0}, full_s = {0};

	for (unsigned i = 0; i < p->rounds; i++) {
		count_once(BENCH_DIR "/speedtest1-base", size, &base, &base_s);
		count_once(BENCH_DIR "/speedtest1", size, &full, &full_s);
	}
	report_add(&(struct figure){"d", "speedtest1 beside an idle overlay", "Minstructions",
				    series_median(&full) / 1e6, 0, full.n, "-fno-overlay", series_median(&base) / 1e6,
				    TARGET_RATIO_AT_MOST, 1.001});
	report_add(&(struct figure){"d", "the same in time", "s", series_median(&full_s), 0, full_s.n, "-fno-overlay",
				    series_median(&base_s)});
	report_note("d",
		    "`speedtest1 --size %s --testset main :memory:` under `-icount shift=0`, from before main to exit; "
		    "the spread "
		    "of all runs is\n%.6f %% without and %.6f %% with the overlay.",
		    size, 100 * (series_quantile(&base, 1) / series_quantile(&base, 0) - 1),
		    100 * (series_quantile(&full, 1) / series_quantile(&full, 0) - 1));
}
