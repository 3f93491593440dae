/*
 * tool_data.c: what a tool's program has gathered: maps, addresses as names, histograms. See tool.h.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/tool.h"
#include "host/util.h"

#define KEY_MAX	  512
#define VALUE_MAX 4096
#define BAR	  40

struct search {
	const struct tool *t;
	const char *name;
	char id[16];
	size_t key_size, value_size;
};

static void on_map(const struct msg_event *row, void *arg)
{
	struct search *s = arg;

	if (strcmp(bpf_text(row, "object"), s->t->loaded.object) != 0 || strcmp(bpf_text(row, "name"), s->name) != 0)
		return;
	snprintf(s->id, sizeof(s->id), "%s", bpf_text(row, "id"));
	s->key_size = bpf_number(row, "key_size");
	s->value_size = bpf_number(row, "value_size");
}

static void find_map(struct tool *t, const char *map, struct search *ret)
{
	*ret = (struct search){.t = t, .name = map};
	bpf_must(&t->call, on_map, ret, "maps", NULL);
	if (!ret->id[0])
		die(EXIT_UIO, "%s.bpf.o has no map '%s'", t->name, map);
}

struct dump {
	tool_entry entry;
	void *context;
};

static void on_entry(const struct msg_event *row, void *arg)
{
	static uint8_t key[KEY_MAX] __attribute__((aligned(8))), value[VALUE_MAX] __attribute__((aligned(8)));
	struct dump *d = arg;
	size_t key_size, value_size;

	if (strcmp(row->name, "entry") != 0)
		return;
	key_size = bpf_bytes(bpf_text(row, "key"), key, sizeof(key));
	value_size = bpf_bytes(bpf_text(row, "value"), value, sizeof(value));
	d->entry(d->context, key, key_size, value, value_size);
}

void tool_map(struct tool *t, const char *map, tool_entry entry, void *context)
{
	struct dump d = {entry, context};
	struct search s;

	find_map(t, map, &s);
	bpf_must(&t->call, on_entry, &d, "map-dump", "map", s.id, NULL);
}

struct global {
	struct tool_variable v;
	uint64_t value;
};

static void on_section(void *context, const void *key, size_t key_size, const void *value, size_t value_size)
{
	struct global *g = context;

	if (g->v.offset <= value_size && g->v.size <= value_size - g->v.offset)
		memcpy(&g->value, (const char *)value + g->v.offset, g->v.size);
}

uint64_t tool_value(struct tool *t, const char *variable)
{
	struct global g = {tool_find_variable(t, variable), 0};

	if (g.v.size > sizeof(g.value))
		die(EXIT_UIO, "%s.bpf.o: '%s' is no integer", t->name, variable);
	tool_map(t, g.v.section, on_section, &g);
	return g.value;
}

void tool_map_delete(struct tool *t, const char *map, const void *key, size_t key_size)
{
	char hex[2 * KEY_MAX + 1], *text;
	struct search s;

	find_map(t, map, &s);
	for (size_t i = 0; i < key_size && i < KEY_MAX; i++)
		snprintf(hex + 2 * i, 3, "%02x", ((const uint8_t *)key)[i]);
	if (bpf_request(&t->call, NULL, NULL, &text, "map-delete", "map", s.id, "key", hex, NULL) < 0)
		free(text);
}

const char *tool_symbol(const struct tool *t, uint64_t address)
{
	const struct symbol *s = symbols_at(t->loaded.symbols, address);
	static char text[32];

	if (s)
		return s->name;
	snprintf(text, sizeof(text), "0x%" PRIx64, address);
	return text;
}

const char *tool_symbol_offset(const struct tool *t, uint64_t address)
{
	const struct symbol *s = symbols_at(t->loaded.symbols, address);
	static char text[256];

	if (!s || s->address == address)
		return tool_symbol(t, address);
	snprintf(text, sizeof(text), "%s+0x%" PRIx64, s->name, address - s->address);
	return text;
}

void tool_json(cJSON *json)
{
	char *line = cJSON_PrintUnformatted(json);

	puts(line);
	fflush(stdout);
	cJSON_free(line);
	cJSON_Delete(json);
}

static uint64_t slot_from(size_t i)
{
	return i ? 1ull << i : 0;
}

static uint64_t slot_to(size_t i)
{
	return i < 63 ? (1ull << (i + 1)) - 1 : UINT64_MAX;
}

void tool_histogram(const uint64_t *slots, size_t count, const char *unit)
{
	size_t first = count, last = 0;
	uint64_t most = 0;
	int width;

	for (size_t i = 0; i < count; i++) {
		if (!slots[i])
			continue;
		first = i < first ? i : first;
		last = i;
		most = slots[i] > most ? slots[i] : most;
	}
	if (!most) {
		printf("(nothing)\n");
		return;
	}
	/* Large numbers get wider columns, as with bcc. */
	width = last < 32 ? 10 : 20;
	printf("%*s : %-10s distribution\n", 2 * width + 4, unit, "count");
	for (size_t i = first > 0 && last - first < 8 ? first - 1 : first; i <= last; i++) {
		int stars = (int)((double)slots[i] * BAR / (double)most);

		printf("%*" PRIu64 " -> %-*" PRIu64 " : %-10" PRIu64 " |%.*s%*s|\n", width, slot_from(i), width,
		       slot_to(i), slots[i], stars, "****************************************", BAR - stars, "");
	}
}

cJSON *tool_histogram_json(const uint64_t *slots, size_t count)
{
	cJSON *list = cJSON_CreateArray();

	for (size_t i = 0; i < count; i++) {
		cJSON *o;

		if (!slots[i])
			continue;
		o = cJSON_CreateObject();
		cJSON_AddNumberToObject(o, "from", (double)slot_from(i));
		cJSON_AddNumberToObject(o, "to", (double)slot_to(i));
		cJSON_AddNumberToObject(o, "count", (double)slots[i]);
		cJSON_AddItemToArray(list, o);
	}
	return list;
}
