/* sys_file_sync.c: fsync and its like, and advice about access, which is taken note of and not followed. */
#include "linux/file.h"

long sys_fsync(int fd)
{
	struct file *f = fd_get(fd);
	int r = 0;

	if (!f)
		return -EBADF;
	if (f->fops->fsync)
		r = f->fops->fsync(f);
	else if (!S_ISREG(f->vnode->mode) && !S_ISDIR(f->vnode->mode))
		r = -EINVAL;
	file_put(f);
	return r;
}

long sys_fdatasync(int fd)
{
	return sys_fsync(fd);
}

static long exists(int fd)
{
	struct file *f = fd_get(fd);

	file_put(f);
	return f ? 0 : -EBADF;
}


long sys_syncfs(int fd)
{
	return exists(fd);
}

long sys_sync_file_range(int fd, int64_t off, int64_t len, unsigned flags)
{
	return off < 0 || len < 0 ? -EINVAL : sys_fsync(fd);
}

long sys_readahead(int fd, int64_t off, uint64_t len)
{
	return exists(fd);
}

long sys_fadvise64(int fd, int64_t off, int64_t len, int advice)
{
	if (advice < 0 || advice > 5 || len < 0)
		return -EINVAL;
	return exists(fd);
}
