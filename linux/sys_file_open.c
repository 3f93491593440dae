/* sys_file_open.c: open, openat, creat. */
#include "linux/file.h"
#include "linux/path.h"

static int check(void *ctx, struct vnode *v, uint32_t flags, bool creates)
{
	const char *path = ((struct at_path *) ctx)->path;
	uint32_t mode = flags & O_ACCMODE;
	int r = 0;

	if (creates)
		return may_change(v, "create", path);
	/* The application's console: what is read there is lost to it. */
	if (S_ISCHR(v->mode) && v->rdev == MAKEDEV(5, 1) && v->mount)
		return may_change(v, "open", path);
	if (mode != O_WRONLY || flags & O_PATH)
		r = may_read(v, "open", path);
	if (r >= 0 && (mode != O_RDONLY || flags & O_TRUNC) && !(flags & O_PATH))
		r = may_change(v, "write", path);
	return r;
}

long sys_openat(int dirfd, uint64_t path, int flags, unsigned mode)
{
	struct at_path at;
	struct open_check c = { check, &at };
	struct file *f;
	int r = at_get(dirfd, path, 0, &at);

	if (r < 0)
		return r;
	/* O_PATH leaves but these (open(2)). */
	if (flags & O_PATH)
		flags &= O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	r = vfs_open_at(&at.view, at.base, at.path, (uint32_t) flags, mode, &c, &f);
	at_put(&at);
	if (r < 0)
		return r == -EINTR ? -ERESTARTSYS : r;
	return fd_install(f, flags & O_CLOEXEC);
}

long sys_open(uint64_t path, int flags, unsigned mode)
{
	return sys_openat(AT_FDCWD, path, flags, mode);
}

long sys_creat(uint64_t path, unsigned mode)
{
	return sys_openat(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}
