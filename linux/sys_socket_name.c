/* sys_socket_name.c: bind, listen, accept, connect, getsockname, getpeername, shutdown. */
#include "linux/sys_socket.h"

long sys_bind(int fd, uint64_t user_addr, uint32_t len)
{
	struct sockaddr_any addr;
	struct socket *s;
	struct file *f;
	int r = socket_fd(fd, &f, &s);

	if (r < 0)
		return r;
	r = sockaddr_from_user(user_addr, len, &addr);
	if (r >= 0)
		r = s->ops->bind ? s->ops->bind(s, &addr, len) : -EOPNOTSUPP;
	file_put(f);
	return r;
}

long sys_listen(int fd, int backlog)
{
	struct socket *s;
	struct file *f;
	int r = socket_fd(fd, &f, &s);

	if (r < 0)
		return r;
	r = s->ops->listen ? s->ops->listen(s, backlog) : -EOPNOTSUPP;
	file_put(f);
	return r;
}

static int accept_wait(struct file *f, struct socket *s, struct socket **ret)
{
	uint64_t deadline = socket_deadline(s->rcv_timeout_ns);
	int r;

	if (!s->ops->accept)
		return -EOPNOTSUPP;
	for (;;) {
		r = s->ops->accept(s, ret);
		if (r != -EAGAIN)
			return r;
		r = socket_wait(f, 0, &s->rwait, "accept", deadline);
		if (r < 0)
			return r;
	}
}

long sys_accept4(int fd, uint64_t user_addr, uint64_t user_len, int flags)
{
	struct sockaddr_any addr = { .family = 0 };
	struct socket *s, *new;
	struct file *f;
	int r, len;

	if (flags & ~(SOCK_CLOEXEC | SOCK_NONBLOCK))
		return -EINVAL;
	r = socket_fd(fd, &f, &s);
	if (r < 0)
		return r;
	r = accept_wait(f, s, &new);
	file_put(f);
	if (r < 0)
		return r;
	if (user_addr) {
		len = new->ops->getname(new, true, &addr);
		r = len < 0 ? -ECONNABORTED : sockaddr_to_user(user_addr, user_len, &addr, (unsigned) len);
		if (r < 0) {
			socket_put(new);
			return r;
		}
	}
	return socket_install(new, flags);
}

long sys_accept(int fd, uint64_t user_addr, uint64_t user_len)
{
	return sys_accept4(fd, user_addr, user_len, 0);
}

/* The end of a connect() that takes its time. */
static int connect_wait(struct file *f, struct socket *s)
{
	uint64_t deadline = socket_deadline(s->snd_timeout_ns);
	int r;

	while (s->state == SOCKET_CONNECTING && !s->error) {
		r = socket_wait(f, 0, &s->wwait, "connect", deadline);
		if (r == -EAGAIN)
			return -EINPROGRESS;
		if (r < 0)
			return r;
	}
	r = socket_take_error(s);
	return r < 0 || s->state == SOCKET_CONNECTED ? r : -ECONNABORTED;
}

long sys_connect(int fd, uint64_t user_addr, uint32_t len)
{
	struct sockaddr_any addr;
	struct socket *s;
	struct file *f;
	int r = socket_fd(fd, &f, &s);

	if (r < 0)
		return r;
	r = sockaddr_from_user(user_addr, len, &addr);
	if (r >= 0)
		r = s->ops->connect ? s->ops->connect(s, &addr, len, f->flags & O_NONBLOCK) : -EOPNOTSUPP;
	/* -EALREADY: made again after a signal, or by another thread while it goes on. A quick refusal is SO_ERROR's.
	 */
	if (f->flags & O_NONBLOCK)
		r = r == -EINPROGRESS && s->state == SOCKET_CONNECTED ? 0 : r;
	else if (r == -EINPROGRESS || r == -EALREADY)
		r = connect_wait(f, s);
	file_put(f);
	return r;
}

static long name(int fd, bool peer, uint64_t user_addr, uint64_t user_len)
{
	struct sockaddr_any addr = { .family = 0 };
	struct socket *s;
	struct file *f;
	int r = socket_fd(fd, &f, &s);

	if (r < 0)
		return r;
	r = s->ops->getname(s, peer, &addr);
	file_put(f);
	return r < 0 ? r : sockaddr_to_user(user_addr, user_len, &addr, (unsigned) r);
}

long sys_getsockname(int fd, uint64_t user_addr, uint64_t user_len)
{
	return name(fd, false, user_addr, user_len);
}

long sys_getpeername(int fd, uint64_t user_addr, uint64_t user_len)
{
	return name(fd, true, user_addr, user_len);
}

long sys_shutdown(int fd, int how)
{
	struct socket *s;
	struct file *f;
	int r;

	if (how < SHUT_RD || how > SHUT_RDWR)
		return -EINVAL;
	r = socket_fd(fd, &f, &s);
	if (r < 0)
		return r;
	r = s->ops->shutdown ? s->ops->shutdown(s, how) : -EOPNOTSUPP;
	if (r >= 0) {
		s->shut_rd |= how != SHUT_WR;
		s->shut_wr |= how != SHUT_RD;
		socket_wake_read(s);
		socket_wake_write(s);
	}
	file_put(f);
	return r;
}
