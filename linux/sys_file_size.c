/* sys_file_size.c: truncate, ftruncate, fallocate. */
#include "linux/file.h"
#include "linux/path.h"

long sys_truncate(uint64_t path, int64_t len)
{
	struct at_path at;
	struct vnode *v;
	int r;

	if (len < 0)
		return -EINVAL;
	r = at_find(AT_FDCWD, path, 0, &at, &v);
	if (r < 0)
		return r;
	r = may_change(v, "truncate", at.path);
	if (r >= 0)
		r = vfs_truncate(v, (uint64_t) len);
	vnode_put(v);
	at_put(&at);
	return r;
}

long sys_ftruncate(int fd, int64_t len)
{
	struct file *f = fd_get(fd);
	int r;

	if (!f)
		return -EBADF;
	if (len < 0 || (f->flags & O_ACCMODE) == O_RDONLY || !S_ISREG(f->vnode->mode))
		r = -EINVAL;
	else
		r = vfs_truncate(f->vnode, (uint64_t) len);
	file_put(f);
	return r;
}

/* Only plain allocation; space is not reserved, since no file system here could promise it. */
long sys_fallocate(int fd, int mode, int64_t off, int64_t len)
{
	struct file *f = fd_get(fd);
	struct vattr a;
	int r;

	if (!f)
		return -EBADF;
	if (mode)
		r = -EOPNOTSUPP;
	else if (off < 0 || len <= 0)
		r = -EINVAL;
	else if (off > INT64_MAX - len)
		r = -EFBIG;
	else if ((f->flags & O_ACCMODE) == O_RDONLY)
		r = -EBADF;
	else if (!S_ISREG(f->vnode->mode))
		r = -ENODEV;
	else {
		r = vfs_getattr(f->vnode, &a);
		if (r >= 0 && a.size < (uint64_t) (off + len))
			r = vfs_truncate(f->vnode, (uint64_t) (off + len));
	}
	file_put(f);
	return r;
}
