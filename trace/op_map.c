/* op_map.c: requests about maps: listed, dumped, changed. Keys and values are hexadecimal digits in memory's order. */
#include "kernel/kmem.h"
#include "lib/fmt.h"
#include "overlay/session.h"
#include "trace/load.h"
#include "trace/request.h"

#define BYTES_MAX 2048 /* of a key or a value that is sent in one row */

static int find_map(struct query *q, uint32_t *ret_id, struct bpf_map **ret)
{
	uint64_t id;
	int r = query_number(q, "map", &id);

	if (r < 0)
		return r;
	*ret = load_find_map((uint32_t)id);
	*ret_id = (uint32_t)id;
	if (*ret)
		return 0;
	fmt_snprintf(q->error, sizeof(q->error), "there is no map %lu", id);
	return -ENOENT;
}

static void list_one(const struct query *q, const struct loaded *l, uint32_t i)
{
	const struct bpf_object_map *m = &l->object->maps[i];
	struct row r;

	if (!row_start(&r, q->conn, q->id, "map"))
		return;
	row_number(&r, "id", l->first_map + i);
	row_number(&r, "object", l->id);
	row_text(&r, "file", l->name);
	row_text(&r, "name", m->name);
	row_text(&r, "type", m->map ? m->map->ops->name : "?");
	row_number(&r, "key_size", m->def.key_size);
	row_number(&r, "value_size", m->def.value_size);
	row_number(&r, "max_entries", m->def.max_entries);
	row_number(&r, "flags", m->def.map_flags);
	row_number(&r, "frozen", m->frozen);
	row_send(&r);
}

int op_maps(struct query *q)
{
	uint32_t id = 0;

	for (;;) {
		struct loaded *l, *best = NULL;

		/* The object with the next map: sending blocks, and the list changes meanwhile. */
		list_for_each (l, &loaded_all, node)
			if (l->object->map_count && l->first_map + l->object->map_count - 1 > id &&
			    (!best || l->first_map < best->first_map))
				best = l;
		if (!best || ctl_gone(q->conn))
			return 1;
		id = MAX(id + 1, best->first_map);
		list_one(q, best, id - best->first_map);
	}
}

static void tell_entry(const struct query *q, const struct bpf_map *map, const void *key, const void *value)
{
	struct row r;

	if (!row_start(&r, q->conn, q->id, "entry"))
		return;
	row_hex(&r, "key", key, MIN(map->key_size, 512));
	row_hex(&r, "value", value, MIN(map->value_size, BYTES_MAX));
	row_send(&r);
	for (uint32_t at = BYTES_MAX; at < map->value_size && !ctl_gone(q->conn); at += BYTES_MAX) {
		if (!row_start(&r, q->conn, q->id, "more"))
			return;
		row_hex(&r, "value", (const uint8_t *)value + at, MIN(map->value_size - at, BYTES_MAX));
		row_send(&r);
	}
}

/* The object and the place of map ID in it. */
static const struct loaded *owner_of(uint32_t id, uint32_t *ret_place)
{
	const struct loaded *l;

	list_for_each (l, &loaded_all, node)
		if (id >= l->first_map && id - l->first_map < l->object->map_count) {
			*ret_place = id - l->first_map;
			return l;
		}
	return NULL;
}

