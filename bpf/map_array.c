/* pure */
/* map_array.c: BPF_MAP_TYPE_ARRAY and PERCPU_ARRAY: values one after another, all there from the start, all zero. */
#include "bpf/map_impl.h"
#include "lib/errno.h"
#include "lib/str.h"

static uint64_t size_of(const struct bpf_map *map)
{
	return (uint64_t)map->max_entries * map->elem_size;
}

/* Linux, kernel/bpf/arraymap.c, array_map_alloc_check(). */
static int array_check(const struct bpf_map_def *def)
{
	uint32_t flags = MAP_ACCESS_FLAGS | BPF_F_MMAPABLE | BPF_F_INNER_MAP;

	if (def->max_entries == 0 || def->key_size != 4 || def->value_size == 0 || (def->map_flags & ~flags))
		return -EINVAL;
	if (def->type == BPF_MAP_TYPE_PERCPU_ARRAY && (def->map_flags & (BPF_F_MMAPABLE | BPF_F_INNER_MAP)))
		return -EINVAL;
	if (def->value_size > MAP_VALUE_MAX)
		return -E2BIG;
	return 0;
}

static int array_init(struct bpf_map *map)
{
	/* An array is compiled into code with 32-bit multiplication. */
	if (size_of(map) > UINT32_MAX)
		return -E2BIG;
	map->values = bpf_mem_alloc(map->mem, size_of(map));
	return map->values ? 0 : -ENOMEM;
}

static void array_fini(struct bpf_map *map)
{
	bpf_mem_free(map->mem, map->values, size_of(map));
}

static void *array_lookup(struct bpf_map *map, const void *key)
{
	uint32_t index = map_index(key);

	return index < map->max_entries ? map->values + (uint64_t)index * map->elem_size : NULL;
}

static int array_update(struct bpf_map *map, const void *key, const void *value, uint64_t flags)
{
	uint32_t index = map_index(key);

	if (flags > BPF_EXIST)
		return -EINVAL;
	if (index >= map->max_entries)
		return -E2BIG;
	if (flags == BPF_NOEXIST)
		return -EEXIST;
	/* The new value may be this map's own. */
	memmove(map->values + (uint64_t)index * map->elem_size, value, map->value_size);
	return 0;
}

static int array_remove(struct bpf_map *map, const void *key)
{
	return -EINVAL;
}

int bpf_index_next_key(struct bpf_map *map, const void *key, void *ret_next)
{
	uint32_t index = key ? map_index(key) : UINT32_MAX;

	if (index >= map->max_entries) {
		map_set_index(ret_next, 0);
		return 0;
	}
	if (index == map->max_entries - 1)
		return -ENOENT;
	map_set_index(ret_next, index + 1);
	return 0;
}

static uint64_t array_for_each(struct bpf_map *map, bpf_map_visit visit, void *arg, uint64_t *ret_count)
{
	uint64_t count = 0;

	for (uint32_t i = 0; i < map->max_entries; i++) {
		count++;
		if (visit(arg, map, &i, map->values + (uint64_t)i * map->elem_size))
			break;
	}
	*ret_count = count;
	return 0;
}

const struct bpf_map_ops bpf_array_ops = {
	.name = "array",
	.check = array_check,
	.init = array_init,
	.fini = array_fini,
	.lookup = array_lookup,
	.look = array_lookup,
	.update = array_update,
	.remove = array_remove,
	.next_key = bpf_index_next_key,
	.for_each = array_for_each,
};
