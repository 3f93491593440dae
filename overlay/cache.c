/* cache.c: see cache.h. */
#include "overlay/cache.h"

#include "fs/ramfs.h"
#include "kernel/kmem.h"
#include "kernel/page.h"
#include "lib/fmt.h"
#include "lib/path.h"

static struct list cache_list = LIST_INIT(cache_list);
uint64_t cache_bytes, cache_limit;
static struct mount *store;

static void drop(struct cached *c)
{
	list_del(&c->node);
	cache_bytes -= c->size;
	vnode_put(c->vnode);
	kfree(c);
}

static struct vnode *use(struct cached *c)
{
	list_del(&c->node);
	list_add_head(&cache_list, &c->node);
	return vnode_get(c->vnode);
}

struct vnode *cache_find(const uint8_t sha256[SHA256_SIZE])
{
	struct cached *c;

	list_for_each(c, &cache_list, node)
		if (!memcmp(c->sha256, sha256, SHA256_SIZE))
			return use(c);
	return NULL;
}

const uint8_t *cache_hash(const struct vnode *v)
{
	struct cached *c;

	list_for_each(c, &cache_list, node)
		if (c->vnode == v)
			return c->sha256;
	return NULL;
}

const struct cached *cache_nth(unsigned i)
{
	struct cached *c;

	list_for_each(c, &cache_list, node)
		if (!i--)
			return c;
	return NULL;
}

static struct cached *by_name(const char *name)
{
	struct cached *c;

	list_for_each(c, &cache_list, node)
		if (!strcmp(c->name, name))
			return c;
	return NULL;
}

struct vnode *cache_find_name(const char *name)
{
	struct cached *c = by_name(name);

	return c ? use(c) : NULL;
}

int cache_drop(const char *name)
{
	struct cached *c = by_name(name);

	if (!c)
		return -ENOENT;
	drop(c);
	return 0;
}

static bool leaves_room(uint64_t size)
{
	struct page_stats p;

	page_get_stats(&p);
	return p.free >= p.total / 8 + size / PAGE_SIZE;
}

int cache_create(uint64_t size, struct file **ret)
{
	struct page_stats pages;
	struct vnode *v;
	int r;

	if (!store) {
		page_get_stats(&pages);
		cache_limit = pages.total * PAGE_SIZE / 2;
		r = ramfs_create(UINT64_MAX, &store);
		if (r < 0)
			return r;
	}
	if (size > cache_limit)
		return -ENOSPC;
	/* What remains free is the application's and the programs'. */
	while (cache_bytes > cache_limit - size || !leaves_room(size)) {
		if (list_empty(&cache_list))
			return -ENOSPC;
		drop(list_last(&cache_list, struct cached, node));
	}
	/* It loses its name at once. Nothing blocks in here, so nobody else finds the store writable. */
	store->readonly = false;
	r = store->root->ops->mknod(store->root, "program", S_IFREG | 0555, 0, &v);
	if (r >= 0) {
		store->root->ops->unlink(store->root, "program");
		r = vfs_open_vnode(v, O_WRONLY, ret);
		vnode_put(v);
	}
	store->readonly = true;
	return r;
}

int cache_enter(struct file *f, const char *path, const uint8_t sha256[SHA256_SIZE], uint64_t size)
{
	struct cached *c = kmalloc(sizeof(*c)), *old;

	if (!c)
		return -ENOMEM;
	list_for_each(old, &cache_list, node)
		if (!memcmp(old->sha256, sha256, SHA256_SIZE)) {
			drop(old);
			break;
		}
	memcpy(c->sha256, sha256, SHA256_SIZE);
	fmt_snprintf(c->name, sizeof(c->name), "%s", path_basename(path));
	c->size = size;
	c->vnode = vnode_get(f->vnode);
	c->vnode->sealed = true;
	cache_bytes += size;
	list_add_head(&cache_list, &c->node);
	return 0;
}
