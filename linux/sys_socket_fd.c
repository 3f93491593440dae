/* sys_socket_fd.c: between descriptors and sockets, addresses and users. */
#include "linux/fd.h"
#include "linux/sys_socket.h"

int socket_fd(int fd, struct file **ret_file, struct socket **ret)
{
	struct file *f = fd_get(fd);

	if (!f)
		return -EBADF;
	*ret = socket_of(f);
	if (!*ret) {
		file_put(f);
		return -ENOTSOCK;
	}
	*ret_file = f;
	return 0;
}

int socket_install(struct socket *s, int flags)
{
	struct file *f;
	int r = socket_open(s, (uint32_t) flags & O_NONBLOCK, &f);

	if (r < 0) {
		socket_put(s);
		return r;
	}
	return fd_install(f, flags & SOCK_CLOEXEC);
}

int sockaddr_from_user(uint64_t from, uint32_t len, struct sockaddr_any *ret)
{
	if (len > sizeof(*ret))
		return -EINVAL;
	memset(ret, 0, sizeof(*ret));
	return copy_from_user(ret, from, len);
}

int sockaddr_to_user(uint64_t to, uint64_t user_len, const struct sockaddr_any *addr, unsigned len)
{
	int room, r = copy_from_user(&room, user_len, sizeof(room));

	if (r < 0)
		return r;
	if (room < 0)
		return -EINVAL;
	r = copy_to_user(to, addr, MIN((unsigned) room, len));
	return r < 0 ? r : copy_to_user(user_len, &len, sizeof(len));
}
