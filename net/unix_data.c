/* unix_data.c: what goes through AF_UNIX sockets. Each send is a chunk in the receiver's queue; what lies there unread
 * counts against the sender's buffer. */
#include "kernel/kmem.h"
#include "kernel/page.h"
#include "linux/process.h"
#include "net/unix_sock.h"

#define CHUNK_MAX    16384 /* bytes of a stream in one */
#define DATAGRAM_MAX 65000 /* kmalloc() gives no more than 64 KiB */
#define SHARE	     16	   /* overlay programs' unread data take at most a 16th of memory */
#define FILES_MAX    64	   /* descriptors of overlay programs on their way, all together */

static uint64_t charged_bytes;
static unsigned charged_files;

static size_t size_of(const struct unix_chunk *c)
{
	return sizeof(*c) + c->len;
}

bool unix_writable(const struct unix_sock *u)
{
	return u->s && u->unread * 4 <= u->s->sndbuf;
}

static void charge(struct unix_chunk *c, int sign)
{
	if (!c->charged)
		return;
	charged_bytes += (uint64_t) (sign * (long) size_of(c));
	if (c->files)
		charged_files += (unsigned) sign * c->files->count;
}

static void free_chunk(struct unix_chunk *c)
{
	struct unix_sock *from = c->from;

	charge(c, -1);
	from->unread -= size_of(c);
	if (from->s)
		socket_wake_write(from->s);
	if (c->files)
		socket_files_free(c->files);
	kfree(c);
	unix_put(from);
}

void unix_drop_queue(struct unix_sock *u)
{
	struct unix_chunk *c;

	while ((c = list_first(&u->queue, struct unix_chunk, node))) {
		list_del(&c->node);
		u->queued -= c->len - c->pos;
		free_chunk(c);
	}
}

/* Where a datagram goes: m->addr, or the peer. Without a reference. */
static int destination(struct unix_sock *u, struct socket_msg *m, struct unix_sock **ret)
{
	int r;

	if (!m->addr_len) {
		if (!u->peer)
			return -ENOTCONN;
		*ret = u->peer;
		if (u->peer->s)
			return 0;
		/* Gone: the next one is told that there is no peer. */
		unix_put(u->peer);
		u->peer = NULL;
		u->s->state = SOCKET_NEW;
		return -ECONNREFUSED;
	}
	r = unix_find(m->addr, m->addr_len, ret);
	if (r < 0)
		return r;
	if ((*ret)->s->type != SOCK_DGRAM)
		return -EPROTOTYPE;
	return (*ret)->peer && (*ret)->peer != u ? -EPERM : 0;
}

static int check(struct unix_sock *u, struct socket_msg *m, struct unix_sock **ret_to)
{
	struct socket *s = u->s;
	int r = 0;

	if (s->type == SOCK_DGRAM) {
		r = destination(u, m, ret_to);
		if (r < 0)
			return r;
		if (u->tx_end || (*ret_to)->rx_end)
			return -EPIPE;
	} else {
		if (m->addr_len && s->type == SOCK_STREAM)
			return s->state == SOCKET_CONNECTED ? -EISCONN : -EOPNOTSUPP;
		if (s->state != SOCKET_CONNECTED)
			return -ENOTCONN;
		if (s->error)
			return socket_take_error(s);
		if (u->tx_end || !u->peer->s || u->peer->rx_end)
			return -EPIPE;
		*ret_to = u->peer;
	}
	if (s->type != SOCK_STREAM && m->it->left > MIN(s->sndbuf, DATAGRAM_MAX))
		return -EMSGSIZE;
	return 0;
}

