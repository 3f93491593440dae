/* pure */
/* map_objects.c: BPF_MAP_TYPE_PROG_ARRAY and ARRAY_OF_MAPS: arrays of references. Hashes of maps are in map_hash.c. */
#include "bpf/map_impl.h"
#include "bpf/prog.h"
#include "lib/errno.h"

static size_t size_of(const struct bpf_map *map)
{
	return (size_t)map->max_entries * sizeof(void *);
}

static int objects_check(const struct bpf_map_def *def)
{
	if (def->max_entries == 0 || def->key_size != 4 || def->value_size != 4 || (def->map_flags & ~MAP_ACCESS_FLAGS))
		return -EINVAL;
	return 0;
}

static int objects_init(struct bpf_map *map)
{
	/* Compiled tail calls read this array (jit_call.c). */
	map->impl = bpf_mem_alloc(map->mem, size_of(map));
	return map->impl ? 0 : -ENOMEM;
}

static void **slot_of(struct bpf_map *map, const void *key)
{
	uint32_t index = map_index(key);

	return index < map->max_entries ? (void **)map->impl + index : NULL;
}

static void *get_object(struct bpf_map *map, const void *key)
{
	void **slot = slot_of(map, key);

	return slot ? *slot : NULL;
}

static void put_object(struct bpf_map *map, void *object)
{
	if (object && map->type == BPF_MAP_TYPE_PROG_ARRAY)
		bpf_prog_put(object);
	else if (object)
		bpf_map_put(object);
}

static int set_object(struct bpf_map *map, const void *key, void *object, uint64_t flags)
{
	void **slot = slot_of(map, key);
	void *old;

	if (flags != BPF_ANY)
		return -EINVAL;
	if (!slot)
		return -E2BIG;
	old = *slot;
	if (!object && !old)
		return -ENOENT;
	if (object && map->type != BPF_MAP_TYPE_PROG_ARRAY) {
		if (!bpf_map_same_shape(map->inner, object))
			return -EINVAL;
		bpf_map_get(object);
	} else if (object) {
		bpf_prog_get(object);
	}
	*slot = object;
	put_object(map, old);
	return 0;
}

static int objects_remove(struct bpf_map *map, const void *key)
{
	return set_object(map, key, NULL, BPF_ANY);
}

static void objects_fini(struct bpf_map *map)
{
	for (uint32_t i = 0; i < map->max_entries; i++)
		put_object(map, ((void **)map->impl)[i]);
	bpf_mem_free(map->mem, map->impl, size_of(map));
}

const struct bpf_map_ops bpf_array_of_maps_ops = {
	.name = "array_of_maps",
	.check = objects_check,
	.init = objects_init,
	.fini = objects_fini,
	.lookup = get_object,
	.remove = objects_remove,
	.next_key = bpf_index_next_key,
	.set_object = set_object,
	.get_object = get_object,
};

const struct bpf_map_ops bpf_prog_array_ops = {
	.name = "prog_array",
	.check = objects_check,
	.init = objects_init,
	.fini = objects_fini,
	.remove = objects_remove,
	.next_key = bpf_index_next_key,
	.set_object = set_object,
	.get_object = get_object,
};