int op_map_types(struct query *q)
{
	const struct loaded *l;
	struct bpf_map *map;
	uint32_t id, place;
	size_t size;
	struct row row;
	int r = find_map(q, &id, &map);

	if (r < 0)
		return r;
	l = owner_of(id, &place);
	if (l && row_start(&row, q->conn, q->id, "types")) {
		row_number(&row, "key", l->object->maps[place].key_type);
		row_number(&row, "value", l->object->maps[place].value_type);
		row_send(&row);
	}
	for (uint32_t n = 0; (l = owner_of(id, &place)) && !ctl_gone(q->conn); n++) {
		const char *name;
		uint32_t offset;

		if (bpf_object_variable(l->object, place, n, &name, &offset) < 0 ||
		    !row_start(&row, q->conn, q->id, "variable"))
			break;
		row_number(&row, "number", n);
		row_text(&row, "name", name);
		row_number(&row, "offset", offset);
		row_send(&row);
	}
	/* Sending may block, and others may unload it meanwhile: it is looked for again each time. */
	for (size_t at = 0;; at += BYTES_MAX) {
		const uint8_t *types;

		l = owner_of(id, &place);
		types = l ? bpf_object_types(l->object, &size) : NULL;
		if (!types || at >= size || ctl_gone(q->conn) || !row_start(&row, q->conn, q->id, "btf"))
			return 1;
		row_hex(&row, "data", types + at, MIN(size - at, BYTES_MAX));
		row_send(&row);
	}
}

int op_map_dump(struct query *q)
{
	struct bpf_map *map;
	uint8_t *key, *next, *value;
	uint32_t id;
	bool first = true;
	int r = find_map(q, &id, &map);

	if (r < 0)
		return r;
	if (!map->key_size || !map->ops->next_key) {
		fmt_snprintf(q->error, sizeof(q->error), "a map of type %s cannot be listed", map->ops->name);
		return -EOPNOTSUPP;
	}
	bpf_map_get(map);
	key = bpf_mem_alloc(map->mem, 2 * map->key_size + map->value_size);
	next = key + map->key_size;
	value = next + map->key_size;
	r = key ? 0 : -ENOMEM;
	/* A hash whose keys change while it is read may start over: at most so many rows. */
	for (uint64_t left = 2ULL * map->max_entries; r == 0 && left && !ctl_gone(q->conn); left--) {
		int end, gone = -ENOENT;

		trace_running = TRACE_QUIET;
		end = bpf_map_next_key(map, first ? NULL : key, next);
		if (end == 0)
			gone = bpf_map_lookup(map, next, value);
		trace_running = 0;
		if (end < 0)
			break;
		first = false;
		memcpy(key, next, map->key_size);
		if (gone == 0)
			tell_entry(q, map, key, value);
		kernel_relax();
	}
	bpf_mem_free(map->mem, key, 2 * map->key_size + map->value_size);
	bpf_map_put(map);
	return r < 0 ? r : 1;
}

/* "key", "value"; change(): with both. */
static int change(struct query *q, bool remove)
{
	const char *key_text = query_text(q, "key"), *value_text = query_text(q, "value");
	struct bpf_map *map;
	uint8_t *key;
	uint32_t id;
	size_t size;
	int r = find_map(q, &id, &map);

	if (r < 0)
		return r;
	size = map->key_size + map->value_size;
	key = bpf_mem_alloc(map->mem, size);
	if (!key)
		return -ENOMEM;
	trace_running = TRACE_QUIET;
	r = key_text && hex_parse(key_text, key, map->key_size) == 0 &&
			    (remove || (value_text && hex_parse(value_text, key + map->key_size, map->value_size) == 0))
		    ? 0
		    : -EINVAL;
	if (r < 0)
		fmt_snprintf(q->error, sizeof(q->error),
			     "map %u takes keys of %u and values of %u bytes, as hexadecimal digits", id, map->key_size,
			     map->value_size);
	else if (map->type == BPF_MAP_TYPE_PROG_ARRAY || map->inner)
		r = -EPERM;
	else
		r = remove ? bpf_map_delete(map, key) : bpf_map_update(map, key, key + map->key_size, BPF_ANY);
	trace_running = 0;
	bpf_mem_free(map->mem, key, size);
	if (r == 0)
		return 1;
	if (!q->error[0])
		fmt_snprintf(q->error, sizeof(q->error), "map %u: %s", id, session_strerror(r));
	return r;
}

int op_map_update(struct query *q)
{
	return change(q, false);
}

int op_map_delete(struct query *q)
{
	return change(q, true);
}
