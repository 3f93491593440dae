/*
 * probe.c: what eBPF programs on the live application's functions cost it: instructions of the guest for a request,
 * with the room for probes at the start of functions and without, with a program that counts calls and with two that
 * measure their time; and how soon a program runs after `uio bpf attach`. See server.h.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/server.h"

#define MEMORY_KIB (64 * 1024)
#define UIO_SLOT   (NET_SLOTS - 1)
#define NAME	   "bench" /* guest_run()'s */
#define ATTACH_MS  60000
#define REQUESTS   1000 /* that are counted at once */
#define ROUNDS	   30
#define WARM	   5 /* rounds before those */
#define STARTS	   10

static const char *function_of(const char *service)
{
	return strcmp(service, "nginx") == 0 ? "ngx_http_process_request_line" : "processCommand";
}

/* Two guests side by side. */
static void nops_once(const char *service, unsigned rounds, bool swap, struct series n[2])
{
	static const enum side sides[2] = {SIDE_OURS, SIDE_NO_NOPS};
	struct series warm = {0};
	struct server s[2];
	bool ready[2];

	for (unsigned i = 0; i < 2; i++)
		ready[i] = server_ready(&s[i], &(struct server_plan){.side = sides[i],
								     .service = service,
								     .memory_kib = MEMORY_KIB,
								     .slot = swap ? !i : i,
								     .steady = true,
								     .count = true});
	for (unsigned round = 0; round < WARM + rounds; round++)
		for (unsigned i = 0; i < 2; i++)
			if (ready[i])
				server_count_requests(&s[i], service, REQUESTS, round < WARM ? &warm : &n[i]);
	for (unsigned i = 0; i < 2; i++)
		if (ready[i])
			server_end(&s[i]);
}

/*
 * When a guest learns that its packet has left depends on the host, and stays so for long: some instructions more for
 * each request, or not. So this is asked of several guests; each kind has either interface at times.
 */
static void nops(const char *service, unsigned starts, unsigned rounds)
{
	struct series n[2] = {0};
	char *what = xasprintf("%s: instructions for a request, nothing attached", service);

	for (unsigned start = 0; start < starts; start++)
		nops_once(service, rounds, start % 2, n);
	report_add(&(struct figure){"n", what, "instructions", series_median(&n[0]), 0, n[0].n, "without nops",
				    series_median(&n[1]), TARGET_RATIO_AT_MOST, 1.005});
	free(what);
}

/* `uio bpf attach --pin`; returns the object's number, 0 if it failed. */
static unsigned attach(const char *object, const char *function)
{
	char *const argv[] = {"build/bin/uio", "bpf", "attach", "--pin", NAME, (char *)object, (char *)function, NULL};
	struct child c;
	char line[256];
	unsigned id = 0;

	child_start(&c, argv);
	if (child_line(&c, "object ", ATTACH_MS, line, sizeof(line), NULL))
		id = (unsigned)strtoul(line + 7, NULL, 10);
	else
		warn("bench: %s cannot be attached to %s", object, function);
	child_end(&c);
	return id;
}

static void unload(unsigned id)
{
	char text[16];
	char *const argv[] = {"build/bin/uio", "bpf", "unload", NAME, text, NULL};

	snprintf(text, sizeof(text), "%u", id);
	child_run(argv, ATTACH_MS);
}

/* The sum of an array map of the object: how often the programs ran, in words of 8 bytes. 0: not known. */
static uint64_t ran(unsigned id)
{
	char *const argv[] = {"build/bin/uio", "bpf", "list", "-o", "json", NAME, NULL};
	uint64_t most = 0;
	struct child c;
	char line[1024], object[32], *at;

	snprintf(object, sizeof(object), "\"object\":%u,", id);
	child_start(&c, argv);
	while (child_line(&c, "{", ATTACH_MS, line, sizeof(line), NULL)) {
		uint64_t runs =
			(at = strstr(line, "\"runs\":")) && strstr(line, object) ? strtoull(at + 7, NULL, 10) : 0;

		most = runs > most ? runs : most;
	}
	child_end(&c);
	return most;
}

