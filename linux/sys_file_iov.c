/* sys_file_iov.c: readv and writev. */
#include "kernel/kmem.h"
#include "linux/file.h"

#define IOV_MAX 1024
#define IOV_FEW 4

long fd_iov_io(int fd, bool write, uint64_t iov, int count, uint64_t off)
{
	struct iovec64 few[IOV_FEW], *v = few;
	uint64_t left = IO_MAX;
	struct iter it;
	long r;

	if (count < 0 || count > IOV_MAX)
		return -EINVAL;
	if (count > IOV_FEW) {
		v = kmalloc((size_t) count * sizeof(*v));
		if (!v)
			return -ENOMEM;
	}
	r = copy_from_user(v, iov, (size_t) count * sizeof(*v));
	for (int i = 0; r >= 0 && i < count; i++) {
		if (v[i].len > INT64_MAX)
			r = -EINVAL;
		v[i].len = MIN(v[i].len, left);
		left -= v[i].len;
	}
	if (r >= 0) {
		iter_init_iov(&it, v, (unsigned) count);
		r = fd_io(fd, write, &it, off);
	}
	if (v != few)
		kfree(v);
	return r;
}

long sys_readv(int fd, uint64_t iov, int count)
{
	return fd_iov_io(fd, false, iov, count, FILE_POS);
}

long sys_writev(int fd, uint64_t iov, int count)
{
	return fd_iov_io(fd, true, iov, count, FILE_POS);
}
