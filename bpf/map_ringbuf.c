/* pure */
/* map_ringbuf.c: see bpf/ringbuf.h. Positions count bytes from the start of time; a record starts at a multiple of 8. */
#include "bpf/ringbuf.h"

#include "bpf/map_impl.h"
#include "lib/errno.h"
#include "lib/str.h"

#define BUSY        (1u << 31) /* reserved, not yet submitted */
#define DISCARDED   (1u << 30)
#define LENGTH      (DISCARDED - 1)
#define EVENTS_SIZE 65536 /* bytes of an event array's ring */
#define PAGE        4096

struct ring {
	struct bpf_map *map;
	uint64_t size;     /* bytes, a power of two */
	uint64_t consumer; /* owner only */
	uint64_t producer; /* programs only; consumer <= producer <= consumer + size */
	uint64_t lost;
	uint8_t data[] __attribute__((aligned(8)));
};

struct header {
	uint32_t length; /* of the record without this, and BUSY or DISCARDED */
	uint32_t at;     /* place in the ring in units of 8 bytes, which leads back to it */
};
_Static_assert(sizeof(struct header) == 8, "as BPF_RINGBUF_HDR_SZ");

/* Linux, kernel/bpf/ringbuf.c, ringbuf_map_alloc(). */
static int ringbuf_check(const struct bpf_map_def *def)
{
	if (def->map_flags & ~BPF_F_NUMA_NODE || def->key_size || def->value_size || def->max_entries < PAGE ||
	    (def->max_entries & (def->max_entries - 1)))
		return -EINVAL;
	return 0;
}

/* kernel/bpf/arraymap.c, fd_array_map_alloc_check(). */
static int events_check(const struct bpf_map_def *def)
{
	if (def->max_entries == 0 || def->key_size != 4 || def->value_size != 4 || (def->map_flags & ~MAP_ACCESS_FLAGS))
		return -EINVAL;
	return 0;
}

static uint64_t ring_bytes(const struct bpf_map *map)
{
	return map->type == BPF_MAP_TYPE_RINGBUF ? map->max_entries : EVENTS_SIZE;
}

static int ring_init(struct bpf_map *map)
{
	struct ring *ring = bpf_mem_alloc(map->mem, sizeof(*ring) + ring_bytes(map));

	if (!ring)
		return -ENOMEM;
	ring->map = map;
	ring->size = ring_bytes(map);
	map->impl = ring;
	return 0;
}

static void ring_fini(struct bpf_map *map)
{
	bpf_mem_free(map->mem, map->impl, sizeof(struct ring) + ring_bytes(map));
}

static struct header *header_at(struct ring *ring, uint64_t position)
{
	return (struct header *)(ring->data + (position & (ring->size - 1)));
}

static void *reserve(struct ring *ring, uint64_t size)
{
	struct header *h;
	uint64_t whole, to_end, skip;

	if (size > LENGTH || size > ring->size - sizeof(*h))
		return NULL;
	whole = (size + sizeof(*h) + 7) & ~7ull;
	/* With nothing in the ring the next record may as well lie at its start. */
	if (ring->consumer == ring->producer)
		ring->consumer = ring->producer = (ring->producer + ring->size - 1) & ~(ring->size - 1);
	to_end = ring->size - (ring->producer & (ring->size - 1));
	skip = whole > to_end ? to_end : 0;
	if (whole + skip > ring->size - (ring->producer - ring->consumer))
		return NULL;
	if (skip) {
		*header_at(ring, ring->producer) = (struct header){ (uint32_t)(skip - sizeof(*h)) | DISCARDED, 0 };
		ring->producer += skip;
	}
	h = header_at(ring, ring->producer);
	*h = (struct header){ (uint32_t)size | BUSY, (uint32_t)(((uint8_t *)h - ring->data) / 8) };
	ring->producer += whole;
	return h + 1;
}

void *bpf_ringbuf_reserve(struct bpf_map *map, uint64_t size)
{
	struct ring *ring = map->impl;
	void *record = NULL;

	if (bpf_map_enter(map)) {
		record = reserve(ring, size);
		bpf_map_leave(map);
	}
	ring->lost += !record;
	return record;
}

