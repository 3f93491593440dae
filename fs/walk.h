/* walk.h: what the files that change names share with the path walk. fs/ only. */
#ifndef UIO_FS_WALK_H
#define UIO_FS_WALK_H

#include "fs/vfs.h"

/* As vfs_walk_parent(); follow_last: a symbolic link as the last component is followed first (open with O_CREAT). */
int walk_parent(const struct vfs_view *view, struct vnode *base, const char *path, bool follow_last,
		struct vfs_parent *ret);
/* One name in one directory; steps onto what is mounted there. */
int walk_lookup(const struct vfs_view *view, struct vnode *dir, const char *name, struct vnode **ret);
/* "." or ".." */
static inline bool name_is_dots(const char *n)
{
	return n[0] == '.' && (!n[1] || (n[1] == '.' && !n[2]));
}
static inline bool vnode_readonly(const struct vnode *v)
{
	return v->mount && v->mount->readonly;
}

/* Mounts what waits over `dir` for its first use (root.c); false: nothing does. May block. */
bool vfs_automount(struct vnode *dir);

#endif
