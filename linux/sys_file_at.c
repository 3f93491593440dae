/* sys_file_at.c: reading and writing at a position: pread, pwrite and their vectors. */
#include "linux/file.h"

#define RWF_SUPPORTED 0x1f /* HIPRI, DSYNC, SYNC, NOWAIT, APPEND */
#define RWF_APPEND 0x10

long sys_pread64(int fd, uint64_t buf, uint64_t len, uint64_t off)
{
	struct iter it;

	if (off > INT64_MAX)
		return -EINVAL;
	iter_init_user(&it, buf, MIN(len, IO_MAX));
	return fd_io(fd, false, &it, off);
}

long sys_pwrite64(int fd, uint64_t buf, uint64_t len, uint64_t off)
{
	struct iter it;

	if (off > INT64_MAX)
		return -EINVAL;
	iter_init_user(&it, buf, MIN(len, IO_MAX));
	return fd_io(fd, true, &it, off);
}

long sys_preadv(int fd, uint64_t iov, int count, uint64_t off, uint64_t off_high)
{
	return off > INT64_MAX ? -EINVAL : fd_iov_io(fd, false, iov, count, off);
}

long sys_pwritev(int fd, uint64_t iov, int count, uint64_t off, uint64_t off_high)
{
	return off > INT64_MAX ? -EINVAL : fd_iov_io(fd, true, iov, count, off);
}

/* An offset of -1 means the file's position, which happens to be FILE_POS. */
static long vector2(int fd, bool write, uint64_t iov, int count, uint64_t off, int flags)
{
	if (flags & ~RWF_SUPPORTED || flags & RWF_APPEND)
		return -EOPNOTSUPP;
	if (off > INT64_MAX && off != FILE_POS)
		return -EINVAL;
	return fd_iov_io(fd, write, iov, count, off);
}

long sys_preadv2(int fd, uint64_t iov, int count, uint64_t off, uint64_t off_high, int flags)
{
	return vector2(fd, false, iov, count, off, flags);
}

long sys_pwritev2(int fd, uint64_t iov, int count, uint64_t off, uint64_t off_high, int flags)
{
	return vector2(fd, true, iov, count, off, flags);
}