kssize_t unix_send(struct socket *s, struct socket_msg *m)
{
	struct unix_sock *u = unix_of(s), *to;
	struct unix_chunk *c;
	struct page_stats pages;
	bool restricted = current()->proc->restricted;
	size_t len;
	int r = check(u, m, &to);

	if (r < 0)
		return r;
	if (u->unread && u->unread >= s->sndbuf)
		return -EAGAIN;
	len = m->it->left;
	if (s->type == SOCK_STREAM)
		len = MIN(len, CHUNK_MAX);
	if (restricted) {
		page_get_stats(&pages);
		if (charged_bytes + len > pages.total / SHARE * PAGE_SIZE)
			return u->unread ? -EAGAIN : -ENOBUFS;
		if (m->files && charged_files + m->files->count > FILES_MAX)
			return -ETOOMANYREFS;
	}
	c = kmalloc(sizeof(*c) + len);
	if (!c)
		return u->unread ? -EAGAIN : -ENOBUFS;
	*c = (struct unix_chunk){ .len = len, .charged = restricted };
	if (len) {
		kssize_t got = iter_get(m->it, c->bytes, len);

		if (got < 0 || (s->type != SOCK_STREAM && (size_t) got < len)) {
			kfree(c);
			return -EFAULT;
		}
		c->len = len = (size_t) got;
	}
	c->from = unix_get(u);
	c->files = m->files;
	m->files = NULL;
	charge(c, 1);
	u->unread += size_of(c);
	to->queued += len;
	list_add_tail(&to->queue, &c->node);
	socket_wake_read(to->s);
	return (kssize_t) len;
}

static kssize_t nothing(struct unix_sock *u)
{
	struct socket *s = u->s;

	if (s->error)
		return socket_take_error(s);
	if (s->type != SOCK_DGRAM && s->state != SOCKET_CONNECTED)
		return s->type == SOCK_STREAM ? -EINVAL : -ENOTCONN;
	return u->rx_end ? 0 : -EAGAIN;
}

static void take_files(struct unix_chunk *c, struct socket_msg *m)
{
	if (c->charged && c->files)
		charged_files -= c->files->count;
	m->files = c->files;
	c->files = NULL;
}

static void remove(struct unix_sock *u, struct unix_chunk *c)
{
	list_del(&c->node);
	u->queued -= c->len - c->pos;
	free_chunk(c);
}

static kssize_t recv_stream(struct unix_sock *u, struct socket_msg *m)
{
	bool peek = m->flags & MSG_PEEK;
	struct unix_chunk *c, *next;
	kssize_t done = 0, r;

	list_for_each_safe (c, next, &u->queue, node) {
		/* Bytes that descriptors came with start a read of their own. */
		if (!m->it->left || m->files || (done && c->files))
			break;
		r = iter_put(m->it, c->bytes + c->pos, MIN(c->len - c->pos, m->it->left));
		if (r < 0)
			return done ? done : r;
		done += r;
		if (peek)
			continue;
		if (c->files)
			take_files(c, m);
		c->pos += (size_t) r;
		u->queued -= (size_t) r;
		if (c->pos == c->len)
			remove(u, c);
		else
			break;
	}
	return done;
}

static kssize_t recv_message(struct unix_sock *u, struct unix_chunk *c, struct socket_msg *m)
{
	size_t n = MIN(c->len, m->it->left), len = c->len;
	kssize_t r = n ? iter_put(m->it, c->bytes, n) : 0;

	if (r >= 0 && (size_t) r < n)
		r = -EFAULT;
	if (u->s->type == SOCK_DGRAM && c->from->name)
		m->addr_len = (unsigned) unix_fill_name(c->from, m->addr);
	if (n < len)
		m->ret_flags |= MSG_TRUNC;
	if (!(m->flags & MSG_PEEK)) {
		if (c->files)
			take_files(c, m);
		remove(u, c);
	}
	return r < 0 ? r : (kssize_t) (m->flags & MSG_TRUNC ? len : n);
}

kssize_t unix_recv(struct socket *s, struct socket_msg *m)
{
	struct unix_sock *u = unix_of(s);
	struct unix_chunk *c = list_first(&u->queue, struct unix_chunk, node);

	if (!c)
		return nothing(u);
	return s->type == SOCK_STREAM ? recv_stream(u, m) : recv_message(u, c, m);
}
