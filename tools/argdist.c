/*
 * argdist.c: uio argdist: which values an argument or the result of a function has, and how often.
 */
#include "tools/argdist.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/tool.h"
#include "host/util.h"
#include "lib/num.h"
#include "tools/log2.bpf.h"

static const struct option_def options[] = {
	{'H', "histogram", NULL, "powers of two, not single values", NULL, COMPLETE_NONE},
	{'T', "top", "N", "only the N most frequent values", NULL, COMPLETE_NONE},
	TOOL_OPTION_FOR,
	TOOL_OPTION_INTERVAL,
	OPTION_OUTPUT,
	{0},
};

COMMAND(argdist, .synopsis = "NAME FUNCTION VALUE",
	.summary = "Show which values a function's arguments or result have",
	.description =
		"VALUE is arg1 to arg6, or ret for what the function returns; behind it ->OFFSET follows a pointer to "
		"the field with this offset, up to four times; behind that :TYPE says what is there: u8, u16, u32, "
		"u64, "
		"s8 (char), s16, s32 (int), s64 (long), ptr (named, if it is a function's address) or str (a pointer "
		"to characters). Without a type it is s64, after the last -> too. FUNCTION may be a pattern.\n\n"
		"uio argdist redis zmalloc_usable arg1 -H\n\n"
		"uio argdist redis lookupKey 'arg2->8:str'",
	.operands_min = 3, .operands_max = 3, .complete = COMPLETE_NAME, .options = options)

enum kind { NUMBER, UNSIGNED, POINTER, STRING };

static const struct type {
	const char *name;
	unsigned size;
	enum kind kind;
} types[] = {
	{"s64", 8, NUMBER},   {"long", 8, NUMBER}, {"s32", 4, NUMBER},	{"int", 4, NUMBER},   {"s16", 2, NUMBER},
	{"short", 2, NUMBER}, {"s8", 1, NUMBER},   {"char", 1, NUMBER}, {"u64", 8, UNSIGNED}, {"u32", 4, UNSIGNED},
	{"u16", 2, UNSIGNED}, {"u8", 1, UNSIGNED}, {"ptr", 8, POINTER}, {"str", 0, STRING},
};

struct value {
	char program[8];
	unsigned steps;
	uint32_t offsets[ARGDIST_STEPS];
	const struct type *type;
};

/* "arg2->8:str" */
static struct value parse(const char *text)
{
	struct value v = {.type = &types[0]};
	char *copy = xstrdup(text), *colon = strrchr(copy, ':'), *arrow;
	uint64_t offset;

	if (colon) {
		*colon++ = '\0';
		v.type = NULL;
		for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
			if (strcmp(types[i].name, colon) == 0)
				v.type = &types[i];
		if (!v.type)
			die(EXIT_UIO, "argdist: there is no type '%s'; see 'uio argdist --help'", colon);
	}
	while ((arrow = strstr(copy, "->"))) {
		char *last = arrow, *next;

		/* The first of them, so that the offsets come in order. */
		next = strstr(last + 2, "->");
		if (next)
			*next = '\0';
		if (num_parse_u64(last + 2, 0, &offset) < 0 || offset > 1u << 20)
			die(EXIT_UIO, "argdist: '%s' is no offset in bytes", last + 2);
		if (v.steps == ARGDIST_STEPS)
			die(EXIT_UIO, "argdist: at most %d pointers are followed", ARGDIST_STEPS);
		v.offsets[v.steps++] = (uint32_t)offset;
		if (next) {
			*next = '-';
			memmove(last, next, strlen(next) + 1);
		} else {
			*last = '\0';
		}
	}
	if (strcmp(copy, "ret") != 0 && !(strncmp(copy, "arg", 3) == 0 && copy[3] >= '1' && copy[3] <= '6' && !copy[4]))
		die(EXIT_UIO, "argdist: '%s' is none of arg1 to arg6 and ret", copy);
	snprintf(v.program, sizeof(v.program), "%s", copy);
	free(copy);
	return v;
}

struct row {
	uint64_t value;
	char text[ARGDIST_STRING];
	uint64_t count;
};

#define ROWS_MAX 4096

struct report {
	struct tool t;
	struct value v;
	uint64_t top;
	struct row now[ROWS_MAX], before[ROWS_MAX];
	size_t count, before_count;
	uint64_t slots[LOG2_SLOTS], slots_before[LOG2_SLOTS];
};

static void on_entry(void *context, const void *key, size_t key_size, const void *value, size_t value_size)
{
	struct report *r = context;
	struct row *row = &r->now[r->count];

	if (r->count == ROWS_MAX || value_size != sizeof(row->count))
		return;
	memset(row, 0, sizeof(*row));
	memcpy(&row->count, value, sizeof(row->count));
	if (r->v.type->kind == STRING)
		memcpy(row->text, key, key_size < sizeof(row->text) ? key_size : sizeof(row->text));
	else
		memcpy(&row->value, key, key_size < sizeof(row->value) ? key_size : sizeof(row->value));
	row->text[sizeof(row->text) - 1] = '\0';
	r->count++;
}

static void on_slot(void *context, const void *key, size_t key_size, const void *value, size_t value_size)
{
	struct report *r = context;
	uint32_t slot;

	if (key_size != sizeof(slot) || value_size != sizeof(r->slots[0]))
		return;
	memcpy(&slot, key, sizeof(slot));
	if (slot < LOG2_SLOTS)
		memcpy(&r->slots[slot], value, sizeof(r->slots[0]));
}

