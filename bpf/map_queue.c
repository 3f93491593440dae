/* pure */
/* map_queue.c: BPF_MAP_TYPE_QUEUE and STACK: values without keys, a ring of max_entries of them. */
#include "bpf/map_impl.h"
#include "lib/errno.h"
#include "lib/str.h"

struct queue {
	uint32_t first; /* place of the oldest value */
	uint32_t count;
	uint8_t values[] __attribute__((aligned(8)));
};

static size_t size_of(const struct bpf_map *map)
{
	return sizeof(struct queue) + (size_t)map->max_entries * map->elem_size;
}

/* Linux, kernel/bpf/queue_stack_maps.c, queue_stack_map_alloc_check(). */
static int queue_check(const struct bpf_map_def *def)
{
	if (def->max_entries == 0 || def->key_size != 0 || def->value_size == 0 || (def->map_flags & ~MAP_ACCESS_FLAGS))
		return -EINVAL;
	return def->value_size > MAP_VALUE_MAX ? -E2BIG : 0;
}

static int queue_init(struct bpf_map *map)
{
	map->impl = bpf_mem_alloc(map->mem, size_of(map));
	return map->impl ? 0 : -ENOMEM;
}

static void queue_fini(struct bpf_map *map)
{
	bpf_mem_free(map->mem, map->impl, size_of(map));
}

/* The value I places behind the oldest. */
static void *value_at(struct bpf_map *map, uint32_t i)
{
	struct queue *q = map->impl;
	uint64_t place = (uint64_t)q->first + i;

	if (place >= map->max_entries)
		place -= map->max_entries;
	return q->values + place * map->elem_size;
}

static void drop_oldest(struct bpf_map *map)
{
	struct queue *q = map->impl;

	q->first = q->first + 1 < map->max_entries ? q->first + 1 : 0;
	q->count--;
}

/* BPF_EXIST: make room by dropping the oldest. */
static int push(struct bpf_map *map, const void *value, uint64_t flags)
{
	struct queue *q = map->impl;

	if (flags != BPF_ANY && flags != BPF_EXIST)
		return -EINVAL;
	if (q->count == map->max_entries) {
		if (flags != BPF_EXIST)
			return -E2BIG;
		drop_oldest(map);
	}
	memcpy(value_at(map, q->count), value, map->value_size);
	q->count++;
	return 0;
}

/* VALUE is defined even if there is none: programs may read it. */
static int take(struct bpf_map *map, void *value, bool newest, bool drop)
{
	struct queue *q = map->impl;

	if (q->count == 0) {
		memset(value, 0, map->value_size);
		return -ENOENT;
	}
	memcpy(value, value_at(map, newest ? q->count - 1 : 0), map->value_size);
	if (drop && newest)
		q->count--;
	else if (drop)
		drop_oldest(map);
	return 0;
}

static int queue_pop(struct bpf_map *map, void *value)
{
	return take(map, value, false, true);
}

static int queue_peek(struct bpf_map *map, void *value)
{
	return take(map, value, false, false);
}

static int stack_pop(struct bpf_map *map, void *value)
{
	return take(map, value, true, true);
}

static int stack_peek(struct bpf_map *map, void *value)
{
	return take(map, value, true, false);
}

/* There are no keys to go through: Linux answers so. */
static int no_next_key(struct bpf_map *map, const void *key, void *ret_next)
{
	return -EINVAL;
}

const struct bpf_map_ops bpf_queue_ops = {
	.name = "queue",
	.check = queue_check,
	.init = queue_init,
	.fini = queue_fini,
	.next_key = no_next_key,
	.push = push,
	.pop = queue_pop,
	.peek = queue_peek,
};

const struct bpf_map_ops bpf_stack_ops = {
	.name = "stack",
	.check = queue_check,
	.init = queue_init,
	.fini = queue_fini,
	.next_key = no_next_key,
	.push = push,
	.pop = stack_pop,
	.peek = stack_peek,
};
