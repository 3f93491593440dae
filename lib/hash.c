/* pure */
/* hash.c: FNV-1a and the chained table of hash.h. */
#include "lib/hash.h"

#include "lib/errno.h"

#define FNV_BASIS 0x811c9dc5u
#define FNV_PRIME 0x01000193u

uint32_t hash_bytes(const void *bytes, size_t n)
{
	const uint8_t *p = bytes;
	uint32_t h = FNV_BASIS;

	for (size_t i = 0; i < n; i++)
		h = (h ^ p[i]) * FNV_PRIME;
	return h;
}

uint32_t hash_string(const char *s)
{
	uint32_t h = FNV_BASIS;

	for (; *s; s++)
		h = (h ^ (uint8_t)*s) * FNV_PRIME;
	return h;
}

uint32_t hash_u64(uint64_t v)
{
	return hash_bytes(&v, sizeof(v));
}

int hash_table_init(struct hash_table *t, struct hash_node **buckets, size_t count)
{
	if (count == 0 || (count & (count - 1)) != 0 || count > UINT32_MAX)
		return -EINVAL;
	for (size_t i = 0; i < count; i++)
		buckets[i] = NULL;
	t->buckets = buckets;
	t->mask = (uint32_t)count - 1;
	t->count = 0;
	return 0;
}

void hash_table_add(struct hash_table *t, struct hash_node *node, uint32_t hash)
{
	struct hash_node **bucket = &t->buckets[hash & t->mask];

	node->hash = hash;
	node->next = *bucket;
	*bucket = node;
	t->count++;
}

int hash_table_del(struct hash_table *t, struct hash_node *node)
{
	for (struct hash_node **p = &t->buckets[node->hash & t->mask]; *p; p = &(*p)->next) {
		if (*p != node)
			continue;
		*p = node->next;
		node->next = NULL;
		t->count--;
		return 0;
	}
	return -ENOENT;
}

static struct hash_node *with_hash(struct hash_node *node, uint32_t hash)
{
	while (node && node->hash != hash)
		node = node->next;
	return node;
}

struct hash_node *hash_table_first(const struct hash_table *t, uint32_t hash)
{
	return with_hash(t->buckets[hash & t->mask], hash);
}

struct hash_node *hash_table_next(const struct hash_node *node)
{
	return with_hash(node->next, node->hash);
}
