/* sys_file_seek.c: lseek. */
#include "linux/file.h"

static int64_t size_of(struct vnode *v)
{
	struct vattr a;
	int r;

	memset(&a, 0, sizeof(a));
	r = v->ops && v->ops->getattr ? v->ops->getattr(v, &a) : 0;
	return r < 0 ? r : (int64_t) a.size;
}

static long seek(struct file *f, int64_t off, int whence)
{
	int64_t base = 0;

	if (!file_seekable(f))
		return -ESPIPE;
	if (whence == SEEK_CUR)
		base = (int64_t) f->pos;
	else if (whence == SEEK_END || whence == SEEK_DATA || whence == SEEK_HOLE)
		base = size_of(f->vnode);
	else if (whence != SEEK_SET)
		return -EINVAL;
	if (base < 0)
		return base;
	if (whence == SEEK_DATA || whence == SEEK_HOLE) { /* one run of data, then the end */
		if (off < 0 || off >= base)
			return -ENXIO;
		f->pos = (uint64_t) (whence == SEEK_DATA ? off : base);
		return (long) f->pos;
	}
	if (__builtin_add_overflow(base, off, &off) || off < 0)
		return -EINVAL;
	f->pos = (uint64_t) off;
	return off;
}

long sys_lseek(int fd, int64_t off, int whence)
{
	struct file *f = fd_get(fd);
	long r;

	if (!f)
		return -EBADF;
	r = seek(f, off, whence);
	file_put(f);
	return r;
}
