/*
 * boot.c: from QEMU's start to the first line of main, beside a guest that only prints a line (bench/bare), with
 * the same options, in turns. See bench.h.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <x86intrin.h>

#include "bench/bench.h"

#define BOOT_MS 20000

static const struct {
	const char *image;
	const char *text;
	bool bare;
} guests[] = {
	{BENCH_DIR "/bare", NULL, true},
	{BENCH_DIR "/first-base", "-fno-overlay", false},
	{BENCH_DIR "/first", "with the overlay", false},
};
#define GUESTS (sizeof(guests) / sizeof(guests[0]))

/* Ticks of the time-stamp counter in a millisecond: QEMU's TCG gives the guest the host's. */
static double tsc_per_ms(void)
{
	uint64_t from_ns = monotonic_ns();
	unsigned long long from = __rdtsc();

	sleep_ms(50);
	return (double)(__rdtsc() - from) / ((double)(monotonic_ns() - from_ns) / NS_PER_MS);
}

static void boot_once(unsigned g, enum guest_console console, struct series *ret_ms, struct series *ret_tsc)
{
	struct strv argv = guest_qemu(guests[g].image, console, guests[g].bare);
	unsigned long long tsc;
	struct child c;
	uint64_t ns;
	char line[80];

	child_start(&c, argv.v);
	if (child_line(&c, "first", BOOT_MS, NULL, 0, &ns)) {
		series_add(ret_ms, (double)ns / NS_PER_MS);
		if (child_line(&c, "tsc ", BOOT_MS, line, sizeof(line), NULL) && sscanf(line, "tsc %llx", &tsc) == 1)
			series_add(ret_tsc, (double)tsc);
	}
	child_end(&c);
}

void bench_boot(const struct plan *p)
{
	static const char *const device_text[] = {"serial console", "devices of uio run"};
	double per_ms = tsc_per_ms();

	for (unsigned console = CONSOLE_SERIAL; console <= CONSOLE_VIRTIO; console++) {
		struct series ms[GUESTS] = {0}, tsc[GUESTS] = {0};

		for (unsigned round = 0; round < 6 * p->rounds + 1; round++)
			for (unsigned g = 0; g < GUESTS; g++)
				boot_once(g, console, &ms[g], &tsc[g]);
		for (unsigned g = 1; g < GUESTS; g++) {
			char *what = xasprintf("start to main, %s, %s", device_text[console], guests[g].text);
			char *inside = xasprintf("of that in the guest, %s, %s", device_text[console], guests[g].text);

			report_add(&(struct figure){"b", what, "ms", series_median(&ms[g]), 0, ms[g].n, "bare guest",
						    series_median(&ms[0]), TARGET_RATIO_AT_MOST, 2});
			report_add(&(struct figure){"b", inside, "ms", series_median(&tsc[g]) / per_ms, 0, tsc[g].n,
						    "bare guest", series_median(&tsc[0]) / per_ms});
			free(what);
			free(inside);
		}
	}
	report_note("b",
		    "Measured from the fork of QEMU to the line's arrival at its parent. The bare guest (bench/bare) "
		    "prints "
		    "on the serial port\nwithout setting anything up; QEMU gets the same options. Inside the guest: "
		    "the time-stamp counter, "
		    "which starts with\nthe machine, so firmware and the loading of the image count on both sides.");
}
