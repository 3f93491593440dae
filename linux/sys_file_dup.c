/* sys_file_dup.c: dup, dup2, dup3, close_range. */
#include "linux/file.h"
#include "linux/process.h"

#define CLOSE_RANGE_UNSHARE 2
#define CLOSE_RANGE_CLOEXEC 4

long sys_dup(int fd)
{
	struct file *f = fd_get(fd);

	return f ? fd_install(f, false) : -EBADF;
}

static long dup_to(int from, int to, bool cloexec)
{
	struct file *f = fd_get(from);
	long r;

	if (!f)
		return -EBADF;
	r = fdtable_set(current()->proc->files, (unsigned) to, f, cloexec);
	if (r < 0)
		file_put(f);
	return r;
}

long sys_dup2(int from, int to)
{
	if (from == to)
		return fdtable_peek(current()->proc->files, (unsigned) from, NULL) ? to : -EBADF;
	return dup_to(from, to, false);
}

long sys_dup3(int from, int to, int flags)
{
	if (from == to || flags & ~O_CLOEXEC)
		return -EINVAL;
	return dup_to(from, to, flags & O_CLOEXEC);
}

long sys_close_range(unsigned first, unsigned last, unsigned flags)
{
	struct fdtable *t = current()->proc->files;

	if (first > last || flags & ~(unsigned) CLOSE_RANGE_CLOEXEC)
		return -EINVAL;
	for (unsigned fd = first; fd <= last && fd < t->size; fd++) {
		if (flags & CLOSE_RANGE_CLOEXEC)
			fdtable_set_cloexec(t, fd, true);
		else
			(void) fdtable_close(t, fd);
	}
	return 0;
}