static void probes(const char *service, unsigned rounds)
{
	static const struct {
		const char *object, *what;
		double limit;
	} all[] = {
		{BENCH_DIR "/count.o", "%s: instructions for a request, a counting kprobe on %s", 1.02},
		{BENCH_DIR "/latency.o", "%s: the same, kprobe and kretprobe with a histogram of times on %s", 1.06},
	};
	const char *function = function_of(service);
	struct series with[2] = {0}, without = {0}, warm = {0};
	struct server s;

	if (!server_ready(&s, &(struct server_plan){.side = SIDE_UIO,
						    .service = service,
						    .memory_kib = MEMORY_KIB,
						    .slot = UIO_SLOT,
						    .steady = true,
						    .count = true}))
		return;
	server_count_requests(&s, service, REQUESTS, &warm);
	for (unsigned round = 0; round < rounds; round++) {
		server_count_requests(&s, service, REQUESTS, &without);
		for (unsigned i = 0; i < 2; i++) {
			unsigned id = attach(all[i].object, function);
			uint64_t runs;

			if (!id)
				continue;
			server_count_requests(&s, service, REQUESTS, &with[i]);
			runs = ran(id);
			if (runs != REQUESTS)
				warn("bench: %s: %u requests, and %s ran %llu times", service, REQUESTS, all[i].object,
				     (unsigned long long)runs);
			unload(id);
		}
	}
	server_end(&s);
	for (unsigned i = 0; i < 2; i++) {
		char *what = xasprintf(all[i].what, service, function);

		report_add(&(struct figure){"n", what, "instructions", series_median(&with[i]), 0, with[i].n,
					    "nothing attached", series_median(&without), TARGET_RATIO_AT_MOST,
					    all[i].limit});
		free(what);
	}
}

/* schedule() runs whenever anything waits, so the first event is there as soon as the probe is. */
static void first_event(const struct plan *p)
{
	char *const argv[] = {"build/bin/uio", "bpf", "attach", NAME, BENCH_DIR "/once.o", "schedule", NULL};
	struct series first = {0}, ms = {0};
	struct server s;

	if (!server_ready(&s,
			  &(struct server_plan){
				  .side = SIDE_UIO, .service = "redis", .memory_kib = MEMORY_KIB, .slot = UIO_SLOT}))
		return;
	for (unsigned round = 0; round <= p->rounds; round++) {
		uint64_t at_ns;
		struct child c;
		char line[256];

		child_start(&c, argv);
		while (child_line(&c, "", ATTACH_MS, line, sizeof(line), &at_ns))
			if (strstr(line, "here")) {
				series_add(round ? &ms : &first, (double)at_ns / NS_PER_MS);
				break;
			}
		kill(c.pid, SIGINT);
		child_end(&c);
	}
	server_end(&s);
	report_add(&(struct figure){"n", "from `uio bpf attach` to the first event, first use", "ms",
				    series_median(&first), 0, first.n});
	report_add(
		&(struct figure){"n", "from `uio bpf attach` to the first event", "ms", series_median(&ms), 0, ms.n});
}

void bench_probe(const struct plan *p)
{
	unsigned rounds = p->quick ? ROUNDS / 3 : ROUNDS;

	nops("nginx", p->quick ? 2 : STARTS, rounds / 5);
	nops("redis", p->quick ? 2 : STARTS, rounds / 5);
	probes("nginx", rounds);
	probes("redis", rounds);
	first_event(p);
	report_note("n",
		    "Instructions are counted under `-icount shift=0`, one request after the other, over %s: the median of\n"
		    "rounds of a thousand requests. Redis looks after itself once a second (`hz 1`). The first use sends\n"
		    "IMAGE.bpf to the guest, too.",
		    net_text());
}
