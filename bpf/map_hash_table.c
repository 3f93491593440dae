/* pure */
/* map_hash_table.c: the table itself: hashing, finding, adding and dropping elements. What kinds make of it:
 * map_hash.c. */
#include "bpf/map_hash.h"

#include "lib/errno.h"
#include "lib/str.h"

#define CHUNK_ELEMS 32 /* elements that are allocated together when they are not all at the start */

static uint64_t load(const uint8_t *p, uint32_t n)
{
	uint64_t v = 0;

	if (n >= 8)
		__builtin_memcpy(&v, p, 8);
	else if (n == 4)
		__builtin_memcpy(&v, p, 4);
	else
		memcpy(&v, p, n);
	return v;
}

/* Multiplication spreads low bits upwards, the shift brings them back; the constant is 2^64 divided by the golden
 * ratio. */
static inline uint64_t mix(uint64_t v, uint64_t word)
{
	v = (v ^ word) * 0x9e3779b97f4a7c15;
	return v ^ v >> 32;
}

static inline uint32_t hash_key(const struct hash_table_impl *h, const uint8_t *key, uint32_t size)
{
	uint64_t v = h->seed;

	/* Most keys. */
	if (size == 8) {
		v = mix(v, load(key, 8));
		size = 0;
	}
	for (; size > 0; key += 8) {
		uint32_t n = size < 8 ? size : 8;

		v = mix(v, load(key, n));
		size -= n;
	}
	v *= 0x9e3779b97f4a7c15;
	return (uint32_t)(v >> 32);
}

static bool same_key(const uint8_t *a, const uint8_t *b, uint32_t size)
{
	if (size == 4 || size == 8)
		return load(a, size) == load(b, size);
	return memcmp(a, b, size) == 0;
}

static size_t chunk_size(const struct hash_table_impl *h, uint32_t count)
{
	return sizeof(struct hash_chunk) + (size_t)count * h->stride;
}

static struct hash_elem *elem_at(const struct hash_table_impl *h, struct hash_chunk *chunk, uint32_t i)
{
	return (struct hash_elem *)(chunk->elems + (size_t)i * h->stride);
}

/* COUNT more elements, free ones, the first of them first. */
static int add_chunk(struct bpf_map *map, uint32_t count)
{
	struct hash_table_impl *h = map->impl;
	struct hash_chunk *chunk = bpf_mem_alloc(map->mem, chunk_size(h, count));

	if (!chunk)
		return -ENOMEM;
	chunk->count = count;
	chunk->next = h->chunks;
	h->chunks = chunk;
	h->room += count;
	for (uint32_t i = count; i-- > 0;) {
		struct hash_elem *elem = elem_at(h, chunk, i);

		elem->next = h->free;
		h->free = elem;
	}
	return 0;
}

static size_t buckets_size(const struct hash_table_impl *h)
{
	return ((size_t)h->mask + 1) * sizeof(struct hash_elem *);
}

int bpf_hash_init(struct bpf_map *map)
{
	bool objects = map->type == BPF_MAP_TYPE_HASH_OF_MAPS;
	struct hash_table_impl *h;
	uint64_t stride;

	h = bpf_mem_alloc(map->mem, sizeof(*h));
	if (!h)
		return -ENOMEM;
	map->impl = h;
	h->value_at = (map->key_size + 7) & ~7u;
	stride = sizeof(struct hash_elem) + h->value_at + (objects ? sizeof(void *) : map->elem_size);
	h->stride = (uint32_t)stride;
	h->seed = map->map_flags & BPF_F_ZERO_SEED ? 0 : map->mem->seed;
	while (h->mask + 1 < map->max_entries && h->mask < 0x7fffffff)
		h->mask = h->mask * 2 + 1;
	h->buckets = bpf_mem_alloc(map->mem, buckets_size(h));
	if (h->buckets &&
	    (((map->map_flags & BPF_F_NO_PREALLOC) && !map->mem->ahead) || add_chunk(map, map->max_entries) == 0))
		return 0;
	bpf_hash_fini(map);
	return -ENOMEM;
}

void bpf_hash_fini(struct bpf_map *map)
{
	struct hash_table_impl *h = map->impl;
	struct hash_chunk *chunk;

	while ((chunk = h->chunks)) {
		h->chunks = chunk->next;
		bpf_mem_free(map->mem, chunk, chunk_size(h, chunk->count));
	}
	bpf_mem_free(map->mem, h->buckets, buckets_size(h));
	bpf_mem_free(map->mem, h, sizeof(*h));
}

