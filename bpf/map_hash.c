/* pure */
/* map_hash.c: BPF_MAP_TYPE_HASH, LRU_HASH, their per-CPU forms, and HASH_OF_MAPS, over the table of map_hash_table.c. */
#include "bpf/map_hash.h"

#include "bpf/prog.h"
#include "lib/errno.h"
#include "lib/str.h"

static bool is_lru(uint32_t type)
{
	return type == BPF_MAP_TYPE_LRU_HASH || type == BPF_MAP_TYPE_LRU_PERCPU_HASH;
}

/* Linux, kernel/bpf/hashtab.c, htab_map_alloc_check(). */
static int hash_check(const struct bpf_map_def *def)
{
	uint32_t flags = MAP_ACCESS_FLAGS | BPF_F_ZERO_SEED | BPF_F_NO_PREALLOC;

	if (is_lru(def->type)) {
		flags |= BPF_F_NO_COMMON_LRU;
		if (def->map_flags & BPF_F_NO_PREALLOC)
			return -ENOTSUPP;
	}
	if (def->map_flags & ~flags)
		return -EINVAL;
	if (def->max_entries == 0 || def->key_size == 0 || def->value_size == 0)
		return -EINVAL;
	if (def->type == BPF_MAP_TYPE_HASH_OF_MAPS && def->value_size != 4)
		return -EINVAL;
	/* A key has to fit on a program's stack. */
	if (def->key_size > MAX_BPF_STACK || def->value_size > MAP_VALUE_MAX || def->max_entries > 1u << 31)
		return -E2BIG;
	return 0;
}

void *bpf_hash_look(struct bpf_map *map, const void *key)
{
	struct hash_elem *elem = bpf_hash_find(map, key);

	return elem ? hash_value(map->impl, elem) : NULL;
}

static void *lru_lookup(struct bpf_map *map, const void *key)
{
	struct hash_elem *elem = bpf_hash_find(map, key);

	if (!elem)
		return NULL;
	elem->referenced = true;
	return hash_value(map->impl, elem);
}

/* The element for an update with FLAGS, there already or new. */
static int elem_for_update(struct bpf_map *map, const void *key, uint64_t flags, struct hash_elem **ret_elem)
{
	struct hash_elem *elem;

	if (flags > BPF_EXIST)
		return -EINVAL;
	elem = bpf_hash_find(map, key);
	if (elem) {
		if (flags == BPF_NOEXIST)
			return -EEXIST;
		*ret_elem = elem;
		return 0;
	}
	if (flags == BPF_EXIST)
		return -ENOENT;
	if (is_lru(map->type) && hash_of(map)->count == map->max_entries)
		bpf_lru_evict(map);
	return bpf_hash_add(map, key, ret_elem);
}

int bpf_hash_update(struct bpf_map *map, const void *key, const void *value, uint64_t flags)
{
	struct hash_elem *elem;
	int r = elem_for_update(map, key, flags, &elem);

	if (r < 0)
		return r;
	hash_copy(hash_value(map->impl, elem), value, map->value_size);
	return 0;
}

int bpf_hash_remove(struct bpf_map *map, const void *key)
{
	struct hash_elem *elem = bpf_hash_find(map, key);

	if (!elem)
		return -ENOENT;
	bpf_hash_drop(map, elem);
	return 0;
}

const struct bpf_map_ops bpf_hash_ops = {
	.name = "hash",
	.check = hash_check,
	.init = bpf_hash_init,
	.fini = bpf_hash_fini,
	.lookup = bpf_hash_look,
	.look = bpf_hash_look,
	.update = bpf_hash_update,
	.remove = bpf_hash_remove,
	.next_key = bpf_hash_next_key,
	.for_each = bpf_hash_for_each,
};

const struct bpf_map_ops bpf_lru_hash_ops = {
	.name = "lru_hash",
	.check = hash_check,
	.init = bpf_hash_init,
	.fini = bpf_hash_fini,
	.lookup = lru_lookup,
	.look = bpf_hash_look,
	.update = bpf_hash_update,
	.remove = bpf_hash_remove,
	.next_key = bpf_hash_next_key,
	.for_each = bpf_hash_for_each,
};

/* Maps as values: an element's value is the address of a map, referenced. */

static void *inner_of(struct bpf_map *map, const void *key)
{
	struct bpf_map **value = bpf_hash_look(map, key);

	return value ? *value : NULL;
}

static int inner_remove(struct bpf_map *map, const void *key)
{
	struct hash_elem *elem = bpf_hash_find(map, key);
	struct bpf_map *inner;

	if (!elem)
		return -ENOENT;
	inner = *(struct bpf_map **)hash_value(map->impl, elem);
	bpf_hash_drop(map, elem);
	bpf_map_put(inner);
	return 0;
}

static int inner_set(struct bpf_map *map, const void *key, void *object, uint64_t flags)
{
	struct hash_elem *elem;
	struct bpf_map **value, *old;
	bool there;
	int r;

	if (!object)
		return inner_remove(map, key);
	if (!bpf_map_same_shape(map->inner, object))
		return -EINVAL;
	there = bpf_hash_find(map, key) != NULL;
	r = elem_for_update(map, key, flags, &elem);
	if (r < 0)
		return r;
	value = hash_value(map->impl, elem);
	old = there ? *value : NULL;
	bpf_map_get(object);
	*value = object;
	if (old)
		bpf_map_put(old);
	return 0;
}

static uint64_t put_inner(void *arg, struct bpf_map *map, const void *key, void *value)
{
	bpf_map_put(*(struct bpf_map **)value);
	return 0;
}

static void inner_fini(struct bpf_map *map)
{
	uint64_t count;

	bpf_hash_for_each(map, put_inner, NULL, &count);
	bpf_hash_fini(map);
}

const struct bpf_map_ops bpf_hash_of_maps_ops = {
	.name = "hash_of_maps",
	.check = hash_check,
	.init = bpf_hash_init,
	.fini = inner_fini,
	.lookup = inner_of,
	.remove = inner_remove,
	.next_key = bpf_hash_next_key,
	.set_object = inner_set,
	.get_object = inner_of,
};
