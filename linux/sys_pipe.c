/* sys_pipe.c: pipe, pipe2. */
#include "fs/pipe.h"
#include "linux/file.h"
#include "linux/process.h"

long sys_pipe2(uint64_t fds, int flags)
{
	struct fdtable *t = current()->proc->files;
	bool cloexec = flags & O_CLOEXEC;
	struct file *end[2];
	int fd[2], r;

	if (flags & ~(O_CLOEXEC | O_NONBLOCK | O_DIRECT))
		return -EINVAL;
	r = pipe_create(flags & O_NONBLOCK, &end[0], &end[1]);
	if (r < 0)
		return r;
	fd[0] = fdtable_add(t, end[0], 0, cloexec);
	if (fd[0] < 0) {
		file_put(end[0]);
		file_put(end[1]);
		return fd[0];
	}
	fd[1] = fdtable_add(t, end[1], 0, cloexec);
	if (fd[1] < 0) {
		file_put(end[1]);
		fdtable_close(t, (unsigned) fd[0]);
		return fd[1];
	}
	if (copy_to_user(fds, fd, sizeof(fd)) < 0) {
		fdtable_close(t, (unsigned) fd[0]);
		fdtable_close(t, (unsigned) fd[1]);
		return -EFAULT;
	}
	return 0;
}

long sys_pipe(uint64_t fds)
{
	return sys_pipe2(fds, 0);
}
