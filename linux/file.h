/* file.h: shared helpers of the system calls on files. */
#ifndef UIO_LINUX_FILE_H
#define UIO_LINUX_FILE_H

#include "fs/vfs.h"
#include "linux/fd.h"
#include "linux/sys.h"

/* As much as one call moves (read(2), NOTES). */
#define IO_MAX 0x7ffff000UL

/* Reads or writes through the current process's fd. off: FILE_POS or a position. Interrupted waits restart; a broken
 * pipe raises SIGPIPE. */
long fd_io(int fd, bool write, struct iter *it, uint64_t off);
/* The same over a user's iovec array. */
long fd_iov_io(int fd, bool write, uint64_t iov, int count, uint64_t off);

/* Copies a user's iovec array in: *v is an array of IOV_FEW on entry, and what iov_free() takes with it afterwards. At
 * most IO_MAX bytes in all. -EINVAL, -EFAULT, -ENOMEM. */
#define IOV_MAX 1024
#define IOV_FEW 4
int iov_from_user(uint64_t iov, int count, struct iovec64 **v, struct iter *ret_it);
void iov_free(struct iovec64 *v, struct iovec64 *few);

#endif
