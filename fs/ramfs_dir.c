/* ramfs_dir.c: ramfs's directories: a list of names, oldest first. A directory in the tree has a parent; one that was
 * removed has none and takes no new names. */
#include "fs/ramfs_node.h"
#include "kernel/kmem.h"

static struct ram_entry *find(struct ram_node *dir, const char *name)
{
	struct ram_entry *e;

	list_for_each(e, &dir->dir.entries, node)
		if (!strcmp(e->name, name))
			return e;
	return NULL;
}

int ram_lookup(struct vnode *dir, const char *name, struct vnode **ret)
{
	struct ram_entry *e = find(ram_node(dir), name);

	if (!e)
		return -ENOENT;
	*ret = vnode_get(&e->to->v);
	return 0;
}

static bool removed(struct ram_node *dir)
{
	return !dir->v.parent && dir->fs->mount.root != &dir->v;
}

/* Makes an entry for a name that is not there, without a node. */
static int entry_create(struct ram_node *dir, const char *name, struct ram_entry **ret)
{
	size_t size = sizeof(struct ram_entry) + strlen(name) + 1;
	struct ram_entry *e;
	int r;

	if (removed(dir))
		return -ENOENT;
	if (find(dir, name))
		return -EEXIST;
	r = ram_charge(dir->fs, size);
	if (r < 0)
		return r;
	e = kmalloc(size);
	if (!e) {
		dir->fs->used -= size;
		return -ENOSPC;
	}
	memcpy(e->name, name, size - sizeof(*e));
	*ret = e;
	return 0;
}

static void entry_free(struct ram_node *dir, struct ram_entry *e)
{
	dir->fs->used -= sizeof(*e) + strlen(e->name) + 1;
	kfree(e);
}

/* Takes over the caller's reference to `to`. */
static void entry_link(struct ram_node *dir, struct ram_entry *e, struct ram_node *to)
{
	e->to = to;
	e->cookie = dir->dir.next_cookie++ + 2;
	list_add_tail(&dir->dir.entries, &e->node);
	if (!to->v.name) {
		to->v.name = e->name;
		to->v.parent = &dir->v;
	}
	if (S_ISDIR(to->v.mode))
		dir->nlink++;
	ram_touch(dir);
}

/* Takes the name away; the node's reference goes to the caller. */
static struct ram_node *entry_unlink(struct ram_node *dir, struct ram_entry *e)
{
	struct ram_node *to = e->to;

	list_del(&e->node);
	if (to->v.name == e->name) {
		to->v.name = NULL;
		to->v.parent = NULL;
	}
	if (S_ISDIR(to->v.mode))
		dir->nlink--;
	entry_free(dir, e);
	ram_touch(dir);
	return to;
}

static int make(struct vnode *vdir, const char *name, uint32_t mode, uint64_t rdev, struct ram_node **ret)
{
	struct ram_node *dir = ram_node(vdir), *n;
	struct ram_entry *e;
	int r = entry_create(dir, name, &e);

	if (r < 0)
		return r;
	r = ram_node_create(dir->fs, mode, rdev, &n);
	if (r < 0) {
		entry_free(dir, e);
		return r;
	}
	entry_link(dir, e, n);
	*ret = n;
	return 0;
}

int ram_mknod(struct vnode *dir, const char *name, uint32_t mode, uint64_t rdev, struct vnode **ret)
{
	struct ram_node *n;
	int r = make(dir, name, mode, rdev, &n);

	if (r >= 0)
		*ret = vnode_get(&n->v);
	return r;
}

int ram_mkdir(struct vnode *dir, const char *name, uint32_t mode)
{
	struct ram_node *n;

	return make(dir, name, mode, 0, &n);
}

int ram_symlink(struct vnode *dir, const char *name, const char *target)
{
	struct ramfs *fs = ram_node(dir)->fs;
	size_t size = strlen(target) + 1;
	struct ram_node *n;
	char *copy;
	int r = ram_charge(fs, size);

	if (r < 0)
		return r;
	copy = kstrdup(target);
	r = copy ? make(dir, name, S_IFLNK | 0777, 0, &n) : -ENOSPC;
	if (r < 0) {
		kfree(copy);
		fs->used -= size;
		return r;
	}
	n->target = copy;
	return 0;
}

int ram_link(struct vnode *vdir, const char *name, struct vnode *to)
{
	struct ram_node *dir = ram_node(vdir);
	struct ram_entry *e;
	int r;

	if (!ram_node(to)->nlink)
		return -ENOENT;
	r = entry_create(dir, name, &e);
	if (r < 0)
		return r;
	vnode_get(to);
	ram_node(to)->nlink++;
	entry_link(dir, e, ram_node(to));
	return 0;
}

int ram_unlink(struct vnode *vdir, const char *name)
{
	struct ram_entry *e = find(ram_node(vdir), name);
	struct ram_node *n;

	if (!e)
		return -ENOENT;
	n = entry_unlink(ram_node(vdir), e);
	n->nlink--;
	vnode_put(&n->v);
	return 0;
}

int ram_rmdir(struct vnode *vdir, const char *name)
{
	struct ram_entry *e = find(ram_node(vdir), name);
	struct ram_node *n;

	if (!e)
		return -ENOENT;
	if (!S_ISDIR(e->to->v.mode))
		return -ENOTDIR;
	if (!list_empty(&e->to->dir.entries))
		return -ENOTEMPTY;
	n = entry_unlink(ram_node(vdir), e);
	n->nlink = 0;
	vnode_put(&n->v);
	return 0;
}

int ram_rename(struct vnode *vfrom, const char *name, struct vnode *vto, const char *new_name)
{
	struct ram_node *from = ram_node(vfrom), *to = ram_node(vto), *moved;
	struct ram_entry *e = find(from, name), *old = find(to, new_name), *fresh;
	int r;

	if (!e)
		return -ENOENT;
	if (old) {
		bool dir = S_ISDIR(e->to->v.mode);

		if (dir && !S_ISDIR(old->to->v.mode))
			return -ENOTDIR;
		if (!dir && S_ISDIR(old->to->v.mode))
			return -EISDIR;
		/* The old name stays and gets the moved node: nothing can fail from here. */
		r = dir ? ram_rmdir(vto, new_name) : ram_unlink(vto, new_name);
		if (r < 0)
			return r;
	}
	r = entry_create(to, new_name, &fresh);
	if (r < 0)
		return r;
	moved = entry_unlink(from, e);
	entry_link(to, fresh, moved);
	moved->ctime = to->ctime;
	return 0;
}

static int ram_readdir(struct file *f, uint64_t cookie, dir_emit emit, void *ctx)
{
	struct ram_node *dir = ram_node(f->vnode);
	struct ram_entry *e;
	uint64_t up = f->vnode->parent ? f->vnode->parent->ino : f->vnode->ino;

	if (cookie < 1 && !emit(ctx, ".", 1, f->vnode->ino, DT_DIR, 1))
		return 0;
	if (cookie < 2 && !emit(ctx, "..", 2, up, DT_DIR, 2))
		return 0;
	list_for_each(e, &dir->dir.entries, node)
		if (e->cookie >= cookie &&
		    !emit(ctx, e->name, strlen(e->name), e->to->v.ino, MODE_TO_DT(e->to->v.mode), e->cookie + 1))
			break;
	return 0;
}

const struct file_ops ramfs_dir_fops = {
	.readdir = ram_readdir,
};