/* The owner hears of a record if it had read everything before. */
static void commit(void *record, uint64_t flags, uint32_t mark)
{
	struct header *h = (struct header *)record - 1;
	struct ring *ring = (struct ring *)((uint8_t *)h - h->at * 8ull - offsetof(struct ring, data));
	bool first = header_at(ring, ring->consumer) == h;

	h->length = (h->length & LENGTH) | mark;
	if (ring->map->notify && ((flags & BPF_RB_FORCE_WAKEUP) || (first && !(flags & BPF_RB_NO_WAKEUP))))
		ring->map->notify(ring->map);
}

void bpf_ringbuf_submit(void *record, uint64_t flags)
{
	commit(record, flags, 0);
}

void bpf_ringbuf_discard(void *record, uint64_t flags)
{
	commit(record, flags, DISCARDED);
}

int bpf_ringbuf_output(struct bpf_map *map, const void *data, uint64_t size, uint64_t flags)
{
	void *record;

	if (flags & ~(uint64_t)(BPF_RB_NO_WAKEUP | BPF_RB_FORCE_WAKEUP))
		return -EINVAL;
	record = bpf_ringbuf_reserve(map, size);
	if (!record)
		return -EAGAIN;
	memcpy(record, data, size);
	bpf_ringbuf_submit(record, flags);
	return 0;
}

uint64_t bpf_ringbuf_query(const struct bpf_map *map, uint64_t flags)
{
	const struct ring *ring = map->impl;

	switch (flags) {
	case BPF_RB_AVAIL_DATA:
		return ring->producer - ring->consumer;
	case BPF_RB_RING_SIZE:
		return ring->size;
	case BPF_RB_CONS_POS:
		return ring->consumer;
	case BPF_RB_PROD_POS:
		return ring->producer;
	default:
		return 0;
	}
}

static bool is_ring(const struct bpf_map *map)
{
	return map->type == BPF_MAP_TYPE_RINGBUF || map->type == BPF_MAP_TYPE_PERF_EVENT_ARRAY;
}

int bpf_ringbuf_peek(struct bpf_map *map, const void **ret_data, uint32_t *ret_size)
{
	struct ring *ring = map->impl;
	struct header *h;

	if (!is_ring(map))
		return -EINVAL;
	for (; ring->consumer != ring->producer; bpf_ringbuf_next(map)) {
		h = header_at(ring, ring->consumer);
		if (h->length & BUSY)
			return -EAGAIN;
		if (h->length & DISCARDED)
			continue;
		*ret_data = h + 1;
		*ret_size = h->length;
		return 0;
	}
	return -EAGAIN;
}

void bpf_ringbuf_next(struct bpf_map *map)
{
	struct ring *ring = map->impl;

	if (ring->consumer == ring->producer)
		return;
	ring->consumer += ((header_at(ring, ring->consumer)->length & LENGTH) + sizeof(struct header) + 7) & ~7ull;
}

uint64_t bpf_ringbuf_lost(const struct bpf_map *map)
{
	return is_ring(map) ? ((const struct ring *)map->impl)->lost : 0;
}

int bpf_event_output(struct bpf_map *map, uint64_t flags, const void *data, uint64_t size)
{
	uint64_t cpu = flags & 0xffffffff;

	if (flags >> 32)
		return -EINVAL;
	if (cpu != BPF_F_CURRENT_CPU && cpu >= map->max_entries)
		return -E2BIG;
	/* Linux: no event is open there. */
	if (cpu != BPF_F_CURRENT_CPU && cpu != 0)
		return -ENOENT;
	return bpf_ringbuf_output(map, data, size, 0) < 0 ? -ENOSPC : 0;
}

const struct bpf_map_ops bpf_ringbuf_ops = {
	.name = "ringbuf",
	.check = ringbuf_check,
	.init = ring_init,
	.fini = ring_fini,
};

const struct bpf_map_ops bpf_event_array_ops = {
	.name = "perf_event_array",
	.check = events_check,
	.init = ring_init,
	.fini = ring_fini,
};
