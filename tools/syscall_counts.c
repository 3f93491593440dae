/*
 * syscall_counts.c: see syscall_counts.h.
 */
#include "tools/syscall_counts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/syscalls.h"
#include "host/util.h"

const char *syscall_text(unsigned nr)
{
	static char text[32];
	const char *name = syscall_name(nr);

	if (name)
		return name;
	snprintf(text, sizeof(text), "syscall_%u", nr);
	return text;
}

void syscall_counts_open(struct syscall_counts *s, const struct args *args)
{
	tool_open(&s->t, args, "syscount");
	tool_load(&s->t, NULL);
	/* The ends first: what returns after this without a start is left out. */
	tool_hook_section(&s->t, "leave");
	warn("counting %u system calls; ^C ends", tool_hook_section(&s->t, "enter"));
}

static void on_entry(void *context, const void *key, size_t key_size, const void *value, size_t value_size)
{
	struct syscall_counts *s = context;
	uint32_t nr;

	if (key_size != sizeof(nr) || value_size != sizeof(s->now[0]))
		return;
	memcpy(&nr, key, sizeof(nr));
	if (nr < SYSCOUNT_MAX)
		memcpy(&s->now[nr], value, sizeof(s->now[0]));
}

static enum syscall_order order_by;

static uint64_t figure(const struct syscount *c)
{
	return order_by == ORDER_TIME ? c->total_ns : order_by == ORDER_ERRORS ? c->errors : c->calls;
}

static int by_figure(const void *a, const void *b)
{
	const struct syscall_row *x = a, *y = b;
	uint64_t m = figure(&x->c), n = figure(&y->c);

	return m != n ? (m < n) - (m > n) : (int)x->nr - (int)y->nr;
}

void syscall_counts_read(struct syscall_counts *s, enum syscall_order order)
{
	memcpy(s->before, s->now, sizeof(s->now));
	tool_map(&s->t, "calls", on_entry, s);
	s->count = 0;
	s->sum = (struct syscount){0};
	for (unsigned nr = 0; nr < SYSCOUNT_MAX; nr++) {
		const struct syscount *now = &s->now[nr], *old = &s->before[nr];
		struct syscount c = {now->calls - old->calls, now->ended - old->ended, now->errors - old->errors,
				     now->total_ns - old->total_ns, now->max_ns};

		if (!c.calls && !c.ended)
			continue;
		s->rows[s->count++] = (struct syscall_row){nr, c};
		s->sum.calls += c.calls;
		s->sum.ended += c.ended;
		s->sum.errors += c.errors;
		s->sum.total_ns += c.total_ns;
		s->sum.max_ns = c.max_ns > s->sum.max_ns ? c.max_ns : s->sum.max_ns;
	}
	order_by = order;
	qsort(s->rows, s->count, sizeof(s->rows[0]), by_figure);
}

void syscall_counts_json(const struct syscall_counts *s, size_t top, bool failed)
{
	cJSON *all = cJSON_CreateObject(), *list;

	cJSON_AddNumberToObject(all, "seconds", tool_seconds(&s->t));
	list = cJSON_AddArrayToObject(all, "syscalls");
	for (size_t i = 0; i < s->count && i < top; i++) {
		const struct syscount *c = &s->rows[i].c;
		cJSON *o;

		if (failed && !c->errors)
			continue;
		o = cJSON_CreateObject();
		cJSON_AddStringToObject(o, "syscall", syscall_text(s->rows[i].nr));
		cJSON_AddNumberToObject(o, "count", (double)c->calls);
		cJSON_AddNumberToObject(o, "returned", (double)c->ended);
		cJSON_AddNumberToObject(o, "errors", (double)c->errors);
		cJSON_AddNumberToObject(o, "total_ns", (double)c->total_ns);
		cJSON_AddNumberToObject(o, "max_ns", (double)c->max_ns);
		cJSON_AddItemToArray(list, o);
	}
	tool_json(all);
}
