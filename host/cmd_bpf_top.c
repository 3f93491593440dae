/*
 * cmd_bpf_top.c: uio bpf top: which programs run how often, and what they cost.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/cmd_bpf.h"
#include "host/util.h"

#define ROWS_MAX 1024
#define FIRST_MS 500
#define NEXT_MS	 1000

struct row {
	uint32_t id;
	char name[64], on[64];
	uint64_t runs, ns, misses;
};

struct look {
	struct row rows[ROWS_MAX];
	size_t count;
	uint64_t at_ns; /* ours */
};

static void on_row(const struct msg_event *event, void *arg)
{
	struct look *l = arg;
	struct row *r = &l->rows[l->count];

	if (strcmp(event->name, "program") != 0 || l->count == ROWS_MAX)
		return;
	*r = (struct row){.id = (uint32_t)bpf_number(event, "id"),
			  .runs = bpf_number(event, "runs"),
			  .ns = bpf_number(event, "run_ns"),
			  .misses = bpf_number(event, "misses")};
	snprintf(r->name, sizeof(r->name), "%s", bpf_text(event, "name"));
	snprintf(r->on, sizeof(r->on), "%.*s", (int)sizeof(r->on) - 1, bpf_text(event, "on"));
	l->count++;
}

static void take_look(struct bpf_command *c, struct look *l)
{
	l->count = 0;
	bpf_must(&c->call, on_row, l, "list", NULL);
	l->at_ns = monotonic_ns();
}

/* Figures since the look before; those of programs that came meanwhile are since their start. */
static void subtract(struct look *now, const struct look *before)
{
	for (size_t i = 0; i < now->count; i++)
		for (size_t k = 0; k < before->count; k++)
			if (now->rows[i].id == before->rows[k].id) {
				now->rows[i].runs -= before->rows[k].runs;
				now->rows[i].ns -= before->rows[k].ns;
				now->rows[i].misses -= before->rows[k].misses;
			}
}

static int by_time(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	return x->ns != y->ns ? (x->ns < y->ns) - (x->ns > y->ns) : (x->id > y->id) - (x->id < y->id);
}

static void print(const struct look *l, double seconds, const char *end)
{
	printf("%4s %-20s %12s %10s %7s %10s  %s%s\n", "ID", "NAME", "RUNS/s", "NS/RUN", "CPU", "MISSES/s", "ON", end);
	for (size_t i = 0; i < l->count; i++) {
		const struct row *r = &l->rows[i];

		printf("%4u %-20s %12.0f %10llu %6.2f%% %10.0f  %s%s\n", r->id, r->name, (double)r->runs / seconds,
		       (unsigned long long)(r->runs ? r->ns / r->runs : 0), (double)r->ns / seconds / 1e7,
		       (double)r->misses / seconds, r->on, end);
	}
}

static void print_json(const struct look *l, double seconds)
{
	cJSON *all = cJSON_CreateObject(), *list;

	cJSON_AddNumberToObject(all, "seconds", seconds);
	list = cJSON_AddArrayToObject(all, "programs");
	for (size_t i = 0; i < l->count; i++) {
		const struct row *r = &l->rows[i];
		cJSON *o = cJSON_CreateObject();

		cJSON_AddNumberToObject(o, "id", r->id);
		cJSON_AddStringToObject(o, "name", r->name);
		cJSON_AddNumberToObject(o, "runs", (double)r->runs);
		cJSON_AddNumberToObject(o, "run_ns", (double)r->ns);
		cJSON_AddNumberToObject(o, "misses", (double)r->misses);
		cJSON_AddStringToObject(o, "on", r->on);
		cJSON_AddItemToArray(list, o);
	}
	bpf_print_json(all);
}

int bpf_cmd_top(struct bpf_command *c)
{
	static struct look before, now, raw;
	bool stream = !args_flag(c->args, "no-stream");
	bool screen = stream && !c->json && isatty(STDOUT_FILENO);
	unsigned wait_ms = FIRST_MS;

	take_look(c, &before);
	do {
		sleep_ms(wait_ms);
		wait_ms = NEXT_MS;
		take_look(c, &raw);
		now = raw;
		subtract(&now, &before);
		qsort(now.rows, now.count, sizeof(now.rows[0]), by_time);
		if (screen)
			printf("\033[H");
		if (c->json)
			print_json(&now, (double)(now.at_ns - before.at_ns) / 1e9);
		else
			print(&now, (double)(now.at_ns - before.at_ns) / 1e9, screen ? "\033[K" : "");
		if (screen)
			printf("\033[J");
		before = raw;
	} while (fflush(stdout) == 0 && stream);
	return 0;
}
