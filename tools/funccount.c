/*
 * funccount.c: uio funccount: how often functions are called.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/tool.h"
#include "host/util.h"

static const struct option_def options[] = {
	TOOL_OPTION_FOR,
	TOOL_OPTION_INTERVAL,
	OPTION_OUTPUT,
	{0},
};

COMMAND(funccount, .synopsis = "NAME FUNCTION...", .summary = "Count calls of a unikernel's functions",
	.description =
		"FUNCTION is a name, or a pattern with *, ? and [...] that may match many: 'dict*'. Functions of the "
		"application, the C library and the kernel can be counted; patterns take the kernel's only if they "
		"begin with uio_k_. Functions that were not called are not listed.\n\n"
		"uio funccount redis processCommand 'lookupKey*' --for 10s",
	.operands_min = 2, .operands_max = ANY_NUMBER, .complete = COMPLETE_NAME, .options = options)

struct row {
	uint64_t function, count;
};

struct report {
	struct tool t;
	struct row rows[8192];
	struct row before[8192]; /* of the last interval */
	size_t count, before_count;
};

static void on_entry(void *context, const void *key, size_t key_size, const void *value, size_t value_size)
{
	struct report *r = context;
	struct row row;

	if (key_size != 8 || value_size != 8 || r->count == sizeof(r->rows) / sizeof(r->rows[0]))
		return;
	memcpy(&row.function, key, 8);
	memcpy(&row.count, value, 8);
	r->rows[r->count++] = row;
}

static uint64_t count_before(const struct report *r, uint64_t function)
{
	for (size_t i = 0; i < r->before_count; i++)
		if (r->before[i].function == function)
			return r->before[i].count;
	return 0;
}

static int by_count(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	return x->count != y->count ? (x->count < y->count) - (x->count > y->count)
				    : (x->function > y->function) - (x->function < y->function);
}

/* What came since the last interval. */
static void print(struct report *r)
{
	cJSON *list = cJSON_CreateArray(), *all = cJSON_CreateObject();
	struct row *rows = xcalloc(r->count + 1, sizeof(*rows));

	for (size_t i = 0; i < r->count; i++)
		rows[i] = (struct row){r->rows[i].function, r->rows[i].count - count_before(r, r->rows[i].function)};
	qsort(rows, r->count, sizeof(*rows), by_count);
	if (!r->t.json)
		printf("%-40s %10s\n", "FUNCTION", "COUNT");
	for (size_t i = 0; i < r->count && rows[i].count; i++) {
		const char *name = tool_symbol(&r->t, rows[i].function);
		cJSON *o = cJSON_CreateObject();

		if (!r->t.json)
			printf("%-40s %10llu\n", name, (unsigned long long)rows[i].count);
		cJSON_AddStringToObject(o, "function", name);
		cJSON_AddNumberToObject(o, "count", (double)rows[i].count);
		cJSON_AddItemToArray(list, o);
	}
	cJSON_AddNumberToObject(all, "seconds", tool_seconds(&r->t));
	cJSON_AddItemToObject(all, "functions", list);
	if (r->t.json)
		tool_json(all);
	else
		cJSON_Delete(all);
	free(rows);
}

static int cmd_funccount(const struct args *args)
{
	struct report *r = xcalloc(1, sizeof(*r));

	tool_open(&r->t, args, "funccount");
	tool_load(&r->t, NULL);
	for (int i = 1; i < args->operand_count; i++)
		tool_hook(&r->t, "count", args->operands[i]);
	warn("counting calls of %u functions; ^C ends", r->t.loaded.probes);
	while (tool_wait(&r->t)) {
		r->count = 0;
		tool_map(&r->t, "counts", on_entry, r);
		print(r);
		memcpy(r->before, r->rows, r->count * sizeof(r->rows[0]));
		r->before_count = r->count;
	}
	tool_close(&r->t);
	free(r);
	return 0;
}
