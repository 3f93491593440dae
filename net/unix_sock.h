/* unix_sock.h: AF_UNIX inside: what net/unix*.c share, and nobody else.
 *
 * A struct unix_sock outlives its socket while others refer to it: its peer, and data of its that nobody has read yet.
 */
#ifndef UIO_NET_UNIX_SOCK_H
#define UIO_NET_UNIX_SOCK_H

#include "linux/socket.h"

#define UNIX_PATH_OFFSET 2 /* of sun_path in struct sockaddr_un */
#define UNIX_PATH_MAX	 108

/* A message, or bytes of a stream, in its reader's queue. */
struct unix_chunk {
	struct list node;
	struct unix_sock *from;	    /* referenced: whose room it takes */
	struct socket_files *files; /* or NULL */
	bool charged;		    /* an overlay program wrote it */
	size_t len, pos;	    /* bytes, and those already read (streams) */
	uint8_t bytes[];
};

struct unix_sock {
	unsigned refs;
	struct socket *s;	/* NULL: closed */
	struct unix_sock *peer; /* referenced; a datagram socket's: where it sends to */
	struct list queue;	/* unix_chunk: to be read */
	size_t queued;		/* bytes in them */
	size_t unread;		/* bytes, with overhead, that lie in others' queues */
	bool rx_end, tx_end;	/* nothing will come, nothing can be sent */
	struct list pending;	/* a listener's connections, by pending_node; a reference to each one's socket */
	struct list pending_node;
	unsigned pending_count, backlog;
	struct list bound_node; /* of all that have a name */
	struct list all_node;	/* of all that have a socket */
	uint8_t *name;		/* sun_path: kmalloc'ed, not terminated; NULL: unnamed */
	unsigned name_len;
	struct vnode *node; /* of a path, referenced; NULL: abstract */
	bool restricted;    /* made by an overlay program */
	int pid, peer_pid;  /* SO_PEERCRED */
};

static inline struct unix_sock *unix_of(const struct socket *s)
{
	return s->data;
}
static inline struct unix_sock *unix_get(struct unix_sock *u)
{
	u->refs++;
	return u;
}
/* unix.c */
extern const struct socket_ops unix_stream_ops, unix_dgram_ops;
void unix_put(struct unix_sock *u);			  /* NULL is allowed */
int unix_create(struct socket *s);			  /* family.create */
void unix_join(struct unix_sock *a, struct unix_sock *b); /* peers of each other */
static inline void unix_wake(struct unix_sock *u)
{
	if (u->s) {
		socket_wake_read(u->s);
		socket_wake_write(u->s);
	}
}

/* unix_name.c */
int unix_bind(struct socket *s, const struct sockaddr_any *addr, unsigned len);
int unix_autobind(struct unix_sock *u);
void unix_unbind(struct unix_sock *u);
int unix_getname(struct socket *s, bool peer, struct sockaddr_any *addr);
int unix_copy_name(struct unix_sock *to, const struct unix_sock *from); /* not to be found by it */
int unix_fill_name(const struct unix_sock *u, struct sockaddr_any *addr);
/* The socket with this name, without a reference. -ECONNREFUSED, -ENOENT, -EACCES, -EINVAL. May block. */
int unix_find(const struct sockaddr_any *addr, unsigned len, struct unix_sock **ret);

/* unix_connect.c */
int unix_listen(struct socket *s, int backlog);
int unix_connect(struct socket *s, const struct sockaddr_any *addr, unsigned len, bool nonblock);
int unix_dgram_connect(struct socket *s, const struct sockaddr_any *addr, unsigned len, bool nonblock);
int unix_accept(struct socket *s, struct socket **ret);
/* A listener goes: its connections were reset. */
void unix_refuse_pending(struct unix_sock *u);

/* unix_proc.c: /proc/net/unix shows these. */
struct proc_text;
struct proc_key;
extern struct list unix_all;
void unix_show_proc(struct proc_text *t, const struct proc_key *k);

/* unix_data.c */
kssize_t unix_send(struct socket *s, struct socket_msg *m);
kssize_t unix_recv(struct socket *s, struct socket_msg *m);
bool unix_writable(const struct unix_sock *u);
void unix_drop_queue(struct unix_sock *u);

#endif
