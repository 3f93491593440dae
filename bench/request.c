/*
 * request.c: what an attached overlay costs: instructions of the guest for a request, with the overlay and without it,
 * and while a program of the overlay reads the application's statistics every 100 ms. See server.h.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "bench/server.h"

#define MEMORY_KIB (256 * 1024) /* Linux needs more than a hundred MiB */
#define UIO_SLOT   (NET_SLOTS - 1)
#define SIDES	   3
#define LINES_MS   20 /* for lines that are there already */

/* All three run side by side, and are asked in turns; the first round only warms them up. */
static void idle_overlay(const char *service, unsigned count, const struct plan *p)
{
	static const enum side sides[SIDES] = {SIDE_OURS, SIDE_BASE, SIDE_LINUX};
	struct series n[SIDES] = {0}, warm = {0};
	struct server s[SIDES];
	bool ready[SIDES];
	char *what = xasprintf("%s: instructions for a request, overlay idle", service);
	char *beside = xasprintf("%s: instructions for a request", service);

	for (unsigned i = 0; i < SIDES; i++)
		ready[i] = server_ready(&s[i], &(struct server_plan){.side = sides[i],
								   .service = service,
								   .memory_kib = MEMORY_KIB,
								   .slot = i,
								   .count = true});
	for (unsigned round = 0; round <= p->rounds; round++)
		for (unsigned i = 0; i < SIDES; i++)
			if (ready[i])
				server_count_requests(&s[i], service, count, round ? &n[i] : &warm);
	report_add(&(struct figure){"k", what, "instructions", series_median(&n[0]), 0, n[0].n, "-fno-overlay",
				    series_median(&n[1]), TARGET_RATIO_AT_MOST, 1.005});
	report_add(&(struct figure){"k", beside, "instructions", series_median(&n[0]), 0, n[0].n, "Linux",
				    series_median(&n[2])});
	for (unsigned i = 0; i < SIDES; i++)
		if (ready[i])
			server_end(&s[i]);
	free(what);
	free(beside);
}

static void monitored(const char *service, unsigned count, const struct plan *p)
{
	char *path = xasprintf(BENCH_DIR "/monitor-%s", service);
	char *const monitor[] = {"build/bin/uio", "exec", "--grant", "read", "--push", path, "bench", "monitor", NULL};
	char *what = xasprintf("%s: instructions for a request, read every 100 ms", service);
	struct series with = {0}, without = {0};
	unsigned reads = 0;
	struct server s;

	if (server_ready(&s, &(struct server_plan){.side = SIDE_UIO,
						   .service = service,
						   .memory_kib = MEMORY_KIB,
						   .slot = UIO_SLOT,
						   .count = true})) {
		for (unsigned round = 0; round < p->rounds; round++) {
			struct child c;

			server_count_requests(&s, service, count, &without);
			child_start(&c, monitor);
			if (!child_line(&c, "read ", 10000, NULL, 0, NULL))
				warn("bench: the monitor says nothing");
			server_count_requests(&s, service, count, &with);
			while (child_line(&c, "read ", LINES_MS, NULL, 0, NULL))
				reads++;
			kill(c.pid, SIGTERM);
			sleep_ms(200);
			child_end(&c);
		}
		server_end(&s);
	}
	report_add(&(struct figure){"k", what, "instructions", series_median(&with), 0, with.n, "the same, not read",
				    series_median(&without), TARGET_RATIO_AT_MOST, 1.02});
	report_note("k", "%s was read %u times in %u rounds of %u requests.", service, reads, p->rounds, count);
	free(what);
	free(path);
}

void bench_request(const struct plan *p)
{
	unsigned nginx = p->quick ? 4000 : 16000, redis = p->quick ? 10000 : 40000;

	idle_overlay("nginx", nginx / 4, p);
	idle_overlay("redis", redis / 4, p);
	monitored("nginx", nginx, p);
	monitored("redis", redis, p);
	report_note("k",
		    "Under `-icount shift=0`, by QEMU's count of executed instructions, one request after the other, "
		    "over %s. Time in the guest\nis the number of instructions, so a read every 100 ms is one every "
		    "hundred million while the guest is busy.",
		    net_text());
}