static uint64_t count_before(const struct report *r, const struct row *row)
{
	for (size_t i = 0; i < r->before_count; i++)
		if (r->before[i].value == row->value && memcmp(r->before[i].text, row->text, ARGDIST_STRING) == 0)
			return r->before[i].count;
	return 0;
}

static int by_count(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	if (x->count != y->count)
		return x->count < y->count ? 1 : -1;
	if (x->value != y->value)
		return (int64_t)x->value < (int64_t)y->value ? -1 : 1;
	return strcmp(x->text, y->text);
}

/* A value for people. */
static const char *value_text(const struct report *r, const struct row *row)
{
	static char text[4 * ARGDIST_STRING + 3];
	char *to = text;

	switch (r->v.type->kind) {
	case NUMBER:
		snprintf(text, sizeof(text), "%lld", (long long)row->value);
		break;
	case UNSIGNED:
		snprintf(text, sizeof(text), "%llu", (unsigned long long)row->value);
		break;
	case POINTER:
		return tool_symbol_offset(&r->t, row->value);
	case STRING:
		*to++ = '"';
		for (const char *c = row->text; *c; c++)
			to += isprint((unsigned char)*c) && *c != '"' && *c != '\\'
				      ? sprintf(to, "%c", *c)
				      : sprintf(to, "\\x%02x", (unsigned char)*c);
		strcpy(to, "\"");
	}
	return text;
}

static void print_rows(const struct report *r, cJSON *all)
{
	struct row *rows = xcalloc(r->count + 1, sizeof(*rows));
	cJSON *list = cJSON_AddArrayToObject(all, "values");

	memcpy(rows, r->now, r->count * sizeof(*rows));
	for (size_t i = 0; i < r->count; i++)
		rows[i].count -= count_before(r, &rows[i]);
	qsort(rows, r->count, sizeof(*rows), by_count);
	if (!r->t.json)
		printf("%10s  %s\n", "COUNT", r->t.args->operands[2]);
	for (size_t i = 0; i < r->count && rows[i].count && i < r->top; i++) {
		cJSON *o = cJSON_CreateObject();

		if (!r->t.json)
			printf("%10llu  %s\n", (unsigned long long)rows[i].count, value_text(r, &rows[i]));
		if (r->v.type->kind == STRING)
			cJSON_AddStringToObject(o, "value", rows[i].text);
		else if (r->v.type->kind == POINTER)
			cJSON_AddStringToObject(o, "value", value_text(r, &rows[i]));
		else
			cJSON_AddItemToObject(o, "value", cJSON_CreateRaw(value_text(r, &rows[i])));
		cJSON_AddNumberToObject(o, "count", (double)rows[i].count);
		cJSON_AddItemToArray(list, o);
	}
	free(rows);
}

static void print_slots(const struct report *r, cJSON *all)
{
	uint64_t slots[LOG2_SLOTS];

	for (size_t i = 0; i < LOG2_SLOTS; i++)
		slots[i] = r->slots[i] - r->slots_before[i];
	if (!r->t.json)
		tool_histogram(slots, LOG2_SLOTS, r->t.args->operands[2]);
	cJSON_AddItemToObject(all, "histogram", tool_histogram_json(slots, LOG2_SLOTS));
}

static void print(struct report *r, bool histogram)
{
	cJSON *all = cJSON_CreateObject();
	uint64_t calls = tool_value(&r->t, "calls"), bad = tool_value(&r->t, "unreadable"),
		 full = tool_value(&r->t, "no_room");

	cJSON_AddNumberToObject(all, "seconds", tool_seconds(&r->t));
	cJSON_AddNumberToObject(all, "calls", (double)calls);
	cJSON_AddNumberToObject(all, "unreadable", (double)bad);
	cJSON_AddNumberToObject(all, "left_out", (double)full);
	if (histogram)
		print_slots(r, all);
	else
		print_rows(r, all);
	if (!r->t.json && bad)
		printf("%llu pointers led nowhere\n", (unsigned long long)bad);
	if (!r->t.json && full)
		printf("%llu calls had values that found no room\n", (unsigned long long)full);
	if (r->t.json)
		tool_json(all);
	else
		cJSON_Delete(all);
}

static int cmd_argdist(const struct args *args)
{
	struct report *r = xcalloc(1, sizeof(*r));
	bool histogram = args_flag(args, "histogram");
	const char *map;

	r->v = parse(args->operands[2]);
	r->top = tool_number(args, "top", 1, ROWS_MAX, ROWS_MAX);
	if (histogram && r->v.type->kind > UNSIGNED)
		die(EXIT_UIO, "argdist: a histogram is made of numbers");
	map = histogram ? "slots" : r->v.type->kind == STRING ? "strings" : "values";
	tool_open(&r->t, args, "argdist");
	tool_set(&r->t, "steps", r->v.steps);
	tool_set_bytes(&r->t, "offsets", r->v.offsets, sizeof(r->v.offsets));
	tool_set(&r->t, "size", r->v.type->size);
	tool_set(&r->t, "is_signed", r->v.type->kind == NUMBER);
	tool_set(&r->t, "histogram", histogram);
	tool_load(&r->t, r->v.program);
	tool_hook(&r->t, r->v.program, args->operands[1]);
	warn("looking at %u functions; ^C ends", r->t.loaded.probes);
	while (tool_wait(&r->t)) {
		r->count = 0;
		tool_map(&r->t, map, histogram ? on_slot : on_entry, r);
		print(r, histogram);
		memcpy(r->before, r->now, r->count * sizeof(r->now[0]));
		memcpy(r->slots_before, r->slots, sizeof(r->slots));
		r->before_count = r->count;
	}
	tool_close(&r->t);
	free(r);
	return 0;
}
