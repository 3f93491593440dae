/* pure */
/*
 * map_lpm.c: BPF_MAP_TYPE_LPM_TRIE: the longest prefix that a key matches. A binary trie in which a node stands for its
 * whole prefix and paths without branches have no nodes; a node whose only purpose is to branch has no value.
 */
#include "bpf/map_impl.h"
#include "lib/errno.h"
#include "lib/str.h"

#define DATA_MAX 256 /* bytes of a prefix */

struct node {
	struct node *child[2]; /* child[0] also links free nodes */
	struct node *parent;
	struct node *all; /* every node that was ever allocated */
	uint32_t prefix;  /* bits */
	bool branch;      /* has no value */
	uint8_t data[] __attribute__((aligned(8))); /* the prefix, the value behind it */
};

struct trie {
	struct node *root, *free, *all;
	uint32_t count; /* nodes with a value */
};

/* A key is its prefix length in bits, in the host's byte order, and the bytes. */
struct lpm_key {
	uint32_t prefix;
	uint8_t data[];
} __attribute__((packed));

static uint32_t data_size(const struct bpf_map *map)
{
	return map->key_size - 4;
}

static size_t node_size(const struct bpf_map *map)
{
	return sizeof(struct node) + ((data_size(map) + 7u) & ~7u) + map->elem_size;
}

static void *value_of(const struct bpf_map *map, struct node *n)
{
	return n->data + ((data_size(map) + 7u) & ~7u);
}

static unsigned bit(const uint8_t *data, uint32_t i)
{
	return (data[i / 8] >> (7 - i % 8)) & 1;
}

/* How many bits two prefixes have in common. */
static uint32_t common(const uint8_t *a, uint32_t na, const uint8_t *b, uint32_t nb)
{
	uint32_t n = na < nb ? na : nb;
	uint32_t i = 0;

	while (i + 8 <= n && a[i / 8] == b[i / 8])
		i += 8;
	while (i < n && bit(a, i) == bit(b, i))
		i++;
	return i;
}

/* Linux, kernel/bpf/lpm_trie.c, trie_alloc(). */
static int lpm_check(const struct bpf_map_def *def)
{
	if (def->max_entries == 0 || !(def->map_flags & BPF_F_NO_PREALLOC) ||
	    (def->map_flags & ~(MAP_ACCESS_FLAGS | BPF_F_NO_PREALLOC)) || def->key_size < 5 ||
	    def->key_size > 4 + DATA_MAX || def->value_size == 0 || def->value_size > MAP_VALUE_MAX)
		return -EINVAL;
	return 0;
}

static void give_node(struct trie *t, struct node *n)
{
	n->child[0] = t->free;
	t->free = n;
}

/* A new free node; none is given back before the map ends. */
static bool add_node(struct bpf_map *map)
{
	struct trie *t = map->impl;
	struct node *n = bpf_mem_alloc(map->mem, node_size(map));

	if (!n)
		return false;
	n->all = t->all;
	t->all = n;
	give_node(t, n);
	return true;
}

static void lpm_fini(struct bpf_map *map)
{
	struct trie *t = map->impl;
	struct node *n;

	while ((n = t->all)) {
		t->all = n->all;
		bpf_mem_free(map->mem, n, node_size(map));
	}
	bpf_mem_free(map->mem, t, sizeof(*t));
}

static int lpm_init(struct bpf_map *map)
{
	struct trie *t = bpf_mem_alloc(map->mem, sizeof(*t));

	if (!t)
		return -ENOMEM;
	map->impl = t;
	/* Each element may need a branch. */
	for (uint64_t i = 0; map->mem->ahead && i < 2ull * map->max_entries; i++)
		if (!add_node(map)) {
			lpm_fini(map);
			return -ENOMEM;
		}
	return 0;
}

static struct node *take_node(struct bpf_map *map, const uint8_t *data, uint32_t prefix)
{
	struct trie *t = map->impl;
	struct node *n;

	if (!t->free && !add_node(map))
		return NULL;
	n = t->free;
	t->free = n->child[0];
	n->child[0] = n->child[1] = n->parent = NULL;
	n->prefix = prefix;
	n->branch = false;
	memmove(n->data, data, data_size(map));
	return n;
}

static void *lpm_lookup(struct bpf_map *map, const void *key)
{
	const struct trie *t = map->impl;
	const struct lpm_key *k = key;
	struct node *n = t->root, *found = NULL;

	if (k->prefix > data_size(map) * 8)
		return NULL;
	while (n && common(n->data, n->prefix, k->data, k->prefix) == n->prefix) {
		if (!n->branch)
			found = n;
		if (n->prefix == k->prefix)
			break;
		n = n->child[bit(k->data, n->prefix)];
	}
	return found ? value_of(map, found) : NULL;
}

/* The link that leads to the node at which the path of K ends: equal to it, unlike it, or missing. */
static struct node **walk(struct trie *t, const struct lpm_key *k, struct node **ret_parent)
{
	struct node **at = &t->root;

