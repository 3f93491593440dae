/* pure */
/*
 * map_hash.h: the table under hash, LRU hash and hash of maps: chained buckets over elements that lie in chunks. An
 * element's memory stays one while the map lives. Only map*.c may use it.
 */
#ifndef BPF_MAP_HASH_H
#define BPF_MAP_HASH_H

#include "bpf/map_impl.h"
#include "lib/str.h"

struct hash_elem {
	struct hash_elem *next; /* in its bucket, or in the list of free ones */
	uint32_t hash;
	bool in_use;
	bool referenced; /* LRU: found since the hand of the clock passed */
	uint8_t data[] __attribute__((aligned(8))); /* the key, and at value_at the value */
};

struct hash_chunk {
	struct hash_chunk *next;
	uint32_t count; /* elements */
	uint8_t elems[] __attribute__((aligned(8)));
};

struct hash_table_impl {
	struct hash_elem **buckets;
	uint32_t mask; /* number of buckets less one */
	uint32_t count; /* elements in use */
	uint32_t room;  /* elements in chunks */
	uint32_t value_at;
	uint32_t stride; /* bytes from one element to the next in a chunk */
	uint64_t seed;
	struct hash_elem *free;
	struct hash_chunk *chunks; /* the newest first */
	uint32_t hand;             /* LRU: the clock's, in the only chunk */
};

/* ops->init and fini. A preallocated table has one chunk. */
int bpf_hash_init(struct bpf_map *map);
void bpf_hash_fini(struct bpf_map *map);

/* The element with KEY, or null. */
struct hash_elem *bpf_hash_find(const struct bpf_map *map, const void *key);
/* Makes an element with KEY, which is not there yet; its value is not set. -E2BIG if the map is full, -ENOMEM. */
int bpf_hash_add(struct bpf_map *map, const void *key, struct hash_elem **ret_elem);
void bpf_hash_drop(struct bpf_map *map, struct hash_elem *elem);

int bpf_hash_update(struct bpf_map *map, const void *key, const void *value, uint64_t flags);
int bpf_hash_remove(struct bpf_map *map, const void *key);
int bpf_hash_next_key(struct bpf_map *map, const void *key, void *ret_next);
uint64_t bpf_hash_for_each(struct bpf_map *map, bpf_map_visit visit, void *arg, uint64_t *ret_count);
void *bpf_hash_look(struct bpf_map *map, const void *key);

static inline struct hash_table_impl *hash_of(const struct bpf_map *map)
{
	return map->impl;
}

static inline void *hash_value(const struct hash_table_impl *h, struct hash_elem *elem)
{
	return elem->data + h->value_at;
}

/* LRU: frees an element that was not used lately. There is one in use. */
void bpf_lru_evict(struct bpf_map *map);

/* A key or a value, which may overlap. Most have 8 bytes: no call for those. */
static inline void hash_copy(void *to, const void *from, uint32_t size)
{
	uint64_t word;

	if (size != sizeof(word)) {
		memmove(to, from, size);
		return;
	}
	__builtin_memcpy(&word, from, sizeof(word));
	__builtin_memcpy(to, &word, sizeof(word));
}

#endif
