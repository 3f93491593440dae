/*
 * server.c: guests that serve, ours and Linux's: start, end, and how far they have come. See server.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/server_qemu.h"
#include "host/vm.h"

#define READY_MS 120000
#define QMP_MS	 5000

void server_start(struct server *s, const struct server_plan *p)
{
	memset(s, 0, sizeof(*s));
	s->side = p->side;
	s->at = server_endpoint(p);
	s->qmp = p->count ? xasprintf(BENCH_DIR "/qmp%u.sock", p->slot) : NULL;
	if (p->side == SIDE_UIO) {
		/* QEMU's folder is another one. */
		char *here = p->count ? realpath(BENCH_DIR, NULL) : NULL;
		char *qmp = here ? xasprintf("%s/qmp%u.sock", here, p->slot) : NULL;
		char *memory = xasprintf("%uK", p->memory_kib);

		s->running = guest_run(server_image(p), memory, server_uio_options(p, qmp).v, server_arguments(p));
		free(memory);
		free(qmp);
		free(here);
	} else {
		if (s->qmp)
			unlink(s->qmp);
		child_start(&s->child, server_command(p, s->qmp).v);
		s->running = true;
	}
}

bool server_ready(struct server *s, const struct server_plan *p)
{
	server_start(s, p);
	if (s->running && client_first(s, request_of(p->service), READY_MS))
		return true;
	warn("bench: %s of %s does not answer", p->service, p->side == SIDE_LINUX ? "the Linux machine" : "ours");
	server_end(s);
	return false;
}

void server_end(struct server *s)
{
	if (s->running && s->side == SIDE_UIO)
		guest_remove();
	else if (s->running)
		child_end(&s->child);
	free(s->qmp);
	memset(s, 0, sizeof(*s));
}

/* QEMU's "query-replay" tells how many instructions were executed, in any mode as long as they are counted at all
 * (QEMU 7.2, replay/replay-debugging.c). */
uint64_t server_instructions(const struct server *s)
{
	static const char ask[] = "{\"execute\":\"qmp_capabilities\"}\n{\"execute\":\"query-replay\"}\n";
	struct child reader = {0};
	unsigned long long n = 0;
	char line[512], *at;

	if (!s->qmp)
		return 0;
	reader.start_ns = monotonic_ns();
	reader.out = unix_connect(s->qmp);
	if (reader.out < 0)
		return 0;
	if (write_all(reader.out, ask, sizeof(ask) - 1) == 0)
		while (!n && child_line(&reader, "", QMP_MS, line, sizeof(line), NULL))
			if ((at = strstr(line, "\"icount\": ")))
				n = strtoull(at + 10, NULL, 10);
	close(reader.out);
	return n;
}

bool server_count_requests(const struct server *s, const char *service, unsigned count, struct series *ret)
{
	uint64_t before = server_instructions(s), after;
	bool ok = before && client_load(&s->at, request_of(service), 1, count);

	after = ok ? server_instructions(s) : 0;
	if (after > before)
		series_add(ret, (double)(after - before) / count);
	else
		warn("bench: %s: no count of instructions", service);
	return after > before;
}
