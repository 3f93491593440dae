/*
 * serve.c: how many requests a second nginx and Redis answer, beside the same in a Linux machine, in turns. The loads
 * are wrk's and redis-benchmark's. See server.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/server.h"

#define MEMORY_KIB (256 * 1024)
#define LOAD_MS	   60000
#define SIDES	   2
#define LOADS_MAX  4

struct load {
	const char *what;
	const char *prefix; /* of the line with the rate */
	double at_least;    /* times the Linux machine's */
	char *argv[20];
	unsigned address_at, port_at; /* the words of argv that are to be filled in */
	unsigned count_at;	      /* the number of requests; 0: the load says it itself, as wrk does */
};

/* Of one side. */
struct rates {
	struct series thousand; /* requests in a second */
	struct series cpu_us;	/* QEMU's CPU time for a request */
};

static void load_once(const struct load *l, const struct server *s, struct rates *ret)
{
	char *argv[20], port[8], line[200], url[64];
	double rate = 0, count = l->count_at ? strtod(l->argv[l->count_at], NULL) : 0;
	uint64_t cpu_ns;
	struct child c;

	memcpy(argv, l->argv, sizeof(argv));
	snprintf(port, sizeof(port), "%u", s->at.port);
	snprintf(url, sizeof(url), "http://%s:%u/", s->at.address, s->at.port);
	argv[l->address_at] = l->port_at ? (char *)s->at.address : url;
	if (l->port_at)
		argv[l->port_at] = port;
	cpu_ns = child_cpu_ns(&s->child);
	child_start(&c, argv);
	while (rate <= 0 && child_line(&c, "", LOAD_MS, line, sizeof(line), NULL)) {
		sscanf(line, " %lf requests in", &count);
		if (strncmp(line, l->prefix, strlen(l->prefix)) == 0)
			sscanf(line + strlen(l->prefix), "%lf", &rate);
	}
	cpu_ns = child_cpu_ns(&s->child) - cpu_ns;
	child_end(&c);
	if (rate > 0 && count > 0) {
		series_add(&ret->thousand, rate / 1e3);
		series_add(&ret->cpu_us, (double)cpu_ns / 1e3 / count);
	} else {
		warn("bench: %s: no rate", l->what);
	}
}

static void report(const struct load *l, const struct rates side[SIDES])
{
	char *cpu = xasprintf("%s: QEMU's CPU time for one", l->what);

	report_add(&(struct figure){"g", l->what, "thousand/s", series_median(&side[0].thousand), 0, side[0].thousand.n,
				    "Linux", series_median(&side[1].thousand), TARGET_RATIO_AT_LEAST, l->at_least});
	report_add(&(struct figure){"g", cpu, "us", series_median(&side[0].cpu_us), 0, side[0].cpu_us.n, "Linux",
				    series_median(&side[1].cpu_us)});
	free(cpu);
}

static void serve(const char *service, const struct load *loads, unsigned count, const struct plan *plan)
{
	struct rates all[LOADS_MAX][SIDES] = {0}, warm = {0};
	struct server servers[SIDES];
	bool ready = true;

	for (unsigned side = 0; side < SIDES; side++)
		ready &= server_ready(&servers[side], &(struct server_plan){.side = side ? SIDE_LINUX : SIDE_OURS,
									    .service = service,
									    .memory_kib = MEMORY_KIB,
									    .slot = side});
	for (unsigned side = 0; ready && side < SIDES; side++)
		load_once(&loads[0], &servers[side], &warm);
	for (unsigned round = 0; ready && round < plan->rounds; round++)
		for (unsigned i = 0; i < count; i++)
			for (unsigned side = 0; side < SIDES; side++)
				load_once(&loads[i], &servers[side], &all[i][side]);
	for (unsigned i = 0; i < count; i++)
		report(&loads[i], all[i]);
	for (unsigned side = 0; side < SIDES; side++)
		server_end(&servers[side]);
}

#define REDIS(test, pipeline, count)                                                                                \
	{                                                                                                           \
		"redis-benchmark", "-h", "", "-p", "", "-c", "10", "-P", pipeline, "-n", count, "-t", test, "--csv" \
	}

void bench_serve(const struct plan *p)
{
	const struct load nginx = {
		.what = "nginx, a page of 612 bytes, wrk -t1 -c10",
		.prefix = "Requests/sec:",
		.at_least = 10,
		.argv = {"wrk", "-t1", "-c10", p->quick ? "-d1" : "-d2", ""},
		.address_at = 4,
	};
	char *once = p->quick ? "10000" : "40000", *many = p->quick ? "50000" : "200000";
	const struct load redis[] = {
		{"Redis GET, 10 clients", "\"GET\",\"", 2.5, REDIS("get", "1", once), 2, 4, 10},
		{"Redis SET, 10 clients", "\"SET\",\"", 2.5, REDIS("set", "1", once), 2, 4, 10},
		{"Redis GET, 10 clients, -P 16", "\"GET\",\"", 1.8, REDIS("get", "16", many), 2, 4, 10},
		{"Redis SET, 10 clients, -P 16", "\"SET\",\"", 1.8, REDIS("set", "16", many), 2, 4, 10},
	};

	serve("nginx", &nginx, 1, p);
	serve("redis", redis, sizeof(redis) / sizeof(redis[0]), p);
	report_note("g",
		    "Both sides: QEMU's microvm with TCG, -m %u MiB, virtio-net over %s; the same configuration "
		    "(bench/linux-vm/*.conf). Linux:\nDebian's cloud kernel, unpacked, entered through PVH, "
		    "`quiet mitigations=off`, Debian's nginx and Redis in an initramfs.",
		    MEMORY_KIB / 1024, net_text());
}
