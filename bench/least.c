/*
 * least.c: the smallest memory with which the services serve, ours and a Linux machine's. See server.h.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench/server.h"

#define CONNECTIONS 10
#define REQUESTS    1000
#define START_MS    60000 /* with plenty of memory */
#define ANSWER_MS   3000  /* at least; a start with little memory may take four times one with plenty */
#define OUR_STEP    256	  /* KiB */
#define LINUX_STEP  2048

/* How long it takes until it has answered ten clients side by side, a hundred times each. 0: it does not within the
 * time. */
static unsigned serves_ms(const char *service, enum side side, unsigned kib, unsigned limit_ms)
{
	uint64_t from_ns = monotonic_ns();
	struct server s;
	bool ok;

	server_start(&s, &(struct server_plan){
				 .side = side, .service = service, .memory_kib = kib, .slot = side == SIDE_LINUX});
	ok = client_first(&s, request_of(service), limit_ms) &&
	     client_load(&s.at, request_of(service), CONNECTIONS, REQUESTS);
	server_end(&s);
	return ok ? (unsigned)((monotonic_ns() - from_ns) / NS_PER_MS) + 1 : 0;
}

/* `low` must not do, `most` must; the result did `rounds` times. */
static double smallest_mib(const char *service, enum side side, unsigned low, unsigned most, unsigned step,
			   unsigned rounds)
{
	unsigned limit_ms = 4 * serves_ms(service, side, most, START_MS), high = most;

	if (!limit_ms)
		return NAN;
	if (limit_ms < ANSWER_MS)
		limit_ms = ANSWER_MS;
	while (high - low > step) {
		unsigned middle = low + (high - low) / 2 / step * step;

		if (serves_ms(service, side, middle, limit_ms))
			high = middle;
		else
			low = middle;
	}
	for (unsigned i = 1; i < rounds && high <= most; i++)
		if (!serves_ms(service, side, high, limit_ms)) {
			high += step;
			i = 0;
		}
	return high <= most ? (double)high / 1024 : NAN;
}

static void least(const char *service, double limit_mib, const struct plan *p)
{
	char *what = xasprintf("smallest -m with which %s serves", service);
	unsigned confirm = p->quick ? 1 : 3;

	report_add(&(struct figure){
		"i", what, "MiB", smallest_mib(service, SIDE_OURS, 1024, 32 * 1024, OUR_STEP, confirm), 0, confirm,
		"Linux", smallest_mib(service, SIDE_LINUX, 48 * 1024, 256 * 1024, LINUX_STEP, confirm),
		TARGET_VALUE_AT_MOST, limit_mib});
	free(what);
}

void bench_least(const struct plan *p)
{
	least("nginx", 8, p);
	least("redis", 16, p);
	report_note("i",
		    "It answers %u requests over %u connections side by side, three times in a row. Steps: %.2f MiB, "
		    "for Linux %u MiB. Linux'\nkernel and initramfs are unpacked, and its initramfs holds one service.",
		    REQUESTS, CONNECTIONS, OUR_STEP / 1024.0, LINUX_STEP / 1024);
}
