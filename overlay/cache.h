/* cache.h: programs that were pushed or loaded, by the SHA-256 of their file. Each is a file without a name in a file
 * system of the overlay's own, read-only once it is complete: no path leads to it and no program can change it. Their
 * total size is limited; the least recently used ones make room. A program that runs keeps its file. */
#ifndef UIO_OVERLAY_CACHE_H
#define UIO_OVERLAY_CACHE_H

#include "fs/vfs.h"
#include "lib/sha256.h"

#define CACHE_NAME_MAX 32

struct cached {
	struct list node;		/* most recently used first */
	struct vnode *vnode;
	uint64_t size;
	uint8_t sha256[SHA256_SIZE];
	char name[CACHE_NAME_MAX];
};
extern uint64_t cache_bytes, cache_limit;
/* Number i, most recently used first, or NULL. */
const struct cached *cache_nth(unsigned i);

/* The program with this hash or name, with a reference, now the most recently used; NULL: not here. */
struct vnode *cache_find(const uint8_t sha256[SHA256_SIZE]);
struct vnode *cache_find_name(const char *name);

/* The hash of the program in this file; NULL: it is not the cache's. Good until something blocks. */
const uint8_t *cache_hash(const struct vnode *v);

/* An empty file for `size` bytes, open for writing; programs are dropped until it fits. -ENOSPC: it never would. */
int cache_create(uint64_t size, struct file **ret);
/* The file is complete: enters it. The file stays the caller's to file_put(). The last part of `path` is its name. */
int cache_enter(struct file *f, const char *path, const uint8_t sha256[SHA256_SIZE], uint64_t size);
/* Drops the program of that name: 0 or -ENOENT. */
int cache_drop(const char *name);

#endif