struct hash_elem *bpf_hash_find(const struct bpf_map *map, const void *key)
{
	const struct hash_table_impl *h = map->impl;
	uint32_t hash = hash_key(h, key, map->key_size);
	struct hash_elem *elem;

	for (elem = h->buckets[hash & h->mask]; elem; elem = elem->next)
		if (elem->hash == hash && same_key(elem->data, key, map->key_size))
			return elem;
	return NULL;
}

int bpf_hash_add(struct bpf_map *map, const void *key, struct hash_elem **ret_elem)
{
	struct hash_table_impl *h = map->impl;
	struct hash_elem *elem;
	struct hash_elem **bucket;

	if (h->count == map->max_entries)
		return -E2BIG;
	if (!h->free) {
		uint32_t more = map->max_entries - h->room;

		if (add_chunk(map, more < CHUNK_ELEMS ? more : CHUNK_ELEMS) < 0)
			return -ENOMEM;
	}
	elem = h->free;
	h->free = elem->next;
	hash_copy(elem->data, key, map->key_size);
	elem->hash = hash_key(h, key, map->key_size);
	elem->in_use = true;
	elem->referenced = false;
	bucket = &h->buckets[elem->hash & h->mask];
	elem->next = *bucket;
	*bucket = elem;
	h->count++;
	*ret_elem = elem;
	return 0;
}

void bpf_hash_drop(struct bpf_map *map, struct hash_elem *elem)
{
	struct hash_table_impl *h = map->impl;
	struct hash_elem **at = &h->buckets[elem->hash & h->mask];

	while (*at != elem)
		at = &(*at)->next;
	*at = elem->next;
	elem->in_use = false;
	elem->next = h->free;
	h->free = elem;
	h->count--;
}

/* The first element in use from place I of CHUNK on, in the order in which they lie. */
static struct hash_elem *first_from(const struct hash_table_impl *h, struct hash_chunk *chunk, uint32_t i)
{
	for (; chunk; chunk = chunk->next, i = 0) {
		for (; i < chunk->count; i++) {
			struct hash_elem *elem = elem_at(h, chunk, i);

			if (elem->in_use)
				return elem;
		}
	}
	return NULL;
}

/* The element behind ELEM. */
static struct hash_elem *next_of(const struct hash_table_impl *h, const struct hash_elem *elem)
{
	for (struct hash_chunk *chunk = h->chunks; chunk; chunk = chunk->next) {
		size_t offset = (size_t)((const uint8_t *)elem - chunk->elems);

		if ((const uint8_t *)elem >= chunk->elems && offset < (size_t)chunk->count * h->stride)
			return first_from(h, chunk, (uint32_t)(offset / h->stride) + 1);
	}
	return NULL;
}

int bpf_hash_next_key(struct bpf_map *map, const void *key, void *ret_next)
{
	struct hash_table_impl *h = map->impl;
	struct hash_elem *elem = key ? bpf_hash_find(map, key) : NULL;

	elem = elem ? next_of(h, elem) : first_from(h, h->chunks, 0);
	if (!elem)
		return -ENOENT;
	memcpy(ret_next, elem->data, map->key_size);
	return 0;
}

/* VISIT may add and delete: places of elements stay, and new chunks come before those that are looked at. */
uint64_t bpf_hash_for_each(struct bpf_map *map, bpf_map_visit visit, void *arg, uint64_t *ret_count)
{
	struct hash_table_impl *h = map->impl;
	struct hash_elem *elem;
	uint64_t count = 0;

	for (struct hash_chunk *chunk = h->chunks; chunk; chunk = chunk->next) {
		for (uint32_t i = 0; i < chunk->count; i++) {
			elem = elem_at(h, chunk, i);
			if (!elem->in_use)
				continue;
			count++;
			if (visit(arg, map, elem->data, hash_value(h, elem)))
				goto out;
		}
	}
out:
	*ret_count = count;
	return 0;
}

/* The clock: the hand goes round and takes the first element that was not used since it came by last. */
void bpf_lru_evict(struct bpf_map *map)
{
	struct hash_table_impl *h = map->impl;

	for (;;) {
		struct hash_elem *elem = elem_at(h, h->chunks, h->hand);

		h->hand = h->hand + 1 < h->room ? h->hand + 1 : 0;
		if (!elem->in_use)
			continue;
		if (!elem->referenced) {
			bpf_hash_drop(map, elem);
			return;
		}
		elem->referenced = false;
	}
}
