/* sys_socket.c: socket. Who calls it has every family in the image. */
#include "linux/process.h"
#include "linux/sys_socket.h"

static const struct socket_family *family_of(int family)
{
	if (family == AF_UNIX)
		return &net_unix_root;
	if (family == AF_INET || family == AF_INET6)
		return &net_inet_root;
	return NULL;
}

long sys_socket(int family, int type, int protocol)
{
	const struct socket_family *f = family_of(family);
	struct socket *s;
	int r;

	if (type & ~(SOCK_TYPE_MASK | SOCK_CLOEXEC | SOCK_NONBLOCK))
		return -EINVAL;
	if (!f)
		return -EAFNOSUPPORT;
	if (family != AF_UNIX && !process_may(current()->proc, GRANT_NET, "open a network socket"))
		return -EACCES;
	s = socket_alloc((unsigned) family, (unsigned) type & SOCK_TYPE_MASK, (unsigned) protocol);
	if (!s)
		return -ENOMEM;
	r = f->create(s);
	if (r < 0) {
		s->ops = NULL;
		socket_put(s);
		return r;
	}
	return socket_install(s, type);
}
