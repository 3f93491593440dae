/*
 * server.h: guests that serve over the network, ours and Linux's, their network, and clients for them. Hosted only.
 *
 * Both kinds get the same QEMU with the same machine, memory and network, the same configuration and the same client.
 */
#ifndef BENCH_SERVER_H
#define BENCH_SERVER_H

#include "bench/bench.h"

#define LINUX_VM_DIR "build/linux-vm"

/* tap.c: the network. The first call moves this process into a network namespace of its own with TAP interfaces; where
 * that is not permitted, guests are reached through QEMU's user network, which takes much of the host's time. */
#define NET_SLOTS 4 /* interfaces; the last one is for guests of `uio run` */
bool net_is_tap(void);
const char *net_text(void);	    /* for the report */
const char *net_mac(unsigned slot); /* of the guest, which the host knows without asking (but for the last slot) */

struct endpoint {
	char address[16];
	unsigned port;
};

/* server.c */
enum side {
	SIDE_OURS,
	SIDE_BASE, /* ours, -fno-overlay */
	SIDE_NO_NOPS, /* ours, without room for probes at the start of functions */
	SIDE_LINUX,
	SIDE_UIO, /* ours, by `uio run`, as "bench" */
};
struct server_plan {
	enum side side;
	const char *service; /* "nginx", "redis"; Linux only: "ssh" */
	unsigned memory_kib;
	unsigned slot;
	bool steady; /* Redis looks after itself once a second instead of ten times: what it executes is for requests */
	bool count; /* -icount shift=0: server_instructions() works, and time in the guest is their number */
};
struct server {
	struct child child;
	bool running;
	enum side side;
	struct endpoint at;
	char *qmp; /* the path of QEMU's monitor, NULL without count */
};
/* Starts it, and does not wait for it. Ends the program if QEMU cannot be started. */
void server_start(struct server *s, const struct server_plan *p);
/* The same, and waits for its first answer. False, with a warning, if none comes. */
bool server_ready(struct server *s, const struct server_plan *p);
void server_end(struct server *s);
/* Instructions that the guest has executed since its start. 0: unknown. */
uint64_t server_instructions(const struct server *s);

/* client.c */
struct request {
	const char *service;
	const char *text;
	const char *begin, *end; /* of the answer */
};
const struct request *request_of(const char *service);
/* Opens a fresh connection every 20 ms and asks on each; returns monotonic_ns() of the first whole answer, or 0 if the
 * guest ends or timeout_ms go by. */
uint64_t client_first(struct server *s, const struct request *r, unsigned timeout_ms);
/* Asks `count` times over `connections` connections side by side, one request under way on each. False if an answer is
 * wrong or none comes for 5 s. */
bool client_load(const struct endpoint *e, const struct request *r, unsigned connections, unsigned count);

/* Asks the service `count` times, one after the other, and adds the guest's instructions for a request to a series. False,
 * with a warning, if they could not be counted. */
bool server_count_requests(const struct server *s, const char *service, unsigned count, struct series *ret);

#endif
