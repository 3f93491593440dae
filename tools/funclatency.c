/*
 * funclatency.c: uio funclatency: how long functions take, as histograms.
 */
#include "tools/funclatency.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/tool.h"
#include "host/util.h"

static const struct option_def options[] = {
	{'u', "microseconds", NULL, "histogram in microseconds, not nanoseconds", NULL, COMPLETE_NONE},
	{'m', "milliseconds", NULL, "histogram in milliseconds", NULL, COMPLETE_NONE},
	{'F', "by-function", NULL, "a histogram for each function", NULL, COMPLETE_NONE},
	TOOL_OPTION_FOR,
	TOOL_OPTION_INTERVAL,
	OPTION_OUTPUT,
	{0},
};

COMMAND(funclatency, .synopsis = "NAME FUNCTION...", .summary = "Show how long a unikernel's functions take",
	.description =
		"The time from a function's start to its return, with all that it calls and waits for, as a histogram. "
		"FUNCTION is a name or a pattern, as for funccount; each call of a recursive function counts.\n\n"
		"uio funclatency redis processCommand --for 10s",
	.operands_min = 2, .operands_max = ANY_NUMBER, .complete = COMPLETE_NAME, .options = options)

#define FUNCTIONS_MAX 512

struct entry {
	uint64_t function; /* 0: all of them together */
	struct latencies l;
};

struct report {
	struct tool t;
	const char *unit;
	struct entry now[FUNCTIONS_MAX], before[FUNCTIONS_MAX];
	size_t count, before_count;
};

static void on_entry(void *context, const void *key, size_t key_size, const void *value, size_t value_size)
{
	struct report *r = context;
	struct entry *e = &r->now[r->count];

	if (r->count == FUNCTIONS_MAX || key_size != sizeof(e->function) || value_size != sizeof(e->l))
		return;
	memcpy(&e->function, key, key_size);
	memcpy(&e->l, value, value_size);
	r->count++;
}

/* What came since the last interval; the greatest time stays that of all. */
static void subtract(struct latencies *l, const struct report *r, uint64_t function)
{
	for (size_t i = 0; i < r->before_count; i++) {
		const struct latencies *old = &r->before[i].l;

		if (r->before[i].function != function)
			continue;
		l->count -= old->count;
		l->total_ns -= old->total_ns;
		for (size_t k = 0; k < LOG2_SLOTS; k++)
			l->slots[k] -= old->slots[k];
	}
}

static void print_one(const struct report *r, const struct entry *e)
{
	const struct latencies *l = &e->l;

	if (e->function)
		printf("\n%s:\n", tool_symbol(&r->t, e->function));
	tool_histogram(l->slots, LOG2_SLOTS, r->unit);
	printf("count %lu, average %lu ns, total %lu ns\n", l->count, l->count ? l->total_ns / l->count : 0,
	       l->total_ns);
}

static cJSON *json_one(const struct report *r, const struct entry *e)
{
	const struct latencies *l = &e->l;
	cJSON *o = cJSON_CreateObject();

	if (e->function)
		cJSON_AddStringToObject(o, "function", tool_symbol(&r->t, e->function));
	cJSON_AddNumberToObject(o, "count", (double)l->count);
	cJSON_AddNumberToObject(o, "total_ns", (double)l->total_ns);
	cJSON_AddNumberToObject(o, "average_ns", l->count ? (double)(l->total_ns / l->count) : 0);
	cJSON_AddNumberToObject(o, "max_ns", (double)l->max_ns);
	cJSON_AddStringToObject(o, "unit", r->unit);
	cJSON_AddItemToObject(o, "histogram", tool_histogram_json(l->slots, LOG2_SLOTS));
	return o;
}

static void print(struct report *r)
{
	cJSON *all = cJSON_CreateObject(), *list = cJSON_AddArrayToObject(all, "functions");
	bool any = false;

	cJSON_AddNumberToObject(all, "seconds", tool_seconds(&r->t));
	for (size_t i = 0; i < r->count; i++) {
		struct entry e = r->now[i];

		subtract(&e.l, r, e.function);
		if (!e.l.count)
			continue;
		any = true;
		if (r->t.json)
			cJSON_AddItemToArray(list, json_one(r, &e));
		else
			print_one(r, &e);
	}
	if (!any && !r->t.json)
		printf("(no call returned)\n");
	if (r->t.json)
		tool_json(all);
	else
		cJSON_Delete(all);
}

static int cmd_funclatency(const struct args *args)
{
	struct report *r = xcalloc(1, sizeof(*r));
	bool us = args_flag(args, "microseconds"), ms = args_flag(args, "milliseconds");

	r->unit = ms ? "msecs" : us ? "usecs" : "nsecs";
	tool_open(&r->t, args, "funclatency");
	tool_set(&r->t, "unit_ns", ms ? 1000000 : us ? 1000 : 1);
	tool_set(&r->t, "by_function", args_flag(args, "by-function"));
	tool_load(&r->t, NULL);
	/* The ends first: a call that began before has no start, and one must not be lost in between. */
	for (int i = 1; i < args->operand_count; i++) {
		tool_hook(&r->t, "leave", args->operands[i]);
		tool_hook(&r->t, "enter", args->operands[i]);
	}
	warn("measuring %u functions; ^C ends", r->t.loaded.probes / 2);
	while (tool_wait(&r->t)) {
		r->count = 0;
		tool_map(&r->t, "functions", on_entry, r);
		print(r);
		memcpy(r->before, r->now, sizeof(r->now));
		r->before_count = r->count;
	}
	tool_close(&r->t);
	free(r);
	return 0;
}
