/* sys_file.c: read, write, close. Every image has them. */
#include "linux/file.h"
#include "linux/process.h"

#define SIGPIPE 13

/* Only where something else needs signals. Without them there is no pipe that could break. */
int signal_send_thread(struct thread *t, int signo) __attribute__((weak));

long fd_io(int fd, bool write, struct iter *it, uint64_t off)
{
	struct file *f = fd_get(fd);
	long r;

	if (!f)
		return -EBADF;
	r = write ? file_write(f, it, off) : file_read(f, it, off);
	file_put(f);
	if (r == -EPIPE && signal_send_thread)
		signal_send_thread(current(), SIGPIPE);
	return r == -EINTR ? -ERESTARTSYS : r;
}

long sys_read(int fd, uint64_t buf, uint64_t len)
{
	struct iter it;

	iter_init_user(&it, buf, MIN(len, IO_MAX));
	return fd_io(fd, false, &it, FILE_POS);
}

long sys_write(int fd, uint64_t buf, uint64_t len)
{
	struct iter it;

	iter_init_user(&it, buf, MIN(len, IO_MAX));
	return fd_io(fd, true, &it, FILE_POS);
}

long sys_close(int fd)
{
	return fdtable_close(current()->proc->files, (unsigned) fd);
}
