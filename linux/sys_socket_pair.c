/* sys_socket_pair.c: socketpair: AF_UNIX only, so that who needs no more has no network in the image. */
#include "linux/fd.h"
#include "linux/process.h"
#include "linux/sys_socket.h"

/* Two connected sockets. */
static int make(int type, int protocol, struct socket *ret[2])
{
	struct socket *s[2] = { NULL, NULL };
	int r = 0;

	for (int i = 0; i < 2 && r >= 0; i++) {
		s[i] = socket_alloc(AF_UNIX, (unsigned) type & SOCK_TYPE_MASK, (unsigned) protocol);
		r = s[i] ? net_unix_root.create(s[i]) : -ENOMEM;
	}
	if (r >= 0)
		r = net_unix_root.pair(s[0], s[1]);
	for (int i = 0; i < 2; i++) {
		if (r < 0 && s[i])
			socket_put(s[i]);
		else
			ret[i] = s[i];
	}
	return r;
}

long sys_socketpair(int family, int type, int protocol, uint64_t fds)
{
	struct fdtable *t = current()->proc->files;
	struct socket *s[2];
	int fd[2], r;

	if (type & ~(SOCK_TYPE_MASK | SOCK_CLOEXEC | SOCK_NONBLOCK))
		return -EINVAL;
	if (family != AF_UNIX)
		return family == AF_INET || family == AF_INET6 ? -EOPNOTSUPP : -EAFNOSUPPORT;
	r = make(type, protocol, s);
	if (r < 0)
		return r;
	fd[0] = socket_install(s[0], type);
	fd[1] = socket_install(s[1], type);
	r = fd[0] < 0 ? fd[0] : fd[1] < 0 ? fd[1] : copy_to_user(fds, fd, sizeof(fd));
	for (int i = 0; i < 2 && r < 0; i++)
		if (fd[i] >= 0)
			fdtable_close(t, (unsigned) fd[i]);
	return r;
}
