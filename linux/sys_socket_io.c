/* sys_socket_io.c: sendto and recvfrom. */
#include "linux/file.h"
#include "linux/signal.h"
#include "linux/sys_socket.h"

long socket_send_user(struct file *f, struct socket_msg *m)
{
	long r;

	if (m->flags & MSG_OOB)
		return -EOPNOTSUPP;
	r = socket_send(f, m);
	if (r == -EPIPE && !(m->flags & MSG_NOSIGNAL) && socket_of(f)->type != SOCK_DGRAM)
		signal_send_thread(current(), SIGPIPE);
	return r;
}

long socket_recv_user(struct file *f, struct socket_msg *m)
{
	if (m->flags & MSG_OOB)
		return -EINVAL;
	/* Nothing is kept for this queue. */
	if (m->flags & MSG_ERRQUEUE)
		return -EAGAIN;
	return socket_recv(f, m);
}

long sys_sendto(int fd, uint64_t buf, uint64_t len, unsigned flags, uint64_t user_addr, uint32_t addr_len)
{
	struct sockaddr_any addr = { .family = 0 };
	struct socket_msg m = { .flags = flags, .addr = &addr };
	struct iter it;
	struct socket *s;
	struct file *f;
	long r = socket_fd(fd, &f, &s);

	if (r < 0)
		return r;
	if (user_addr) {
		r = sockaddr_from_user(user_addr, addr_len, &addr);
		m.addr_len = addr_len;
	}
	if (r >= 0) {
		iter_init_user(&it, buf, MIN(len, IO_MAX));
		m.it = &it;
		r = socket_send_user(f, &m);
	}
	file_put(f);
	return r;
}

long sys_recvfrom(int fd, uint64_t buf, uint64_t len, unsigned flags, uint64_t user_addr, uint64_t user_len)
{
	struct sockaddr_any addr = { .family = 0 };
	struct socket_msg m = { .flags = flags, .addr = &addr };
	struct iter it;
	struct socket *s;
	struct file *f;
	long r = socket_fd(fd, &f, &s), r2;

	if (r < 0)
		return r;
	iter_init_user(&it, buf, MIN(len, IO_MAX));
	m.it = &it;
	r = socket_recv_user(f, &m);
	if (m.files)
		socket_files_free(m.files);
	if (r >= 0 && user_addr) {
		r2 = sockaddr_to_user(user_addr, user_len, &addr, m.addr_len);
		if (r2 < 0)
			r = r2;
	}
	file_put(f);
	return r;
}
