/* socket.h: sockets as the system calls see them, and what an address family has to offer.
 *
 * A family says in a table what its sockets can do. **Its operations never block** (but connect, see there): one that
 * cannot go on returns -EAGAIN, and the socket layer waits on the socket's queue and asks again, so that O_NONBLOCK,
 * MSG_DONTWAIT, time limits, MSG_WAITALL, signals and SIGPIPE are the layer's alone. The family wakes the queues
 * (socket_wake_read(), socket_wake_write(); from interrupt handlers, too) whenever an answer may have changed, and
 * only then: edge-triggered epoll takes each wake-up of a queue for an edge.
 *
 * A socket lives as long as its vnode is referenced: by its open file, or, before accept(), by whoever queues it. After
 * `release` nothing may point to it any more. Operations return negative errno values and leave ret_ arguments
 * untouched on failure. */
#ifndef UIO_LINUX_SOCKET_H
#define UIO_LINUX_SOCKET_H

#include "fs/vfs.h"

/* include/linux/socket.h, include/uapi/asm-generic/socket.h */
enum { AF_UNSPEC = 0, AF_UNIX = 1, AF_INET = 2, AF_INET6 = 10 };
enum { SOCK_STREAM = 1, SOCK_DGRAM = 2, SOCK_RAW = 3, SOCK_SEQPACKET = 5 };
#define SOCK_TYPE_MASK 0xf
#define SOCK_CLOEXEC O_CLOEXEC
#define SOCK_NONBLOCK O_NONBLOCK
enum { SHUT_RD = 0, SHUT_WR = 1, SHUT_RDWR = 2 };
enum {
	MSG_OOB = 1, MSG_PEEK = 2, MSG_DONTROUTE = 4, MSG_CTRUNC = 8, MSG_TRUNC = 0x20, MSG_DONTWAIT = 0x40,
	MSG_EOR = 0x80, MSG_WAITALL = 0x100, MSG_CONFIRM = 0x800, MSG_ERRQUEUE = 0x2000, MSG_NOSIGNAL = 0x4000,
	MSG_MORE = 0x8000,
	MSG_WAITFORONE = 0x10000, MSG_ZEROCOPY = 0x4000000, MSG_FASTOPEN = 0x20000000, MSG_CMSG_CLOEXEC = 0x40000000,
};
#define SOL_SOCKET 1
enum {
	SO_DEBUG = 1, SO_REUSEADDR, SO_TYPE, SO_ERROR, SO_DONTROUTE, SO_BROADCAST, SO_SNDBUF, SO_RCVBUF, SO_KEEPALIVE,
	SO_OOBINLINE, SO_NO_CHECK, SO_PRIORITY, SO_LINGER, SO_BSDCOMPAT, SO_REUSEPORT, SO_PASSCRED, SO_PEERCRED,
	SO_RCVLOWAT, SO_SNDLOWAT, SO_RCVTIMEO, SO_SNDTIMEO, SO_BINDTODEVICE = 25, SO_TIMESTAMP = 29, SO_ACCEPTCONN = 30,
	SO_SNDBUFFORCE = 32, SO_RCVBUFFORCE = 33, SO_PROTOCOL = 38, SO_DOMAIN = 39, SO_BUSY_POLL = 46,
	SO_INCOMING_CPU = 49, SO_ZEROCOPY = 60,
};
#define SIOCOUTQ TIOCOUTQ
#define SOCKET_OPT_MAX 128	/* bytes of the largest option's value */
#define SOCKET_BUF_DEFAULT 212992

/* Any address, as struct sockaddr_storage. */
struct sockaddr_any {
	union {
		uint16_t family;
		uint8_t bytes[128];
		uint64_t align;
	};
};

/* One call of send or receive. */
struct socket_msg {
	struct iter *it;	/* what is sent, or where it goes */
	unsigned flags;		/* MSG_* as the caller gave them */
	/* Sending: the destination, or len 0. Receiving: the family fills both (len 0: none); never NULL. */
	struct sockaddr_any *addr;
	unsigned addr_len;
	unsigned ret_flags;	/* receiving: MSG_TRUNC, MSG_EOR */
	struct socket_files *files; /* AF_UNIX, SCM_RIGHTS: open files that go with the data; NULL: none */
};

/* Open files on their way (unix(7), SCM_RIGHTS); each is referenced. A family that keeps them sets m->files to NULL. */
#define SOCKET_FILES_MAX 253
struct socket_files {
	unsigned count;
	struct file *file[];
};

enum socket_state {
	SOCKET_NEW,		/* also: bound */
	SOCKET_CONNECTING,
	SOCKET_CONNECTED,
	SOCKET_LISTENING,
	SOCKET_CLOSED,		/* was connected; data may still be waiting to be read */
};

struct socket {
	struct vnode v;			/* what the open file is of; its references are the socket's */
	uint16_t family, type, protocol;
	enum socket_state state;	/* the family sets it; the layer reads it */
	const struct socket_ops *ops;
	void *data;			/* the family's */
	struct waitq rwait;		/* something to read or accept, or the end of it */
	struct waitq wwait;		/* room to write, connected, or the end of it */
	int error;			/* pending, positive: SO_ERROR, and what the next call gives; by the family */
	bool shut_rd, shut_wr;		/* by shutdown(); the layer sets them after the operation */
	/* Options of SOL_SOCKET; the layer sets them, then tells the family (setopt with SOL_SOCKET). */
	bool reuseaddr, reuseport, keepalive, broadcast, oobinline, passcred, linger;
	uint16_t linger_s;
	uint32_t rcvbuf, sndbuf, rcvlowat, priority;	/* buffers as getsockopt() tells them: doubled */
	uint64_t rcv_timeout_ns, snd_timeout_ns;	/* TIME_NEVER: none */
};

