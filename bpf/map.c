/* pure */
/*
 * map.c: what all kinds of maps have in common: creation, references, memory accounting, and the owner's side with its
 * checks. A kind's own behaviour is in its file (map_array.c, ...).
 */
#include "bpf/map.h"

#include "bpf/map_impl.h"
#include "lib/errno.h"
#include "lib/str.h"

void *bpf_mem_alloc(struct bpf_mem *mem, size_t size)
{
	void *p;

	if (size > mem->budget || mem->used > mem->budget - size)
		return NULL;
	p = mem->alloc(mem, size);
	if (p)
		mem->used += size;
	return p;
}

void bpf_mem_free(struct bpf_mem *mem, void *p, size_t size)
{
	if (!p)
		return;
	mem->used -= size;
	mem->free(mem, p, size);
}

const struct bpf_map_ops *bpf_map_ops_of(uint32_t type)
{
	static const struct bpf_map_ops *const kinds[] = {
		[BPF_MAP_TYPE_HASH] = &bpf_hash_ops,
		[BPF_MAP_TYPE_ARRAY] = &bpf_array_ops,
		[BPF_MAP_TYPE_PROG_ARRAY] = &bpf_prog_array_ops,
		[BPF_MAP_TYPE_PERF_EVENT_ARRAY] = &bpf_event_array_ops,
		[BPF_MAP_TYPE_PERCPU_HASH] = &bpf_hash_ops,
		[BPF_MAP_TYPE_PERCPU_ARRAY] = &bpf_array_ops,
		[BPF_MAP_TYPE_STACK_TRACE] = &bpf_stack_trace_ops,
		[BPF_MAP_TYPE_LRU_HASH] = &bpf_lru_hash_ops,
		[BPF_MAP_TYPE_LRU_PERCPU_HASH] = &bpf_lru_hash_ops,
		[BPF_MAP_TYPE_LPM_TRIE] = &bpf_lpm_ops,
		[BPF_MAP_TYPE_ARRAY_OF_MAPS] = &bpf_array_of_maps_ops,
		[BPF_MAP_TYPE_HASH_OF_MAPS] = &bpf_hash_of_maps_ops,
		[BPF_MAP_TYPE_QUEUE] = &bpf_queue_ops,
		[BPF_MAP_TYPE_STACK] = &bpf_stack_ops,
		[BPF_MAP_TYPE_RINGBUF] = &bpf_ringbuf_ops,
	};

	return type < sizeof(kinds) / sizeof(kinds[0]) ? kinds[type] : NULL;
}

/* bpftool's names, which are those of the numbers in lower case. */
const char *bpf_map_type_name(uint32_t type)
{
	static const char *const names[BPF_MAP_TYPE_MAX_KNOWN] = {
		"unspec", "hash", "array", "prog_array", "perf_event_array", "percpu_hash", "percpu_array", "stack_trace",
		"cgroup_array", "lru_hash", "lru_percpu_hash", "lpm_trie", "array_of_maps", "hash_of_maps", "devmap",
		"sockmap", "cpumap", "xskmap", "sockhash", "cgroup_storage", "reuseport_sockarray",
		"percpu_cgroup_storage", "queue", "stack", "sk_storage", "devmap_hash", "struct_ops", "ringbuf",
		"inode_storage", "task_storage", "bloom_filter", "user_ringbuf", "cgrp_storage",
	};

	return type < BPF_MAP_TYPE_MAX_KNOWN ? names[type] : NULL;
}

int bpf_map_create(const struct bpf_map_def *def, struct bpf_mem *mem, struct bpf_map **ret_map)
{
	const struct bpf_map_ops *ops = bpf_map_ops_of(def->type);
	struct bpf_map *map;
	int r;

	if (!ops)
		return -EINVAL;
	/* Linux, kernel/bpf/syscall.c, bpf_map_flags_access_ok(). */
	if ((def->map_flags & BPF_F_RDONLY_PROG) && (def->map_flags & BPF_F_WRONLY_PROG))
		return -EINVAL;
	if ((def->map_flags & BPF_F_RDONLY) && (def->map_flags & BPF_F_WRONLY))
		return -EINVAL;
	if ((def->type == BPF_MAP_TYPE_ARRAY_OF_MAPS || def->type == BPF_MAP_TYPE_HASH_OF_MAPS) != (def->inner != NULL))
		return -EINVAL;
	/* bpf_map_meta_alloc() and map_meta_equal: neither maps of maps nor program arrays are inner ones. */
	if (def->inner && (def->inner->inner || def->inner->type == BPF_MAP_TYPE_PROG_ARRAY))
		return -ENOTSUPP;
	r = ops->check(def);
	if (r < 0)
		return r;
	map = bpf_mem_alloc(mem, sizeof(*map));
	if (!map)
		return -ENOMEM;
	map->ops = ops;
	map->type = def->type;
	map->key_size = def->key_size;
	map->value_size = def->value_size;
	map->max_entries = def->max_entries;
	map->map_flags = def->map_flags;
	map->elem_size = (uint32_t)(((uint64_t)def->value_size + 7) & ~7ull);
	map->mem = mem;
	map->refs = 1;
	if (def->name)
		for (size_t i = 0; i < BPF_MAP_NAME_SIZE - 1 && def->name[i]; i++)
			map->name[i] = def->name[i];
	r = ops->init(map);
	if (r < 0) {
		bpf_mem_free(mem, map, sizeof(*map));
		return r;
	}
	map->inner = def->inner;
	if (map->inner)
		bpf_map_get(map->inner);
	*ret_map = map;
	return 0;
}

