/* unix_connect.c: connections of AF_UNIX sockets. A connection is there when connect() returns; accept() only takes the
 * listener's end out of the queue. */
#include "linux/process.h"
#include "net/unix_sock.h"

#define BACKLOG_MAX 4096

int unix_listen(struct socket *s, int backlog)
{
	struct unix_sock *u = unix_of(s);

	if (!u->name || (s->state != SOCKET_NEW && s->state != SOCKET_LISTENING))
		return -EINVAL;
	s->state = SOCKET_LISTENING;
	u->backlog = (unsigned) backlog > BACKLOG_MAX ? BACKLOG_MAX : (unsigned) backlog;
	u->pid = current()->proc->pid;
	socket_wake_write(s);
	return 0;
}

/* A socket for the listener's end, in its queue. */
static int queue_at(struct unix_sock *listener, struct unix_sock *u)
{
	struct socket *s = socket_alloc(AF_UNIX, listener->s->type, 0);
	struct unix_sock *end;
	int r;

	if (!s)
		return -ENOMEM;
	r = unix_create(s);
	if (r < 0) {
		socket_put(s);
		return r;
	}
	end = unix_of(s);
	end->pid = listener->pid;
	end->restricted = listener->restricted;
	/* It has the listener's name, too, but is not found by it. */
	r = unix_copy_name(end, listener);
	if (r < 0) {
		socket_put(s);
		return r;
	}
	unix_join(u, end);
	list_add_tail(&listener->pending, &end->pending_node);
	listener->pending_count++;
	socket_wake_read(listener->s);
	return 0;
}

int unix_connect(struct socket *s, const struct sockaddr_any *addr, unsigned len, bool nonblock)
{
	uint64_t deadline = socket_deadline(s->snd_timeout_ns);
	struct unix_sock *u = unix_of(s), *to;
	int r;

	for (;;) {
		r = unix_find(addr, len, &to);
		if (r < 0)
			return r;
		/* unix_find() may have blocked: look only now. */
		if (s->state == SOCKET_CONNECTED)
			return -EISCONN;
		if (s->state != SOCKET_NEW)
			return -EINVAL;
		if (to->s->type != s->type)
			return -EPROTOTYPE;
		if (to->s->state != SOCKET_LISTENING || to->rx_end)
			return -ECONNREFUSED;
		if (to->pending_count <= to->backlog)
			return queue_at(to, u);
		if (nonblock)
			return -EAGAIN;
		/* The listener may go meanwhile; its queue must stay. */
		vnode_get(&to->s->v);
		unix_get(to);
		r = waitq_wait(&to->s->wwait, WAIT_EVENT, "connect", deadline, true);
		vnode_put(&to->s->v);
		unix_put(to);
		if (r < 0)
			return r == -EINTR && deadline == TIME_NEVER ? -ERESTARTSYS : r == -ETIMEDOUT ? -EAGAIN : r;
	}
}

int unix_dgram_connect(struct socket *s, const struct sockaddr_any *addr, unsigned len, bool nonblock)
{
	struct unix_sock *u = unix_of(s), *to = NULL, *old;
	int r;

	if (len < sizeof(addr->family))
		return -EINVAL;
	if (addr->family != AF_UNSPEC) {
		r = unix_find(addr, len, &to);
		if (r < 0)
			return r;
		if (to->s->type != SOCK_DGRAM)
			return -EPROTOTYPE;
		/* Who talks to somebody listens to nobody else. */
		if (to->peer && to->peer != u)
			return -EPERM;
		unix_get(to);
	}
	old = u->peer;
	u->peer = to;
	s->state = to ? SOCKET_CONNECTED : SOCKET_NEW;
	unix_put(old);
	socket_wake_write(s);
	return 0;
}

int unix_accept(struct socket *s, struct socket **ret)
{
	struct unix_sock *u = unix_of(s), *end;

	if (s->state != SOCKET_LISTENING || u->rx_end)
		return -EINVAL;
	end = list_first(&u->pending, struct unix_sock, pending_node);
	if (!end)
		return -EAGAIN;
	list_del(&end->pending_node);
	u->pending_count--;
	socket_wake_write(s);
	*ret = end->s;
	return 0;
}

void unix_refuse_pending(struct unix_sock *u)
{
	struct unix_sock *end;

	while ((end = list_first(&u->pending, struct unix_sock, pending_node))) {
		list_del(&end->pending_node);
		if (end->peer && end->peer->s)
			end->peer->s->error = ECONNRESET;
		socket_put(end->s);
	}
}
