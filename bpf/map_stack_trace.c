/* pure */
/* map_stack_trace.c: see bpf/stack_trace.h. A chain's number is its place, and that its hash. */
#include "bpf/stack_trace.h"

#include "bpf/map_impl.h"
#include "lib/errno.h"
#include "lib/str.h"

struct chain {
	uint32_t hash;
	uint32_t count; /* addresses; 0: nothing here */
	uint64_t ips[];
};

struct chains {
	uint32_t mask; /* number of places less one */
	uint32_t stride;
	uint8_t places[] __attribute__((aligned(8)));
};

/* Linux, kernel/bpf/stackmap.c, stack_map_alloc(). Build ids are not supported. */
static int chains_check(const struct bpf_map_def *def)
{
	if (def->max_entries == 0 || def->max_entries > 1u << 31 || def->key_size != 4 || def->value_size < 8 ||
	    def->value_size % 8 || def->value_size / 8 > BPF_MAX_STACK_DEPTH || (def->map_flags & ~MAP_ACCESS_FLAGS))
		return -EINVAL;
	return 0;
}

static size_t chains_size(const struct bpf_map *map, uint32_t mask)
{
	return sizeof(struct chains) + ((size_t)mask + 1) * (sizeof(struct chain) + map->value_size);
}

static int chains_init(struct bpf_map *map)
{
	struct chains *c;
	uint32_t mask = 0;

	while (mask < map->max_entries - 1)
		mask = mask * 2 + 1;
	c = bpf_mem_alloc(map->mem, chains_size(map, mask));
	if (!c)
		return -ENOMEM;
	c->mask = mask;
	c->stride = (uint32_t)sizeof(struct chain) + map->value_size;
	map->impl = c;
	return 0;
}

static void chains_fini(struct bpf_map *map)
{
	struct chains *c = map->impl;

	bpf_mem_free(map->mem, c, chains_size(map, c->mask));
}

/* The place ID, or null if there is none. */
static struct chain *place(const struct bpf_map *map, uint32_t id)
{
	struct chains *c = map->impl;

	return id <= c->mask ? (struct chain *)(c->places + (size_t)id * c->stride) : NULL;
}

static uint32_t hash_ips(const struct bpf_map *map, const uint64_t *ips, uint32_t count)
{
	uint64_t v = map->mem->seed;

	for (uint32_t i = 0; i < count; i++) {
		v = (v ^ ips[i]) * 0x9e3779b97f4a7c15;
		v ^= v >> 32;
	}
	return (uint32_t)v;
}

/* Puts COUNT addresses, as many as fit, into their place. */
static int64_t put(struct bpf_map *map, const uint64_t *ips, uint32_t count, uint64_t flags)
{
	struct chains *c = map->impl;
	uint32_t hash = hash_ips(map, ips, count);
	uint32_t id = hash & c->mask;
	struct chain *chain = place(map, id);

	if (chain->count) {
		bool same = chain->hash == hash &&
		            ((flags & BPF_F_FAST_STACK_CMP) ||
		             (chain->count == count && memcmp(chain->ips, ips, count * 8ul) == 0));

		if (same)
			return id;
		if (!(flags & BPF_F_REUSE_STACKID))
			return -EEXIST;
	}
	memset(chain->ips, 0, map->value_size);
	memcpy(chain->ips, ips, count * 8ul);
	chain->hash = hash;
	chain->count = count;
	return id;
}

int64_t bpf_stack_trace_put(struct bpf_map *map, const uint64_t *ips, uint32_t count, uint64_t flags)
{
	int64_t id;

	if (flags & ~(BPF_F_SKIP_FIELD_MASK | BPF_F_USER_STACK | BPF_F_FAST_STACK_CMP | BPF_F_REUSE_STACKID))
		return -EINVAL;
	if (count == 0)
		return -EFAULT;
	if (count > map->value_size / 8)
		count = map->value_size / 8;
	if (!bpf_map_enter(map))
		return -EBUSY;
	id = put(map, ips, count, flags);
	bpf_map_leave(map);
	return id;
}

static void *chains_look(struct bpf_map *map, const void *key)
{
	struct chain *chain = place(map, map_index(key));

	return chain && chain->count ? chain->ips : NULL;
}

static int chains_update(struct bpf_map *map, const void *key, const void *value, uint64_t flags)
{
	return -EINVAL;
}

static int chains_remove(struct bpf_map *map, const void *key)
{
	struct chain *chain = place(map, map_index(key));

	if (!chain)
		return -E2BIG;
	if (!chain->count)
		return -ENOENT;
	chain->count = 0;
	return 0;
}

static int chains_next_key(struct bpf_map *map, const void *key, void *ret_next)
{
	struct chains *c = map->impl;
	uint32_t id = 0;

	if (key && map_index(key) <= c->mask && place(map, map_index(key))->count)
		id = map_index(key) + 1;
	for (; id <= c->mask; id++) {
		if (place(map, id)->count) {
			map_set_index(ret_next, id);
			return 0;
		}
	}
	return -ENOENT;
}

const struct bpf_map_ops bpf_stack_trace_ops = {
	.name = "stack_trace",
	.check = chains_check,
	.init = chains_init,
	.fini = chains_fini,
	.look = chains_look,
	.update = chains_update,
	.remove = chains_remove,
	.next_key = chains_next_key,
};