/* What is NULL gives -EOPNOTSUPP, or does nothing where that is said. */
struct socket_ops {
	int (*bind)(struct socket *s, const struct sockaddr_any *addr, unsigned len);
	/* 0: connected. -EINPROGRESS: state is SOCKET_CONNECTING until `wwait` is woken; then it is SOCKET_CONNECTED,
	 * or `error` says why not. -EALREADY, -EISCONN: asked again. `nonblock`: only AF_UNIX waits inside. */
	int (*connect)(struct socket *s, const struct sockaddr_any *addr, unsigned len, bool nonblock);
	int (*listen)(struct socket *s, int backlog);
	/* The oldest connection, as a socket made with socket_alloc() whose reference is handed over; -EAGAIN
	 * (`rwait`). */
	int (*accept)(struct socket *s, struct socket **ret);
	/* Streams: as much as fits now. Others: the whole message or nothing. -EAGAIN (`wwait`), -EPIPE: no SIGPIPE
	 * here. */
	kssize_t (*send)(struct socket *s, struct socket_msg *m);
	/* Streams: what is there now, 0 at the end. Others: one message; returns the bytes moved, or with MSG_TRUNC in
	 * m->flags the message's length. MSG_PEEK leaves it. -EAGAIN (`rwait`). */
	kssize_t (*recv)(struct socket *s, struct socket_msg *m);
	int (*shutdown)(struct socket *s, int how);
	/* Fills addr; returns its length. -ENOTCONN for a peer that is not there. */
	int (*getname)(struct socket *s, bool peer, struct sockaddr_any *addr);
	/* value: `len` bytes of kernel memory, at least 4 where len is not 0; -ENOPROTOOPT. For SOL_SOCKET called after
	 * the layer has taken the option, with its result ignored; may be NULL. */
	int (*setopt)(struct socket *s, int level, int name, const void *value, unsigned len);
	/* Fills up to SOCKET_OPT_MAX bytes of value and returns how many; -ENOPROTOOPT. Asked for SOL_SOCKET only where
	 * the layer does not know the option. */
	int (*getopt)(struct socket *s, int level, int name, void *value);
	unsigned (*poll)(struct socket *s);	/* POLL* now; both queues have been entered */
	long (*readable)(struct socket *s);	/* FIONREAD; NULL: -ENOTTY */
	long (*ioctl)(struct socket *s, unsigned cmd, uint64_t arg); /* what the layer does not know; NULL: -ENOTTY */
	void (*release)(struct socket *s);	/* the last reference is gone: let go of everything but s */
};

struct socket_family {
	/* s has family, type and protocol (0: the default; the family puts the true one in); checks them and sets ops
	 * and data. -EPROTONOSUPPORT, -ESOCKTNOSUPPORT, -ENOMEM. On failure `release` is not called. */
	int (*create)(struct socket *s);
	int (*pair)(struct socket *a, struct socket *b);	/* both created, not connected; NULL: -EOPNOTSUPP */
};

/* net/inet.c: AF_INET and AF_INET6; net/unix.c: AF_UNIX. Only who names them has them in its image. */
extern const struct socket_family net_inet_root;
extern const struct socket_family net_unix_root;

/* linux/socket.c */
/* A socket without ops, state SOCKET_NEW, one reference: for create's caller and for accepted connections, whose family
 * then sets ops, data and state. NULL: no memory. */
struct socket *socket_alloc(unsigned family, unsigned type, unsigned protocol);
void socket_put(struct socket *s);
/* An open file on it; takes over the reference on success. flags: O_NONBLOCK or 0. */
int socket_open(struct socket *s, uint32_t flags, struct file **ret);
/* The socket behind an open file, or NULL. */
struct socket *socket_of(struct file *f);
static inline void socket_wake_read(struct socket *s)
{
	waitq_wake_all(&s->rwait);
}
static inline void socket_wake_write(struct socket *s)
{
	waitq_wake_all(&s->wwait);
}
/* The pending error as a negative errno, which it clears; or 0. */
int socket_take_error(struct socket *s);

/* SIOCGIF* (netdevice(7)), which sockets of every family answer, if the image has a network (net/ifioctl.c); or NULL. */
extern long (*socket_ioctl_interfaces)(unsigned cmd, uint64_t arg);

void socket_files_free(struct socket_files *files);

/* How many TCP connections are open: ESTABLISHED or CLOSE_WAIT (RFC 4022, tcpCurrEstab). net/proc.c: only in images with
 * a network, so whoever asks refers to it weakly. */
unsigned socket_connections(void);

/* Waits on one of the socket's queues: 0, -EAGAIN (no waiting, or long enough), -ERESTARTSYS or, since there is a time
 * limit (signal(7)), -EINTR. */
int socket_wait(struct file *f, unsigned flags, struct waitq *q, const char *why, uint64_t deadline_ns);
uint64_t socket_deadline(uint64_t timeout_ns);

/* send and receive with waiting, for whom the file's flags count: what read() and sendmsg() stand on. */
kssize_t socket_send(struct file *f, struct socket_msg *m);
kssize_t socket_recv(struct file *f, struct socket_msg *m);

#endif
