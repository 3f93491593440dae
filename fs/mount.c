/* mount.c: the mount table. */
#include "fs/walk.h"

struct list mount_list = LIST_INIT(mount_list);
struct vnode *vfs_root;

uint64_t mount_new_dev(void)
{
	static unsigned last;

	return MAKEDEV(0, ++last);
}

static void set_target(struct mount *m, const char *target)
{
	size_t n = MIN(strlen(target), sizeof(m->target) - 1);

	memcpy(m->target, target, n);
	m->target[n] = '\0';
}

int vfs_mount(const char *target, struct mount *m)
{
	struct vnode *dir;
	int r;

	m->root->mount = m;
	if (!vfs_root) {
		set_target(m, "/");
		vfs_root = m->root;
		list_add_tail(&mount_list, &m->node);
		return 0;
	}
	r = vfs_walk(NULL, NULL, target, 0, &dir);
	if (r < 0)
		return r;
	if (!S_ISDIR(dir->mode) || dir == vfs_root) {
		r = dir == vfs_root ? -EBUSY : -ENOTDIR;
		vnode_put(dir);
		return r;
	}
	set_target(m, target);
	dir->covered = true;
	m->covered = dir;
	list_add_tail(&mount_list, &m->node);
	return 0;
}

int vfs_umount(const char *target)
{
	struct vnode *root;
	struct mount *m, *other;
	bool covered = false;
	int r = vfs_walk(NULL, NULL, target, 0, &root);

	if (r < 0)
		return r;
	vnode_put(root); /* the mount holds it */
	m = root->mount;
	if (!m || m->root != root || !m->covered)
		return -EINVAL;
	list_for_each(other, &mount_list, node)
		if (other->covered && other->covered->mount == m)
			return -EBUSY;
	if (!m->umount || m->root->refs > 1)
		return -EBUSY;
	list_del(&m->node);
	list_for_each(other, &mount_list, node)
		covered |= other->covered == m->covered;
	m->covered->covered = covered;
	vnode_put(m->covered);
	m->umount(m);
	return 0;
}
