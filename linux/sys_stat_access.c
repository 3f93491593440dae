/* sys_stat_access.c: access and faccessat. Everybody is root: only execution of what nobody may execute, and writing on
 * a read-only mount, are refused; and what a program's grants do not cover. */
#include "linux/file.h"
#include "linux/path.h"

#define X_OK 1
#define W_OK 2
#define R_OK 4

static long may_access(struct vnode *v, int mode, const char *path)
{
	long r = may_read(v, "access", path);

	if (r >= 0 && mode & W_OK) {
		if (v->mount && v->mount->readonly && !S_ISCHR(v->mode))
			return -EROFS;
		r = may_change(v, "access", path);
	}
	if (r >= 0 && mode & X_OK && !S_ISDIR(v->mode) && !(v->mode & 0111))
		return -EACCES;
	return r;
}

long sys_faccessat2(int dirfd, uint64_t path, int mode, int flags)
{
	struct at_path at;
	struct vnode *v;
	long r;

	if (mode & ~(R_OK | W_OK | X_OK) || flags & ~(AT_EACCESS | AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	r = at_find(dirfd, path, flags, &at, &v);
	if (r < 0)
		return r;
	r = may_access(v, mode, at.path);
	vnode_put(v);
	at_put(&at);
	return r;
}

long sys_faccessat(int dirfd, uint64_t path, int mode)
{
	return sys_faccessat2(dirfd, path, mode, 0);
}

long sys_access(uint64_t path, int mode)
{
	return sys_faccessat2(AT_FDCWD, path, mode, 0);
}
