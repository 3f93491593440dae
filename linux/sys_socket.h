/* sys_socket.h: what the system calls on sockets share. */
#ifndef UIO_LINUX_SYS_SOCKET_H
#define UIO_LINUX_SYS_SOCKET_H

#include "linux/socket.h"

/* struct msghdr and cmsghdr: include/linux/socket.h. */
struct msghdr64 {
	uint64_t name;
	uint32_t name_len, pad;
	uint64_t iov, iov_len, control, control_len;
	uint32_t flags, pad2;
};
_Static_assert(sizeof(struct msghdr64) == 56, "x86-64 ABI");
struct cmsghdr64 {
	uint64_t len;
	int32_t level, type;
};
#define SCM_RIGHTS 1

/* The socket at fd of the current process, with a reference to its file (file_put() it). -EBADF, -ENOTSOCK. */
int socket_fd(int fd, struct file **ret_file, struct socket **ret);
/* A descriptor for s, whose reference it takes over, on failure too. flags: SOCK_CLOEXEC, SOCK_NONBLOCK. */
int socket_install(struct socket *s, int flags);
/* An address of the user's. -EINVAL, -EFAULT. */
int sockaddr_from_user(uint64_t from, uint32_t len, struct sockaddr_any *ret);
/* Writes an address of `len` bytes where the user has *user_len bytes of room, and its true length there. */
int sockaddr_to_user(uint64_t to, uint64_t user_len, const struct sockaddr_any *addr, unsigned len);

/* sys_socket_io.c: sending and receiving; broken pipes raise SIGPIPE here. */
long socket_send_user(struct file *f, struct socket_msg *m);
long socket_recv_user(struct file *f, struct socket_msg *m);

/* sys_socket_msg.c: one message. `flags` may have MSG_CMSG_CLOEXEC. recv: writes msg's results back. */
long socket_sendmsg(struct file *f, uint64_t msg, unsigned flags);
long socket_recvmsg(struct file *f, uint64_t msg, unsigned flags);

/* sys_socket_rights.c: descriptors in control messages. send: *ret_files stays NULL where there are none. recv:
 * installs them as far as there is room (*ret_flags gets MSG_CTRUNC otherwise) and takes `files` over; returns the
 * bytes of control message written. */
int socket_rights_get(struct socket *s, const struct msghdr64 *h, struct socket_files **ret_files);
long socket_rights_put(struct socket_files *files, const struct msghdr64 *h, bool cloexec, unsigned *ret_flags);

#endif
