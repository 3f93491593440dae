/*
 * stacks.c: see stacks.h.
 */
#include "host/stacks.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/flame.h"
#include "host/util.h"

#define DEPTH_MAX   127		/* tools/stacks.h */
#define IMAGE_START 0x40000000u /* docs/architecture.md, "Address space" */
#define PART_START  0x7c000000u
#define COMM_SIZE   16
#define USER_STACK  0x100 /* BPF_F_USER_STACK */
#define STACK_LOST  (-17) /* -EEXIST: its place in the map was another's */

/* As in tools/stacks.h. */
struct sum {
	uint32_t tid;
	int32_t stack;
	char comm[COMM_SIZE];
	uint64_t amount;
};

struct chain {
	uint32_t id, depth;
	uint64_t ips[DEPTH_MAX];
};

struct report {
	struct tool *t;
	bool app; /* only the application's frames */
	struct symbols *part; /* of IMAGE.bpf, or NULL */
	struct sum *sums;
	size_t sum_count;
	struct chain *chains;
	size_t chain_count;
};

void stacks_set(struct tool *t)
{
	tool_set(t, "stack_flags", args_flag(t->args, "app") ? USER_STACK : 0);
}

static void on_sum(void *context, const void *key, size_t key_size, const void *value, size_t value_size)
{
	struct report *r = context;
	struct sum *s;

	if (key_size != 24 || value_size != 8)
		return;
	r->sums = xrealloc(r->sums, (r->sum_count + 1) * sizeof(*r->sums));
	s = &r->sums[r->sum_count];
	memcpy(s, key, key_size);
	memcpy(&s->amount, value, value_size);
	/* The kernel's own threads have no frame of the application's. */
	r->sum_count += !r->app || s->stack >= 0 || s->stack == STACK_LOST;
}

static void on_chain(void *context, const void *key, size_t key_size, const void *value, size_t value_size)
{
	struct report *r = context;
	struct chain *c;

	if (key_size != 4 || value_size > sizeof(c->ips))
		return;
	r->chains = xrealloc(r->chains, (r->chain_count + 1) * sizeof(*r->chains));
	c = &r->chains[r->chain_count++];
	memset(c, 0, sizeof(*c));
	memcpy(&c->id, key, key_size);
	memcpy(c->ips, value, value_size);
	while (c->depth < DEPTH_MAX && c->ips[c->depth])
		c->depth++;
}

static const struct chain *find_chain(const struct report *r, int32_t id)
{
	for (size_t i = 0; id >= 0 && i < r->chain_count; i++)
		if (r->chains[i].id == (uint32_t)id)
			return &r->chains[i];
	return NULL;
}

/* All but the innermost are return addresses, which may lie behind the function that called. */
static const char *frame_name(const struct report *r, const struct chain *c, uint32_t i)
{
	uint64_t at = c->ips[i] - (i > 0);
	const struct symbol *s = at >= PART_START && r->part ? symbols_at(r->part, at) : NULL;

	/* A program of the overlay has symbols of its own, which are not here. */
	if (at < IMAGE_START)
		return "[program]";
	return s ? s->name : tool_symbol(r->t, at);
}

static char *fold(const struct report *r, const struct sum *s)
{
	const struct chain *c = find_chain(r, s->stack);
	char *text = xasprintf("%.*s", COMM_SIZE, s->comm), *longer;

	/* Folded lines know no quoting; and the guest chose the name, which may go to a terminal. */
	for (char *p = text; *p; p++)
		*p = *p == ';' || (unsigned char)*p <= ' ' || *p == 0x7f ? '_' : *p;
	if (!c) {
		longer = xasprintf("%s;[%s]", text, s->stack == STACK_LOST ? "stack lost" : "no stack");
		free(text);
		return longer;
	}
	for (uint32_t i = c->depth; i-- > 0;) {
		longer = xasprintf("%s;%s", text, frame_name(r, c, i));
		free(text);
		text = longer;
	}
	return text;
}

static int by_frames(const void *a, const void *b)
{
	const struct flame_line *x = a, *y = b;

	return strcmp(x->frames, y->frames);
}

/* Several sums may have one line: different places in the same functions. */
static struct flame_line *fold_all(const struct report *r, uint64_t unit, size_t *ret_count)
{
	struct flame_line *lines = xcalloc(r->sum_count + 1, sizeof(*lines));
	size_t n = 0;

	for (size_t i = 0; i < r->sum_count; i++)
		lines[i] = (struct flame_line){fold(r, &r->sums[i]), r->sums[i].amount};
	qsort(lines, r->sum_count, sizeof(*lines), by_frames);
	for (size_t i = 0; i < r->sum_count; i++) {
		if (n && strcmp(lines[n - 1].frames, lines[i].frames) == 0) {
			lines[n - 1].amount += lines[i].amount;
			free(lines[i].frames);
		} else {
			lines[n++] = lines[i];
		}
	}
	for (size_t i = 0; i < n; i++)
		lines[i].amount /= unit;
	*ret_count = n;
	return lines;
}

static void print_json(const struct report *r, const struct flame_line *lines, size_t count, const char *unit_name)
{
	cJSON *all = cJSON_CreateObject(), *list = cJSON_CreateArray();

	for (size_t i = 0; i < count; i++) {
		cJSON *o = cJSON_CreateObject();

		cJSON_AddStringToObject(o, "stack", lines[i].frames);
		cJSON_AddNumberToObject(o, unit_name, (double)lines[i].amount);
		cJSON_AddItemToArray(list, o);
	}
	cJSON_AddNumberToObject(all, "seconds", tool_seconds(r->t));
	cJSON_AddItemToObject(all, "stacks", list);
	tool_json(all);
}

static void write_svg(struct flame_line *lines, size_t count, const char *path, const char *title,
		      const char *unit_name)
{
	char *svg = flame_svg(lines, count, title, unit_name);
	int r = file_write(path, svg, strlen(svg), 0644);

	if (r < 0)
		die(1, "%s: %s", path, strerror(-r));
	free(svg);
	warn("%zu call chains, as a flame graph in %s", count, path);
}

void stacks_report(struct tool *t, const char *program, uint64_t unit, const char *unit_name, const char *title)
{
	const struct bpf_loaded_program *p = bpf_program(&t->loaded, program);
	const char *svg = args_value(t->args, "svg");
	char *part = xasprintf("%s.bpf.debug", vm_string(t->call.vm, "image"));
	struct report r = {.t = t, .app = args_flag(t->args, "app")};
	struct flame_line *lines;
	size_t count;

	/* Else the report would report itself. */
	bpf_must(&t->call, NULL, NULL, "detach", "program", p->id, NULL);
	if (symbols_load(part, &r.part) < 0)
		r.part = NULL;
	tool_map(t, "sums", on_sum, &r);
	tool_map(t, "stacks", on_chain, &r);
	lines = fold_all(&r, unit, &count);
	if (t->json)
		print_json(&r, lines, count, unit_name);
	for (size_t i = 0; !t->json && !svg && i < count; i++)
		if (lines[i].amount)
			printf("%s %" PRIu64 "\n", lines[i].frames, lines[i].amount);
	fflush(stdout);
	if (svg)
		write_svg(lines, count, svg, title, unit_name);
	for (size_t i = 0; i < count; i++)
		free(lines[i].frames);
	free(lines);
	free(r.sums);
	free(r.chains);
	symbols_free(r.part);
	free(part);
}
