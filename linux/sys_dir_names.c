/* sys_dir_names.c: mkdir, mknod, rmdir, unlink, rename, link, symlink. */
#include "linux/file.h"
#include "linux/path.h"

static int begin(int dirfd, uint64_t path, const char *verb, struct at_path *at)
{
	int r = at_get(dirfd, path, 0, at);

	at->verb = verb;
	return r;
}

long sys_mkdirat(int dirfd, uint64_t path, unsigned mode)
{
	struct at_path at;
	int r = begin(dirfd, path, "mkdir", &at);

	if (r < 0)
		return r;
	r = vfs_mkdir(&at.view, at.base, at.path, mode);
	at_put(&at);
	return r;
}

long sys_mkdir(uint64_t path, unsigned mode)
{
	return sys_mkdirat(AT_FDCWD, path, mode);
}

long sys_mknodat(int dirfd, uint64_t path, unsigned mode, uint64_t dev)
{
	struct at_path at;
	int r;

	/* A program must not make itself a node for a device that it may not open. */
	if (current()->proc->restricted && (S_ISCHR(mode) || S_ISBLK(mode)))
		return -EPERM;
	r = begin(dirfd, path, "mknod", &at);
	if (r < 0)
		return r;
	r = vfs_mknod(&at.view, at.base, at.path, mode, dev);
	at_put(&at);
	return r;
}

long sys_mknod(uint64_t path, unsigned mode, uint64_t dev)
{
	return sys_mknodat(AT_FDCWD, path, mode, dev);
}

long sys_unlinkat(int dirfd, uint64_t path, int flags)
{
	struct at_path at;
	int r;

	if (flags & ~AT_REMOVEDIR)
		return -EINVAL;
	r = begin(dirfd, path, flags ? "rmdir" : "unlink", &at);
	if (r < 0)
		return r;
	r = flags ? vfs_rmdir(&at.view, at.base, at.path) : vfs_unlink(&at.view, at.base, at.path);
	at_put(&at);
	return r;
}

long sys_rmdir(uint64_t path)
{
	return sys_unlinkat(AT_FDCWD, path, AT_REMOVEDIR);
}

long sys_unlink(uint64_t path)
{
	return sys_unlinkat(AT_FDCWD, path, 0);
}

#define RENAME_NOREPLACE 1

long sys_renameat2(int from_fd, uint64_t from_path, int to_fd, uint64_t to_path, unsigned flags)
{
	struct at_path from, to;
	int r;

	if (flags & ~(unsigned) RENAME_NOREPLACE)
		return -EINVAL;
	r = begin(from_fd, from_path, "rename", &from);
	if (r < 0)
		return r;
	r = begin(to_fd, to_path, "rename to", &to);
	if (r >= 0) {
		r = vfs_rename(&from.view, from.base, from.path, to.base, to.path, flags & RENAME_NOREPLACE);
		at_put(&to);
	}
	at_put(&from);
	return r;
}

long sys_renameat(int from_fd, uint64_t from, int to_fd, uint64_t to)
{
	return sys_renameat2(from_fd, from, to_fd, to, 0);
}

long sys_rename(uint64_t from, uint64_t to)
{
	return sys_renameat2(AT_FDCWD, from, AT_FDCWD, to, 0);
}

long sys_linkat(int from_fd, uint64_t from_path, int to_fd, uint64_t to_path, int flags)
{
	struct at_path from, to;
	struct vnode *v;
	int r;

	if (flags & ~(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	r = at_find(from_fd, from_path, (flags & AT_EMPTY_PATH) | (flags & AT_SYMLINK_FOLLOW ? 0 : AT_SYMLINK_NOFOLLOW),
		    &from, &v);
	if (r < 0)
		return r;
	/* A second name would make the file changeable where the first is not. */
	r = may_change(v, "link", from.path);
	if (r >= 0)
		r = begin(to_fd, to_path, "link", &to);
	if (r >= 0) {
		r = vfs_link(&to.view, v, to.base, to.path);
		at_put(&to);
	}
	vnode_put(v);
	at_put(&from);
	return r;
}

long sys_link(uint64_t from, uint64_t to)
{
	return sys_linkat(AT_FDCWD, from, AT_FDCWD, to, 0);
}

long sys_symlinkat(uint64_t target, int dirfd, uint64_t path)
{
	struct at_path at, to;
	int r = at_get(AT_FDCWD, target, 0, &to);

	if (r < 0)
		return r;
	r = begin(dirfd, path, "symlink", &at);
	if (r >= 0) {
		r = vfs_symlink(&at.view, to.path, at.base, at.path);
		at_put(&at);
	}
	at_put(&to);
	return r;
}

long sys_symlink(uint64_t target, uint64_t path)
{
	return sys_symlinkat(target, AT_FDCWD, path);
}