	*ret_parent = NULL;
	while (*at && (*at)->prefix < k->prefix && common((*at)->data, (*at)->prefix, k->data, k->prefix) == (*at)->prefix) {
		*ret_parent = *at;
		at = &(*at)->child[bit(k->data, (*at)->prefix)];
	}
	return at;
}

static struct node *exact(struct bpf_map *map, const struct lpm_key *k)
{
	struct node *parent;
	struct node *n = *walk(map->impl, k, &parent);

	if (!n || n->branch || n->prefix != k->prefix || common(n->data, n->prefix, k->data, k->prefix) != n->prefix)
		return NULL;
	return n;
}

/* Puts CHILD below PARENT. */
static void hang(struct node *parent, struct node *child)
{
	parent->child[bit(child->data, parent->prefix)] = child;
	child->parent = parent;
}

/* Adds a node for K where AT leads, between PARENT and what is there. */
static int insert(struct bpf_map *map, const struct lpm_key *k, struct node **at, struct node *parent,
                  struct node **ret_node)
{
	struct trie *t = map->impl;
	struct node *there = *at, *n, *branch;
	uint32_t same = there ? common(there->data, there->prefix, k->data, k->prefix) : 0;

	if (there && there->prefix == k->prefix && same == k->prefix) {
		there->branch = false;
		*ret_node = there;
		return 0;
	}
	n = take_node(map, k->data, k->prefix);
	if (!n)
		return -ENOMEM;
	if (!there || same == k->prefix) {
		if (there)
			hang(n, there);
		n->parent = parent;
		*at = n;
	} else {
		branch = take_node(map, k->data, same);
		if (!branch) {
			give_node(t, n);
			return -ENOMEM;
		}
		branch->branch = true;
		hang(branch, there);
		hang(branch, n);
		branch->parent = parent;
		*at = branch;
	}
	*ret_node = n;
	return 0;
}

static int lpm_update(struct bpf_map *map, const void *key, const void *value, uint64_t flags)
{
	struct trie *t = map->impl;
	const struct lpm_key *k = key;
	struct node *n, *parent, **at;
	int r;

	if (flags > BPF_EXIST || k->prefix > data_size(map) * 8)
		return -EINVAL;
	n = exact(map, k);
	if (n && flags == BPF_NOEXIST)
		return -EEXIST;
	if (!n && flags == BPF_EXIST)
		return -ENOENT;
	if (!n) {
		if (t->count == map->max_entries)
			return -ENOSPC;
		at = walk(t, k, &parent);
		r = insert(map, k, at, parent, &n);
		if (r < 0)
			return r;
		t->count++;
	}
	memmove(value_of(map, n), value, map->value_size);
	return 0;
}

/* Takes N, which has at most one child, out of the tree; the child takes its place. */
static void unlink_node(struct trie *t, struct node *n)
{
	struct node *child = n->child[0] ? n->child[0] : n->child[1];

	if (child)
		child->parent = n->parent;
	if (!n->parent)
		t->root = child;
	else
		n->parent->child[n->parent->child[1] == n] = child;
	give_node(t, n);
}

static int lpm_remove(struct bpf_map *map, const void *key)
{
	struct trie *t = map->impl;
	const struct lpm_key *k = key;
	struct node *n, *parent;

	if (k->prefix > data_size(map) * 8)
		return -EINVAL;
	n = exact(map, k);
	if (!n)
		return -ENOENT;
	t->count--;
	if (n->child[0] && n->child[1]) {
		n->branch = true;
		return 0;
	}
	parent = n->parent;
	unlink_node(t, n);
	/* A branch with one way left is none. */
	if (parent && parent->branch && !(parent->child[0] && parent->child[1]))
		unlink_node(t, parent);
	return 0;
}

static struct node *deepest(struct node *n)
{
	while (n && (n->child[0] || n->child[1]))
		n = n->child[0] ? n->child[0] : n->child[1];
	return n;
}

/* Children before parents, as in Linux: the longer prefix first. */
static struct node *behind(struct node *n)
{
	struct node *parent = n->parent;

	if (parent && parent->child[0] == n && parent->child[1])
		return deepest(parent->child[1]);
	return parent;
}

static int lpm_next_key(struct bpf_map *map, const void *key, void *ret_next)
{
	struct trie *t = map->impl;
	const struct lpm_key *k = key;
	struct node *n = NULL;
	struct lpm_key *next = ret_next;

	if (k && k->prefix <= data_size(map) * 8)
		n = exact(map, k);
	n = n ? behind(n) : deepest(t->root);
	while (n && n->branch)
		n = behind(n);
	if (!n)
		return -ENOENT;
	memcpy(next->data, n->data, data_size(map));
	next->prefix = n->prefix;
	return 0;
}

const struct bpf_map_ops bpf_lpm_ops = {
	.name = "lpm_trie",
	.check = lpm_check,
	.init = lpm_init,
	.fini = lpm_fini,
	.lookup = lpm_lookup,
	.look = lpm_lookup,
	.update = lpm_update,
	.remove = lpm_remove,
	.next_key = lpm_next_key,
};
