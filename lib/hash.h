/* pure */
/*
 * hash.h: FNV-1a (RFC draft-eastlake-fnv) and a small intrusive hash table with chains. The bucket array is the
 * caller's; the table never grows. Not resistant to chosen collisions: bound the number of elements where the keys come
 * from outside.
 */
#ifndef LIB_HASH_H
#define LIB_HASH_H

#include <stddef.h>
#include <stdint.h>

/* 32-bit FNV-1a of N bytes, and of a string without its final NUL. */
uint32_t hash_bytes(const void *bytes, size_t n);
uint32_t hash_string(const char *s);

/* A well mixed 32-bit hash of a number (the bytes of V, FNV-1a). */
uint32_t hash_u64(uint64_t v);

struct hash_node {
	struct hash_node *next; /* the chain, owned by the table */
	uint32_t hash;
};

struct hash_table {
	struct hash_node **buckets; /* the caller's; mask + 1 of them */
	uint32_t mask;              /* number of buckets, a power of two, less one */
	size_t count;               /* linked nodes */
};

/* Starts an empty table over COUNT buckets, a power of two. -EINVAL if it is not. */
int hash_table_init(struct hash_table *t, struct hash_node **buckets, size_t count);

/* Links NODE under HASH. Equal keys are not looked for; the newest is found first. */
void hash_table_add(struct hash_table *t, struct hash_node *node, uint32_t hash);

/* Unlinks NODE. -ENOENT if it is not in the table. */
int hash_table_del(struct hash_table *t, struct hash_node *node);

/*
 * The first node with HASH, and the next one after NODE with the same hash; null if there is none. The caller compares
 * the keys.
 */
struct hash_node *hash_table_first(const struct hash_table *t, uint32_t hash);
struct hash_node *hash_table_next(const struct hash_node *node);

#endif
