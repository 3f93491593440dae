/*
 * start.c: from QEMU's start to the first answered request, in time and in instructions of the guest, beside a Linux
 * machine, in turns. See server.h.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench/server.h"

#define MEMORY_KIB (256 * 1024)
#define START_MS   120000
#define SIDES	   2
#define COUNTS	   3 /* runs that count instructions: these hardly differ */

struct starts {
	struct series ms, cpu_ms, instructions;
};

static void start_once(const char *service, unsigned side, bool count, struct starts *ret)
{
	struct server s;
	uint64_t answer_ns, cpu_ns;

	server_start(&s, &(struct server_plan){.side = side ? SIDE_LINUX : SIDE_OURS,
					       .service = service,
					       .memory_kib = MEMORY_KIB,
					       .slot = side,
					       .count = count});
	answer_ns = client_first(&s, request_of(service), START_MS);
	cpu_ns = child_cpu_ns(&s.child);
	if (!answer_ns) {
		warn("bench: %s did not start", service);
	} else if (count) {
		uint64_t n = server_instructions(&s);

		if (n)
			series_add(&ret->instructions, (double)n / 1e6);
	} else {
		series_add(&ret->ms, (double)(answer_ns - s.child.start_ns) / NS_PER_MS);
		series_add(&ret->cpu_ms, (double)cpu_ns / NS_PER_MS);
	}
	server_end(&s);
}

static void report(const char *service, const char *what, const char *unit, const struct series *ours,
		   const struct series *other, double limit)
{
	char *text = xasprintf("%s: %s", service, what);

	report_add(&(struct figure){"h", text, unit, series_median(ours), 0, ours->n, "Linux", series_median(other),
				    limit > 0 ? TARGET_RATIO_AT_MOST : TARGET_NONE, limit});
	free(text);
}

void bench_start(const struct plan *p)
{
	static const char *const services[] = {"nginx", "redis"};

	for (unsigned i = 0; i < sizeof(services) / sizeof(services[0]); i++) {
		struct starts all[SIDES] = {0};

		for (unsigned round = 0; round < p->rounds; round++)
			for (unsigned side = 0; side < SIDES; side++)
				start_once(services[i], side, false, &all[side]);
		for (unsigned round = 0; round < (p->quick ? 1 : COUNTS); round++)
			for (unsigned side = 0; side < SIDES; side++)
				start_once(services[i], side, true, &all[side]);
		report(services[i], "start to the first answer", "ms", &all[0].ms, &all[1].ms, 1 / 20.0);
		report(services[i], "CPU time of QEMU until then", "ms", &all[0].cpu_ms, &all[1].cpu_ms, 0);
		report(services[i], "instructions of the guest until then", "million", &all[0].instructions,
		       &all[1].instructions, 0);
	}
	report_note("h",
		    "From the fork of QEMU to the end of the first answer, over %s, with a fixed address and a fresh "
		    "connection every 20 ms;\n-m %u MiB. Instructions: under `-icount shift=0`, by QEMU's count.",
		    net_text(), MEMORY_KIB / 1024);
}
