/* sys_file_fcntl.c: fcntl. */
#include "linux/file.h"
#include "linux/lock.h"
#include "linux/process.h"

enum {
	F_DUPFD = 0,
	F_GETFD = 1,
	F_SETFD = 2,
	F_GETFL = 3,
	F_SETFL = 4,
	F_GETLK = 5,
	F_SETLKW = 7,
	F_SETOWN = 8,
	F_GETOWN = 9,
	F_OFD_GETLK = 36,
	F_OFD_SETLKW = 38,
	F_DUPFD_CLOEXEC = 1030,
	F_SETPIPE_SZ = 1031,
	F_GETPIPE_SZ = 1032,
};

#define FD_CLOEXEC 1
#define SETTABLE (O_APPEND | O_NONBLOCK | O_ASYNC | O_DIRECT | O_NOATIME)
#define PIPE_BYTES 65536

static long duplicate(struct file *f, uint64_t from, bool cloexec)
{
	long fd;

	if (from >= FD_MAX)
		return -EINVAL;
	fd = fdtable_add(current()->proc->files, f, (unsigned) from, cloexec);
	if (fd >= 0)
		file_get(f);
	return fd;
}

static long run(struct file *f, int fd, int cmd, uint64_t arg)
{
	struct fdtable *t = current()->proc->files;
	bool cloexec = false;

	switch (cmd) {
	case F_DUPFD:
	case F_DUPFD_CLOEXEC:
		return duplicate(f, arg, cmd == F_DUPFD_CLOEXEC);
	case F_GETFD:
		fdtable_peek(t, (unsigned) fd, &cloexec);
		return cloexec ? FD_CLOEXEC : 0;
	case F_SETFD:
		fdtable_set_cloexec(t, (unsigned) fd, arg & FD_CLOEXEC);
		return 0;
	case F_GETFL:
		return f->flags | O_LARGEFILE;
	case F_SETFL:
		f->flags = (f->flags & ~(uint32_t) SETTABLE) | ((uint32_t) arg & SETTABLE);
		return 0;
	case F_SETOWN:
	case F_GETOWN:
		return 0;
	case F_GETPIPE_SZ:
		return S_ISFIFO(f->vnode->mode) ? PIPE_BYTES : -EBADF;
	case F_SETPIPE_SZ:
		if (!S_ISFIFO(f->vnode->mode))
			return -EBADF;
		return arg > PIPE_BYTES ? -EPERM : PIPE_BYTES;
	}
	if ((cmd >= F_GETLK && cmd <= F_SETLKW) || (cmd >= F_OFD_GETLK && cmd <= F_OFD_SETLKW))
		return f->flags & O_PATH ? -EBADF : lock_fcntl(f, cmd, arg);
	return -EINVAL;
}

long sys_fcntl(int fd, int cmd, uint64_t arg)
{
	struct file *f = fd_get(fd);
	long r;

	if (!f)
		return -EBADF;
	r = run(f, fd, cmd, arg);
	file_put(f);
	return r == -EINTR ? -ERESTARTSYS : r;
}
