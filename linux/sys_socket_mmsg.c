/* sys_socket_mmsg.c: sendmmsg and recvmmsg. */
#include "linux/sys_socket.h"
#include "linux/timespec.h"

#define MMSG_MAX     1024
#define MMSGHDR_SIZE 64 /* a msghdr, the length of what was moved, and padding */

long sys_sendmmsg(int fd, uint64_t vec, unsigned count, unsigned flags)
{
	struct socket *s;
	struct file *f;
	unsigned done = 0, moved;
	long r = socket_fd(fd, &f, &s);

	if (r < 0)
		return r;
	count = MIN(count, (unsigned) MMSG_MAX);
	while (done < count && r >= 0) {
		uint64_t at = vec + (uint64_t) done * MMSGHDR_SIZE;

		r = socket_sendmsg(f, at, flags);
		moved = (unsigned) r;
		if (r >= 0)
			r = copy_to_user(at + sizeof(struct msghdr64), &moved, sizeof(moved));
		if (r >= 0)
			done++;
	}
	file_put(f);
	return done ? (long) done : r;
}

/* The time limit is looked at after each message only (recvmmsg(2), BUGS). */
long sys_recvmmsg(int fd, uint64_t vec, unsigned count, unsigned flags, uint64_t timeout)
{
	struct socket *s;
	struct file *f;
	uint64_t deadline;
	unsigned done = 0, moved, each = flags & ~MSG_WAITFORONE;
	long r = timeout_from_user(timeout, true, false, &deadline);

	if (r >= 0)
		r = socket_fd(fd, &f, &s);
	if (r < 0)
		return r;
	count = MIN(count, (unsigned) MMSG_MAX);
	while (done < count && r >= 0) {
		uint64_t at = vec + (uint64_t) done * MMSGHDR_SIZE;

		r = socket_recvmsg(f, at, each);
		moved = (unsigned) r;
		if (r >= 0)
			r = copy_to_user(at + sizeof(struct msghdr64), &moved, sizeof(moved));
		if (r >= 0)
			done++;
		if (flags & MSG_WAITFORONE)
			each |= MSG_DONTWAIT;
		if (clock_monotonic_ns() >= deadline)
			break;
	}
	/* An error behind the first message is the next call's. */
	if (done && r < 0 && r != -EAGAIN && r != -EINTR && r != -ERESTARTSYS && r != -EFAULT)
		s->error = (int) -r;
	file_put(f);
	return done ? (long) done : r;
}
