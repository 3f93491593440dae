/*
 * tcptop.c: uio tcptop: which TCP connections carry how much.
 */
#include "tools/tcptop.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/tool.h"
#include "host/util.h"

static const struct option_def options[] = {
	{'T', "top", "N", "only the first N", NULL, COMPLETE_NONE},
	TOOL_OPTION_FOR,
	TOOL_OPTION_INTERVAL,
	OPTION_OUTPUT,
	{0},
};

COMMAND(tcptop, .synopsis = "NAME", .summary = "Show which TCP connections of a unikernel carry how much",
	.description = "Bytes of data that the application gave to a connection to send, and that arrived for it, the "
		       "busiest first. Connections that carried nothing are not listed.\n\n"
		       "uio tcptop redis -i 1s",
	.operands_min = 1, .operands_max = 1, .complete = COMPLETE_NAME, .options = options)

#define ROWS_MAX 8192

struct row {
	struct tcptop_key key;
	struct tcptop_bytes b;
};

struct report {
	struct tool t;
	uint64_t top;
	struct row now[ROWS_MAX], before[ROWS_MAX], rows[ROWS_MAX];
	size_t count, before_count;
};

static void on_entry(void *context, const void *key, size_t key_size, const void *value, size_t value_size)
{
	struct report *r = context;
	struct row *row = &r->now[r->count];

	if (r->count == ROWS_MAX || key_size != sizeof(row->key) || value_size != sizeof(row->b))
		return;
	memcpy(&row->key, key, key_size);
	memcpy(&row->b, value, value_size);
	r->count++;
}

static int by_key(const void *a, const void *b)
{
	return memcmp(&((const struct row *)a)->key, &((const struct row *)b)->key, sizeof(struct tcptop_key));
}

static int by_bytes(const void *a, const void *b)
{
	const struct row *x = a, *y = b;
	uint64_t m = x->b.sent + x->b.received, n = y->b.sent + y->b.received;

	return m != n ? (m < n) - (m > n) : by_key(a, b);
}

static char *end_text(const unsigned address[4], unsigned port, bool six)
{
	char text[INET6_ADDRSTRLEN];

	inet_ntop(six ? AF_INET6 : AF_INET, address, text, sizeof(text));
	return xasprintf(six ? "[%s]:%u" : "%s:%u", text, port);
}

static void print_row(const struct row *row, cJSON *list, bool json)
{
	char *local = end_text(row->key.local, row->key.local_port, row->key.six);
	char *remote = end_text(row->key.remote, row->key.remote_port, row->key.six);
	cJSON *o;

	if (json) {
		o = cJSON_CreateObject();
		cJSON_AddStringToObject(o, "local", local);
		cJSON_AddStringToObject(o, "remote", remote);
		cJSON_AddNumberToObject(o, "received_bytes", (double)row->b.received);
		cJSON_AddNumberToObject(o, "sent_bytes", (double)row->b.sent);
		cJSON_AddItemToArray(list, o);
	} else {
		printf("%-24s %-24s %12lu %12lu\n", local, remote, row->b.received, row->b.sent);
	}
	free(local);
	free(remote);
}

/* What came since the last interval. A connection that was forgotten meanwhile may have begun anew. */
static void subtract(struct report *r)
{
	qsort(r->now, r->count, sizeof(r->now[0]), by_key);
	memcpy(r->rows, r->now, r->count * sizeof(r->now[0]));
	for (size_t i = 0; i < r->count; i++) {
		const struct row *old = bsearch(&r->rows[i], r->before, r->before_count, sizeof(r->before[0]), by_key);
		struct tcptop_bytes *b = &r->rows[i].b;

		if (!old || old->b.sent > b->sent || old->b.received > b->received)
			continue;
		b->sent -= old->b.sent;
		b->received -= old->b.received;
	}
}

static void print(struct report *r)
{
	cJSON *all = cJSON_CreateObject(), *list;
	uint64_t sent = 0, received = 0;

	subtract(r);
	qsort(r->rows, r->count, sizeof(r->rows[0]), by_bytes);
	cJSON_AddNumberToObject(all, "seconds", tool_seconds(&r->t));
	list = cJSON_AddArrayToObject(all, "connections");
	if (!r->t.json)
		printf("%-24s %-24s %12s %12s\n", "LOCAL", "REMOTE", "RECEIVED", "SENT");
	for (size_t i = 0; i < r->count; i++) {
		const struct tcptop_bytes *b = &r->rows[i].b;

		sent += b->sent;
		received += b->received;
		if (i < r->top && (b->sent || b->received))
			print_row(&r->rows[i], list, r->t.json);
	}
	cJSON_AddNumberToObject(all, "received_bytes", (double)received);
	cJSON_AddNumberToObject(all, "sent_bytes", (double)sent);
	if (r->t.json) {
		tool_json(all);
	} else {
		printf("%-49s %12llu %12llu\n", "all", (unsigned long long)received, (unsigned long long)sent);
		cJSON_Delete(all);
	}
}

static int cmd_tcptop(const struct args *args)
{
	struct report *r = xcalloc(1, sizeof(*r));
	const struct symbol *s;
	char *text = NULL;

	r->top = tool_number(args, "top", 1, ROWS_MAX, ROWS_MAX);
	tool_open(&r->t, args, "tcptop");
	if (symbols_find(r->t.loaded.symbols, "uio_k_inet_tcp_queue", &s, &text) < 0)
		die(EXIT_NOT_FOUND, "tcptop: the application uses no network");
	tool_load(&r->t, NULL);
	tool_hook_section(&r->t, "written");
	tool_hook_section(&r->t, "write");
	tool_hook_section(&r->t, "received");
	warn("watching connections; ^C ends");
	while (tool_wait(&r->t)) {
		r->count = 0;
		tool_map(&r->t, "connections", on_entry, r);
		print(r);
		memcpy(r->before, r->now, r->count * sizeof(r->now[0]));
		r->before_count = r->count;
	}
	tool_close(&r->t);
	free(r);
	return 0;
}
