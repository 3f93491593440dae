/* sys_lock_flock.c: flock. */
#include "linux/file.h"
#include "linux/lock.h"

enum { LOCK_SH = 1, LOCK_EX = 2, LOCK_NB = 4, LOCK_UN = 8 };

long sys_flock(int fd, int op)
{
	struct file *f = fd_get(fd);
	int kind = op & ~LOCK_NB, r;

	if (!f)
		return -EBADF;
	if (kind != LOCK_SH && kind != LOCK_EX && kind != LOCK_UN)
		r = -EINVAL;
	else
		r = lock_set(f, LOCK_FLOCK, f, kind == LOCK_UN ? F_UNLCK : kind == LOCK_EX ? F_WRLCK : F_RDLCK, 0,
			     INT64_MAX, !(op & LOCK_NB));
	file_put(f);
	return r == -EINTR ? -ERESTARTSYS : r;
}
