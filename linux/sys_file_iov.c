/* sys_file_iov.c: readv and writev. */
#include "kernel/kmem.h"
#include "linux/file.h"

int iov_from_user(uint64_t iov, int count, struct iovec64 **v, struct iter *ret_it)
{
	struct iovec64 *few = *v;
	uint64_t left = IO_MAX;
	int r;

	if (count < 0 || count > IOV_MAX)
		return -EINVAL;
	if (count > IOV_FEW) {
		*v = kmalloc((size_t) count * sizeof(**v));
		if (!*v)
			return -ENOMEM;
	}
	r = copy_from_user(*v, iov, (size_t) count * sizeof(**v));
	for (int i = 0; r >= 0 && i < count; i++) {
		struct iovec64 *part = *v + i;

		if (part->len > INT64_MAX)
			r = -EINVAL;
		part->len = MIN(part->len, left);
		left -= part->len;
	}
	if (r < 0)
		iov_free(*v, few);
	else
		iter_init_iov(ret_it, *v, (unsigned) count);
	return r;
}

void iov_free(struct iovec64 *v, struct iovec64 *few)
{
	if (v != few)
		kfree(v);
}

long fd_iov_io(int fd, bool write, uint64_t iov, int count, uint64_t off)
{
	struct iovec64 few[IOV_FEW], *v = few;
	struct iter it;
	long r = iov_from_user(iov, count, &v, &it);

	if (r < 0)
		return r;
	r = fd_io(fd, write, &it, off);
	iov_free(v, few);
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
