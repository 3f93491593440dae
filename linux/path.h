/* path.h: paths in system calls: the process's view of the tree, dirfd, and what its grants allow. */
#ifndef UIO_LINUX_PATH_H
#define UIO_LINUX_PATH_H

#include "fs/vfs.h"
#include "linux/process.h"

/* Where a path argument starts and what it says. Everything is held until at_put(). */
struct at_path {
	struct vfs_view view;	/* may_change asks for the grant, with `verb` for the report */
	const char *verb;
	struct vnode *base;	/* NULL: the view's cwd */
	struct file *dir;	/* dirfd's, or NULL */
	char *path;
};

/* Copies the path in. AT_EMPTY_PATH in flags permits "". -EFAULT, -ENAMETOOLONG, -ENOENT, -EBADF, -ENOTDIR. */
int at_get(int dirfd, uint64_t user_path, int flags, struct at_path *ret);
void at_put(struct at_path *at);
/* What the path names: AT_SYMLINK_NOFOLLOW and AT_EMPTY_PATH (dirfd itself) in flags. */
int at_walk(struct at_path *at, int flags, struct vnode **ret);
/* at_get() and at_walk(); *ret_at is to be put on success. */
int at_find(int dirfd, uint64_t user_path, int flags, struct at_path *ret_at, struct vnode **ret);

/* 0, or -EACCES with a report when the current process lacks the grant: to read v (its content or attributes), or to
 * change v (the directory, for names). `verb` and `path` are for the report: "open /etc/passwd". */
int may_read(struct vnode *v, const char *verb, const char *path);
int may_change(struct vnode *v, const char *verb, const char *path);
/* vfs_view.may_change of an at_path. */
int at_may_change(const struct vfs_view *view, struct vnode *dir);

/* The view of a process; held as long as the process does not change it. */
void process_view(struct process *p, struct vfs_view *ret);

#endif
