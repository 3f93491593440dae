/*
 * start.c: from QEMU's start to the first answered request, in time and in instructions of the guest, beside a Linux
 * machine, in turns. See server.h.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench/server.h"

#define MEMORY_KIB (256 * 1024)
#define START_MS   60000
#define SIDES	   2

/* Adds milliseconds, and with `count` millions of instructions, of one start. */
static void start_once(const char *service, unsigned side, bool count, struct series *ret_ms, struct series *ret_count)
{
	struct server s;
	uint64_t answer_ns, n;

	server_start(&s, &(struct server_plan){.side = side ? SIDE_LINUX : SIDE_OURS,
					       .service = service,
					       .memory_kib = MEMORY_KIB,
					       .slot = side,
					       .count = count});
	answer_ns = client_first(&s, request_of(service), START_MS);
	n = count && answer_ns ? server_instructions(&s) : 0;
	if (n)
		series_add(ret_count, (double)n / 1e6);
	else if (answer_ns)
		series_add(ret_ms, (double)(answer_ns - s.child.start_ns) / NS_PER_MS);
	else
		warn("bench: %s did not start", service);
	server_end(&s);
}

void bench_start(const struct plan *p)
{
	static const char *const services[] = {"nginx", "redis"};

	for (unsigned i = 0; i < sizeof(services) / sizeof(services[0]); i++) {
		struct series ms[SIDES] = {0}, count[SIDES] = {0};
		char *what = xasprintf("%s: start to the first answer", services[i]);
		char *inside = xasprintf("%s: the same in instructions", services[i]);

		for (unsigned round = 0; round < p->rounds; round++)
			for (unsigned side = 0; side < SIDES; side++)
				start_once(services[i], side, false, &ms[side], NULL);
		for (unsigned side = 0; side < SIDES; side++)
			start_once(services[i], side, true, NULL, &count[side]);
		report_add(&(struct figure){"h", what, "ms", series_median(&ms[0]), 0, ms[0].n, "Linux",
					    series_median(&ms[1]), TARGET_RATIO_AT_MOST, 1 / 20.0});
		report_add(&(struct figure){"h", inside, "Minstructions", series_median(&count[0]), 0, count[0].n,
					    "Linux", series_median(&count[1])});
		free(what);
		free(inside);
	}
	report_note("h",
		    "From the fork of QEMU to the end of the first answer, over %s, with a fixed address and a fresh "
		    "connection every 20 ms;\n-m %u MiB. Instructions: under `-icount shift=0`, by QEMU's count.",
		    net_text(), MEMORY_KIB / 1024);
}
