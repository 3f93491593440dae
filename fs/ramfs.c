/* ramfs.c: ramfs's nodes: their making, attributes and end. Directories: ramfs_dir.c; content: ramfs_file.c. */
#include "fs/ramfs_node.h"
#include "kernel/clock.h"
#include "kernel/kmem.h"
#include "kernel/page.h"
#include "kernel/thread.h"
#include "kernel/vm.h"

#define TMPFS_MAGIC 0x01021994 /* statfs(2) */

void ram_touch(struct ram_node *n)
{
	n->mtime = n->ctime = (int64_t) clock_realtime_ns();
}

int ram_charge(struct ramfs *fs, uint64_t bytes)
{
	struct page_stats mem;

	page_get_stats(&mem);
	if ((fs->mount.restricted_only || current()->window) && mem.free <= vm_reserve_pages())
		return -ENOSPC;
	if (fs->used > fs->limit || bytes > fs->limit - fs->used)
		return -ENOSPC;
	fs->used += bytes;
	return 0;
}

int ram_node_create(struct ramfs *fs, uint32_t mode, uint64_t rdev, struct ram_node **ret)
{
	struct ram_node *n;
	int r = ram_charge(fs, sizeof(*n));

	if (r < 0)
		return r;
	n = kzalloc(sizeof(*n));
	if (!n) {
		fs->used -= sizeof(*n);
		return -ENOSPC;
	}
	n->v = (struct vnode){
		.refs = 1,
		.mode = mode,
		.ops = &ramfs_vnode_ops,
		.fops = S_ISREG(mode) ? &ramfs_file_fops : S_ISDIR(mode) ? &ramfs_dir_fops : special_fops(mode),
		.mount = &fs->mount,
		.ino = fs->next_ino++,
		.rdev = rdev,
	};
	n->fs = fs;
	n->nlink = 1;
	ram_touch(n);
	n->atime = n->mtime;
	if (S_ISDIR(mode)) {
		list_init(&n->dir.entries);
		n->nlink = 2;
	}
	fs->nodes++;
	*ret = n;
	return 0;
}

static void ram_free(struct vnode *v)
{
	struct ram_node *n = ram_node(v);

	if (S_ISREG(v->mode))
		ram_file_resize(n, 0);
	if (S_ISLNK(v->mode)) {
		n->fs->used -= strlen(n->target) + 1;
		kfree(n->target);
	}
	n->fs->used -= sizeof(*n);
	n->fs->nodes--;
	kfree(n);
}

static int ram_getattr(struct vnode *v, struct vattr *a)
{
	struct ram_node *n = ram_node(v);

	a->uid = n->uid;
	a->gid = n->gid;
	a->nlink = n->nlink;
	a->atime = n->atime;
	a->mtime = n->mtime;
	a->ctime = n->ctime;
	if (S_ISREG(v->mode)) {
		a->size = n->file.size;
		a->blocks = n->file.frames * (PAGE_SIZE / 512);
		if (n->file.rom)
			a->blocks = MAX(a->blocks, (n->file.rom_size + 511) / 512);
	} else if (S_ISLNK(v->mode)) {
		a->size = strlen(n->target);
	}
	return 0;
}

static int ram_setattr(struct vnode *v, const struct vattr *a)
{
	struct ram_node *n = ram_node(v);
	int r;

	if (a->valid & ATTR_SIZE) {
		r = ram_file_resize(n, a->size);
		if (r < 0)
			return r;
		ram_touch(n);
	}
	if (a->valid & ATTR_MODE)
		v->mode = (v->mode & S_IFMT) | (a->mode & 07777);
	if (a->valid & ATTR_UID)
		n->uid = a->uid;
	if (a->valid & ATTR_GID)
		n->gid = a->gid;
	n->ctime = (int64_t) clock_realtime_ns();
	if (a->valid & ATTR_ATIME)
		n->atime = a->atime;
	if (a->valid & ATTR_MTIME)
		n->mtime = a->mtime;
	return 0;
}

static kssize_t ram_readlink(struct vnode *v, char *buf, size_t size)
{
	struct ram_node *n = ram_node(v);
	size_t len;

	if (!S_ISLNK(v->mode))
		return -EINVAL;
	len = MIN(strlen(n->target), size);
	memcpy(buf, n->target, len);
	return (kssize_t) len;
}

static int ram_statfs(struct vnode *v, struct vstatfs *s)
{
	struct ramfs *fs = ram_node(v)->fs;
	struct page_stats p;
	uint64_t room = fs->limit > fs->used ? fs->limit - fs->used : 0;

	page_get_stats(&p);
	s->type = TMPFS_MAGIC;
	/* Where memory is short the file system is smaller, not fuller. */
	s->bfree = MIN(room / PAGE_SIZE, p.free);
	s->blocks = s->bfree + PAGE_ALIGN_UP(fs->used) / PAGE_SIZE;
	s->files = fs->nodes + room / sizeof(struct ram_node);
	s->ffree = room / sizeof(struct ram_node);
	return 0;
}

const struct vnode_ops ramfs_vnode_ops = {
	.lookup = ram_lookup,
	.mknod = ram_mknod,
	.mkdir = ram_mkdir,
	.symlink = ram_symlink,
	.link = ram_link,
	.unlink = ram_unlink,
	.rmdir = ram_rmdir,
	.rename = ram_rename,
	.readlink = ram_readlink,
	.getattr = ram_getattr,
	.setattr = ram_setattr,
	.statfs = ram_statfs,
	.get_page = ram_file_get_page,
	.free = ram_free,
};

int ramfs_create(uint64_t limit, struct mount **ret)
{
	struct ramfs *fs = kzalloc(sizeof(*fs));
	struct ram_node *root;
	int r;

	if (!fs)
		return -ENOMEM;
	fs->limit = limit;
	fs->next_ino = 1;
	r = ram_node_create(fs, S_IFDIR | 0755, 0, &root);
	if (r < 0) {
		kfree(fs);
		return r;
	}
	fs->mount.root = &root->v;
	fs->mount.type = "ramfs";
	fs->mount.dev = mount_new_dev();
	*ret = &fs->mount;
	return 0;
}

void ramfs_set_limit(struct mount *m, uint64_t limit)
{
	container_of(m, struct ramfs, mount)->limit = limit;
}
