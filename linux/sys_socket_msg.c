/* sys_socket_msg.c: sendmsg and recvmsg. */
#include "linux/file.h"
#include "linux/sys_socket.h"

/* The iovec array of a header; kfree() *ret. */
static int buffers_of(const struct msghdr64 *h, struct iovec64 **ret, struct iter *ret_it)
{
	if (h->iov_len > IOV_MAX)
		return -EMSGSIZE;
	return iov_from_user(h->iov, (int) h->iov_len, ret, ret_it);
}

long socket_sendmsg(struct file *f, uint64_t msg, unsigned flags)
{
	struct sockaddr_any addr = { .family = 0 };
	struct socket_msg m = { .flags = flags, .addr = &addr };
	struct msghdr64 h;
	struct iovec64 few[IOV_FEW], *iov = few;
	struct iter it;
	long r = copy_from_user(&h, msg, sizeof(h));

	if (r < 0)
		return r;
	if (h.name) {
		m.addr_len = MIN(h.name_len, (uint32_t) sizeof(addr));
		r = sockaddr_from_user(h.name, m.addr_len, &addr);
		if (r < 0)
			return r;
	}
	r = buffers_of(&h, &iov, &it);
	if (r < 0)
		return r;
	m.it = &it;
	if (h.control && h.control_len)
		r = socket_rights_get(socket_of(f), &h, &m.files);
	if (r >= 0)
		r = socket_send_user(f, &m);
	if (m.files)
		socket_files_free(m.files);
	iov_free(iov, few);
	return r;
}

long socket_recvmsg(struct file *f, uint64_t msg, unsigned flags)
{
	struct sockaddr_any addr = { .family = 0 };
	struct socket_msg m = { .flags = flags & ~MSG_CMSG_CLOEXEC, .addr = &addr };
	struct msghdr64 h;
	struct iovec64 few[IOV_FEW], *iov = few;
	struct iter it;
	long r = copy_from_user(&h, msg, sizeof(h)), control = 0;

	if (r < 0)
		return r;
	r = buffers_of(&h, &iov, &it);
	if (r < 0)
		return r;
	m.it = &it;
	r = socket_recv_user(f, &m);
	iov_free(iov, few);
	if (r < 0)
		return r;
	if (m.files)
		control = socket_rights_put(m.files, &h, flags & MSG_CMSG_CLOEXEC, &m.ret_flags);
	if (control < 0)
		return control;
	if (h.name && copy_to_user(h.name, &addr, MIN(h.name_len, m.addr_len)) < 0)
		return -EFAULT;
	h.name_len = h.name ? m.addr_len : 0;
	h.control_len = (uint64_t) control;
	h.flags = m.ret_flags | (flags & MSG_CMSG_CLOEXEC);
	return copy_to_user(msg, &h, sizeof(h)) < 0 ? -EFAULT : r;
}

long sys_sendmsg(int fd, uint64_t msg, unsigned flags)
{
	struct socket *s;
	struct file *f;
	long r = socket_fd(fd, &f, &s);

	if (r < 0)
		return r;
	r = socket_sendmsg(f, msg, flags);
	file_put(f);
	return r;
}

long sys_recvmsg(int fd, uint64_t msg, unsigned flags)
{
	struct socket *s;
	struct file *f;
	long r = socket_fd(fd, &f, &s);

	if (r < 0)
		return r;
	r = socket_recvmsg(f, msg, flags);
	file_put(f);
	return r;
}
