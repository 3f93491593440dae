/* unix.c: AF_UNIX: a socket's life, its state as poll sees it, socketpair. */
#include "net/unix_sock.h"
#include "kernel/kmem.h"
#include "linux/process.h"

void unix_put(struct unix_sock *u)
{
	if (!u || --u->refs)
		return;
	kfree(u->name);
	kfree(u);
}

int unix_create(struct socket *s)
{
	struct process *p = current()->proc;
	struct unix_sock *u;

	if (s->protocol && s->protocol != AF_UNIX)
		return -EPROTONOSUPPORT;
	if (s->type == SOCK_RAW)
		s->type = SOCK_DGRAM;
	if (s->type != SOCK_STREAM && s->type != SOCK_DGRAM && s->type != SOCK_SEQPACKET)
		return -ESOCKTNOSUPPORT;
	u = kzalloc(sizeof(*u));
	if (!u)
		return -ENOMEM;
	u->refs = 1;
	u->s = s;
	u->pid = p->pid;
	u->restricted = p->restricted;
	list_init(&u->queue);
	list_init(&u->pending);
	list_init(&u->pending_node);
	list_init(&u->bound_node);
	list_add_tail(&unix_all, &u->all_node);
	s->data = u;
	s->ops = s->type == SOCK_DGRAM ? &unix_dgram_ops : &unix_stream_ops;
	return 0;
}

void unix_join(struct unix_sock *a, struct unix_sock *b)
{
	a->peer = unix_get(b);
	b->peer = unix_get(a);
	a->peer_pid = b->pid;
	b->peer_pid = a->pid;
	a->s->state = b->s->state = SOCKET_CONNECTED;
}

static int unix_pair(struct socket *a, struct socket *b)
{
	unix_join(unix_of(a), unix_of(b));
	return 0;
}

static bool is_stream(const struct socket *s)
{
	return s->type != SOCK_DGRAM;
}

static int unix_shutdown(struct socket *s, int how)
{
	struct unix_sock *u = unix_of(s), *peer = u->peer;

	u->rx_end |= how != SHUT_WR;
	u->tx_end |= how != SHUT_RD;
	if (peer && is_stream(s)) {
		peer->tx_end |= how != SHUT_WR;
		peer->rx_end |= how != SHUT_RD;
		unix_wake(peer);
	}
	return 0;
}

static unsigned unix_poll(struct socket *s)
{
	struct unix_sock *u = unix_of(s);
	unsigned ready = 0;

	if (s->error)
		ready |= POLLERR;
	if (u->rx_end)
		ready |= POLLRDHUP | POLLIN | POLLRDNORM;
	if (u->rx_end && u->tx_end)
		ready |= POLLHUP;
	if (!list_empty(&u->queue) || !list_empty(&u->pending))
		ready |= POLLIN | POLLRDNORM;
	if (is_stream(s) && s->state == SOCKET_NEW)
		ready |= POLLHUP;
	if (s->state != SOCKET_LISTENING && unix_writable(u))
		ready |= POLLOUT | POLLWRNORM;
	return ready;
}

static long unix_readable(struct socket *s)
{
	struct unix_sock *u = unix_of(s);

	if (s->state == SOCKET_LISTENING)
		return -EINVAL;
	if (is_stream(s) || list_empty(&u->queue))
		return (long) u->queued;
	return (long) list_first(&u->queue, struct unix_chunk, node)->len;
}

static long unix_ioctl(struct socket *s, unsigned cmd, uint64_t arg)
{
	int n = (int) unix_of(s)->unread;

	if (cmd == SIOCOUTQ)
		return copy_to_user(arg, &n, sizeof(n));
	return socket_ioctl_interfaces ? socket_ioctl_interfaces(cmd, arg) : -ENOTTY;
}

/* SO_PEERCRED: struct ucred. */
static int unix_getopt(struct socket *s, int level, int name, void *value)
{
	struct unix_sock *u = unix_of(s);
	uint32_t cred[3] = { (uint32_t) u->peer_pid, 0, 0 };

	if (level != SOL_SOCKET)
		return -EOPNOTSUPP;
	if (name != SO_PEERCRED)
		return -ENOPROTOOPT;
	if (!u->peer_pid)
		cred[1] = cred[2] = UINT32_MAX;
	memcpy(value, cred, sizeof(cred));
	return sizeof(cred);
}

static int unix_setopt(struct socket *s, int level, int name, const void *value, unsigned len)
{
	return level == SOL_SOCKET ? -ENOPROTOOPT : -EOPNOTSUPP;
}

static void unix_release(struct socket *s)
{
	struct unix_sock *u = unix_of(s), *peer = u->peer;
	bool unread = !list_empty(&u->queue);

	u->s = NULL;
	list_del(&u->all_node);
	unix_unbind(u);
	unix_refuse_pending(u);
	if (peer && is_stream(s)) {
		peer->rx_end = peer->tx_end = true;
		if (peer->s && unread)
			peer->s->error = ECONNRESET;
		unix_wake(peer);
	}
	unix_drop_queue(u);
	u->peer = NULL;
	unix_put(peer);
	unix_put(u);
}

const struct socket_ops unix_stream_ops = {
	.bind = unix_bind,
	.connect = unix_connect,
	.listen = unix_listen,
	.accept = unix_accept,
	.send = unix_send,
	.recv = unix_recv,
	.shutdown = unix_shutdown,
	.getname = unix_getname,
	.setopt = unix_setopt,
	.getopt = unix_getopt,
	.poll = unix_poll,
	.readable = unix_readable,
	.ioctl = unix_ioctl,
	.release = unix_release,
};

const struct socket_ops unix_dgram_ops = {
	.bind = unix_bind,
	.connect = unix_dgram_connect,
	.send = unix_send,
	.recv = unix_recv,
	.shutdown = unix_shutdown,
	.getname = unix_getname,
	.setopt = unix_setopt,
	.getopt = unix_getopt,
	.poll = unix_poll,
	.readable = unix_readable,
	.ioctl = unix_ioctl,
	.release = unix_release,
};

const struct socket_family net_unix_root = { unix_create, unix_pair };
