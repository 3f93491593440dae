/* cpiofs.c: unpacks the initrd, a cpio archive, into the root file system. Names go through the ordinary path walk, so
 * none can lead out of the root. */
#include "fs/cpiofs.h"
#include "fs/ramfs.h"
#include "fs/vfs.h"
#include "kernel/kmem.h"
#include "kernel/log.h"
#include "lib/cpio.h"

static int set_owner(const char *path, const struct cpio_entry *e)
{
	struct vattr a = {
		.valid = ATTR_UID | ATTR_GID | ATTR_MTIME | (S_ISLNK(e->mode) ? 0 : ATTR_MODE),
		.uid = e->uid,
		.gid = e->gid,
		.mode = e->mode & 07777,
		.mtime = (int64_t) e->mtime * (int64_t) NSEC_PER_SEC,
	};
	struct vnode *v;
	int r = vfs_walk(NULL, NULL, path, WALK_NOFOLLOW, &v);

	if (r < 0)
		return r;
	if (S_ISREG(e->mode) && S_ISREG(v->mode) && e->data_size)
		ramfs_set_rom(v, e->data, e->data_size);
	r = vfs_setattr(v, &a);
	vnode_put(v);
	return r;
}

/* Makes the directories that the archive has not named before the entry. */
static void make_parents(char *path)
{
	for (char *p = path + 1; *p; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		(void) vfs_mkdir(NULL, NULL, path, 0755);
		*p = '/';
	}
}

static int make_link(const char *path, const struct cpio_entry *e)
{
	char *target;
	int r;

	if (!e->data_size || e->data_size >= PATH_MAX)
		return -EINVAL;
	target = kstrndup(e->data, e->data_size);
	if (!target)
		return -ENOMEM;
	r = vfs_symlink(NULL, target, NULL, path);
	kfree(target);
	return r;
}

static int make(char *path, const struct cpio_entry *e)
{
	int r;

	make_parents(path);
	if (S_ISDIR(e->mode))
		r = vfs_mkdir(NULL, NULL, path, 0755);
	else if (S_ISLNK(e->mode))
		r = make_link(path, e);
	else
		r = vfs_mknod(NULL, NULL, path, e->mode, MAKEDEV(e->rdev_major, e->rdev_minor));
	if (r == -EEXIST)
		r = 0;
	return r < 0 ? r : set_owner(path, e);
}

void cpio_unpack(const void *image, size_t size)
{
	struct cpio_entry e;
	struct cpio c;
	int r;

	cpio_open(&c, image, size);
	while ((r = cpio_next(&c, &e)) > 0) {
		size_t len = strlen(e.name);
		char *path;
		int made;

		if (len >= PATH_MAX - 1 || !(path = kmalloc(len + 2)))
			continue;
		path[0] = '/';
		memcpy(path + 1, e.name, len + 1);
		made = make(path, &e);
		if (made < 0)
			klog("initrd: %s: error %d", path, made);
		kfree(path);
	}
	if (r < 0)
		klog("initrd: the archive is damaged at byte %zu", c.offset);
}
