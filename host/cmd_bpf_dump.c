/*
 * cmd_bpf_dump.c: uio bpf map dump: a map's keys and values, by the types that its object has for them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/map.h"
#include "host/btf_print.h"
#include "host/cmd_bpf.h"
#include "host/util.h"

struct dump {
	bool json, raw;
	uint32_t key_type, value_type; /* 0: not known */
	char *btf_bytes;
	size_t btf_size;
	struct btf btf;
	bool typed;
	uint32_t *offsets; /* of the variables of a section */
	uint32_t offset_count;
	char *key, *value; /* hexadecimal digits of the entry that is coming in; NULL: none */
};

static void *take(struct bpf_mem *mem, size_t size)
{
	return xcalloc(1, size);
}

static void give(struct bpf_mem *mem, void *p, size_t size)
{
	free(p);
}

static struct bpf_mem memory = {.alloc = take, .free = give, .budget = SIZE_MAX};

static void on_types(const struct msg_event *row, void *arg)
{
	struct dump *d = arg;
	const char *hex = bpf_text(row, "data");
	size_t n = strlen(hex) / 2;

	if (strcmp(row->name, "types") == 0) {
		d->key_type = (uint32_t)bpf_number(row, "key");
		d->value_type = (uint32_t)bpf_number(row, "value");
	} else if (strcmp(row->name, "variable") == 0) {
		d->offsets = xrealloc(d->offsets, (d->offset_count + 1) * sizeof(d->offsets[0]));
		d->offsets[d->offset_count++] = (uint32_t)bpf_number(row, "offset");
	} else if (strcmp(row->name, "btf") == 0) {
		d->btf_bytes = xrealloc(d->btf_bytes, d->btf_size + n);
		d->btf_size += bpf_bytes(hex, d->btf_bytes + d->btf_size, n);
	}
}

/* Compilers leave the offsets of variables out: they come from the symbols. */
static void place_variables(struct dump *d)
{
	const struct btf_type *sec = btf_type(&d->btf, d->value_type);
	struct btf_var_secinfo *vars = (struct btf_var_secinfo *)((char *)d->btf_bytes +
								  ((const char *)btf_body(sec) - d->btf_bytes));

	if (btf_kind(sec) != BTF_KIND_DATASEC)
		return;
	for (uint32_t i = 0; i < btf_vlen(sec) && i < d->offset_count; i++)
		vars[i].offset = d->offsets[i];
}

/* By its type, or null: the digits have to do. */
static cJSON *formatted(const struct dump *d, uint32_t type, const char *hex)
{
	size_t n = strlen(hex) / 2;
	uint8_t *bytes;
	cJSON *v;

	if (!d->typed || !type)
		return NULL;
	bytes = xcalloc(n + 1, 1);
	bpf_bytes(hex, bytes, n);
	v = btf_print(&d->btf, type, bytes, n);
	free(bytes);
	/* A section of nothing but what has no name. */
	if (cJSON_IsObject(v) && !v->child) {
		cJSON_Delete(v);
		v = NULL;
	}
	return v;
}

static void print_text(const char *hex, const cJSON *v)
{
	char *text = v ? cJSON_PrintUnformatted(v) : NULL;

	fputs(text ? text : hex, stdout);
	cJSON_free(text);
}

/* The entry is complete. */
static void finish(struct dump *d)
{
	cJSON *key, *value;

	if (!d->key)
		return;
	key = d->raw ? NULL : formatted(d, d->key_type, d->key);
	value = d->raw ? NULL : formatted(d, d->value_type, d->value);
	if (d->json) {
		cJSON *o = cJSON_CreateObject(), *both;

		cJSON_AddStringToObject(o, "row", "entry");
		cJSON_AddStringToObject(o, "key", d->key);
		cJSON_AddStringToObject(o, "value", d->value);
		if (key || value) {
			both = cJSON_AddObjectToObject(o, "formatted");
			cJSON_AddItemToObject(both, "key", key ? key : cJSON_CreateString(d->key));
			cJSON_AddItemToObject(both, "value", value ? value : cJSON_CreateString(d->value));
			key = value = NULL;
		}
		print_text("", o);
		cJSON_Delete(o);
	} else {
		print_text(d->key, key);
		fputs("  ", stdout);
		print_text(d->value, value);
	}
	putchar('\n');
	cJSON_Delete(key);
	cJSON_Delete(value);
	free(d->key);
	free(d->value);
	d->key = d->value = NULL;
}

/* "entry", then "more" rows with the rest of a value that is too long for one. */
static void on_entry(const struct msg_event *row, void *arg)
{
	struct dump *d = arg;

	if (strcmp(row->name, "more") == 0 && d->value) {
		char *longer = xasprintf("%s%s", d->value, bpf_text(row, "value"));

		free(d->value);
		d->value = longer;
	} else if (strcmp(row->name, "entry") == 0) {
		finish(d);
		d->key = xstrdup(bpf_text(row, "key"));
		d->value = xstrdup(bpf_text(row, "value"));
	}
}

void bpf_map_dump(struct bpf_command *c, const char *id)
{
	struct dump d = {.json = c->json, .raw = args_flag(c->args, "raw")};
	const char *why;

	if (!d.raw)
		bpf_must(&c->call, on_types, &d, "map-types", "map", id, NULL);
	d.typed = d.btf_bytes && btf_open(d.btf_bytes, d.btf_size, &memory, &d.btf, &why) == 0;
	if (d.typed)
		place_variables(&d);
	bpf_must(&c->call, on_entry, &d, "map-dump", "map", id, NULL);
	finish(&d);
	if (d.typed)
		btf_close(&d.btf);
	free(d.btf_bytes);
	free(d.offsets);
}