void bpf_map_put(struct bpf_map *map)
{
	struct bpf_map *inner;

	if (--map->refs)
		return;
	inner = map->inner;
	map->ops->fini(map);
	bpf_mem_free(map->mem, map, sizeof(*map));
	/* A template holds no maps itself, so this goes one level deep. */
	if (inner)
		bpf_map_put(inner);
}

static bool may_read(const struct bpf_map *map)
{
	return !(map->map_flags & BPF_F_WRONLY);
}

static bool may_write(const struct bpf_map *map)
{
	return !(map->map_flags & BPF_F_RDONLY) && !map->frozen;
}

int bpf_map_lookup(struct bpf_map *map, const void *key, void *ret_value)
{
	const void *value;

	if (!may_read(map))
		return -EPERM;
	if (map->ops->peek)
		return key ? -EINVAL : map->ops->peek(map, ret_value);
	if (!map->ops->look)
		return -ENOTSUPP;
	value = map->ops->look(map, key);
	if (!value)
		return -ENOENT;
	memcpy(ret_value, value, map->value_size);
	return 0;
}

int bpf_map_update(struct bpf_map *map, const void *key, const void *value, uint64_t flags)
{
	int r;

	if (!may_write(map))
		return -EPERM;
	if (map->ops->push)
		return key ? -EINVAL : bpf_map_push(map, value, flags);
	if (!map->ops->update)
		return -ENOTSUPP;
	if (!bpf_map_enter(map))
		return -EBUSY;
	r = map->ops->update(map, key, value, flags);
	bpf_map_leave(map);
	return r;
}

int bpf_map_delete(struct bpf_map *map, const void *key)
{
	int r;

	if (!may_write(map))
		return -EPERM;
	if (!map->ops->remove)
		return -ENOTSUPP;
	if (!bpf_map_enter(map))
		return -EBUSY;
	r = map->ops->remove(map, key);
	bpf_map_leave(map);
	return r;
}

int bpf_map_next_key(struct bpf_map *map, const void *key, void *ret_next)
{
	if (!may_read(map))
		return -EPERM;
	if (!map->ops->next_key)
		return -ENOTSUPP;
	return map->ops->next_key(map, key, ret_next);
}

int bpf_map_push(struct bpf_map *map, const void *value, uint64_t flags)
{
	int r;

	if (!may_write(map))
		return -EPERM;
	if (!map->ops->push)
		return -ENOTSUPP;
	if (!bpf_map_enter(map))
		return -EBUSY;
	r = map->ops->push(map, value, flags);
	bpf_map_leave(map);
	return r;
}

int bpf_map_pop(struct bpf_map *map, void *ret_value)
{
	int r;

	if (!may_write(map) || !may_read(map))
		return -EPERM;
	if (!map->ops->pop)
		return -ENOTSUPP;
	if (!bpf_map_enter(map))
		return -EBUSY;
	r = map->ops->pop(map, ret_value);
	bpf_map_leave(map);
	return r;
}

int bpf_map_peek(struct bpf_map *map, void *ret_value)
{
	if (!may_read(map))
		return -EPERM;
	return map->ops->peek ? map->ops->peek(map, ret_value) : -ENOTSUPP;
}

int bpf_map_freeze(struct bpf_map *map)
{
	if (map->frozen)
		return -EBUSY;
	map->frozen = 1;
	return 0;
}

int bpf_map_set_object(struct bpf_map *map, const void *key, void *object, uint64_t flags)
{
	int r;

	if (!map->ops->set_object)
		return -ENOTSUPP;
	if (!bpf_map_enter(map))
		return -EBUSY;
	r = map->ops->set_object(map, key, object, flags);
	bpf_map_leave(map);
	return r;
}

void *bpf_map_get_object(struct bpf_map *map, const void *key)
{
	return map->ops->get_object ? map->ops->get_object(map, key) : NULL;
}

/* Linux, kernel/bpf/map_in_map.c, bpf_map_meta_equal(), and array_map_meta_equal(). */
bool bpf_map_same_shape(const struct bpf_map *template, const struct bpf_map *inner)
{
	return template->type == inner->type && template->key_size == inner->key_size &&
	       template->value_size == inner->value_size && template->map_flags == inner->map_flags &&
	       (inner->type != BPF_MAP_TYPE_ARRAY || (inner->map_flags & BPF_F_INNER_MAP) ||
	        template->max_entries == inner->max_entries);
}

/* Only an array of one value has an address in Linux (array_map_direct_value_addr()). */
int bpf_map_value_address(const struct bpf_map *map, uint32_t offset, uint64_t *ret_address)
{
	if (map->type != BPF_MAP_TYPE_ARRAY || map->max_entries != 1 || offset >= map->value_size)
		return -EINVAL;
	*ret_address = (uint64_t)map->values + offset;
	return 0;
}
