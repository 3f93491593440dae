/* inet_tcp.c: stream sockets. lwIP's callbacks queue what comes and wake who waits; the socket's operations take from that
 * queue and write to lwIP. A connection that waits to be accepted is a whole socket already. */
#include "net/inet.h"

#include "kernel/kmem.h"
#include "kernel/page.h"
#include "linux/process.h"
#include "linux/timespec.h"
#include "lwip/priv/tcp_priv.h"
#include "lwip/tcp.h"
#include "net/lwip_hooks.h"

#define POLL_INTERVAL 2		/* of lwIP's slow timer: how often one looks whether memory is back */
#define WRITE_MAX 0xff00	/* bytes of one tcp_write() */

static const struct socket_ops tcp_ops;

/* lwIP will not call us any more. */
static void detach(struct inet_tcp *t)
{
	struct tcp_pcb *pcb = t->pcb;

	t->pcb = NULL;
	tcp_arg(pcb, NULL);
	if (pcb->state == LISTEN) {
		tcp_accept(pcb, NULL);
		return;
	}
	tcp_recv(pcb, NULL);
	tcp_sent(pcb, NULL);
	tcp_err(pcb, NULL);
	tcp_poll(pcb, NULL, 0);
}

/* Bytes that a send can take now. */
static size_t send_room(const struct inet_tcp *t)
{
	size_t limit, used;

	if (!t->pcb || tcp_sndqueuelen(t->pcb) + 4 >= TCP_SND_QUEUELEN || net_memory_short())
		return 0;
	used = TCP_SND_BUF - t->pcb->snd_buf;
	limit = inet_tcp_send_limit(t);
	return used < limit ? limit - used : 0;
}

/* As Linux has it, a stream is writable when a third of its buffer is free. */
static bool writable(const struct inet_tcp *t)
{
	size_t room = send_room(t);

	return room && room >= inet_tcp_send_limit(t) / 3;
}

static void tell_writable(struct inet_tcp *t)
{
	if (t->full && writable(t)) {
		t->full = false;
		socket_wake_write(t->s);
	}
}

static void wake_all(struct inet_tcp *t)
{
	socket_wake_read(t->s);
	socket_wake_write(t->s);
}

static err_t on_sent(void *arg, struct tcp_pcb *pcb, u16_t len)
{
	tell_writable(arg);
	return ERR_OK;
}

static err_t on_poll(void *arg, struct tcp_pcb *pcb)
{
	tell_writable(arg);
	return ERR_OK;
}

/* The control block is gone already. */
static void on_error(void *arg, err_t err)
{
	struct inet_tcp *t = arg;
	bool ended = t->rx_end;

	t->pcb = NULL;
	t->rx_end = true;
	if (t->s->state == SOCKET_CONNECTING) {
		t->s->error = err == ERR_RST ? ECONNREFUSED : ETIMEDOUT;
		t->s->state = SOCKET_NEW;
		t->inet.remote.port = 0;
		t->rx_end = false;
	} else {
		/* As tcp_reset() of Linux: the peer had said all; what we would still say finds nobody. */
		if (err == ERR_RST)
			t->s->error = ended && !t->s->shut_wr ? EPIPE : ECONNRESET;
		else if (err != ERR_CLSD)
			t->s->error = ETIMEDOUT;
		t->s->state = SOCKET_CLOSED;
	}
	wake_all(t);
}

void inet_tcp_unreachable(struct inet_tcp *t, int error)
{
	struct tcp_pcb *pcb = t->pcb;

	detach(t);
	tcp_abandon(pcb, 0);
	t->s->error = error;
	t->s->state = SOCKET_NEW;
	t->inet.remote.port = 0;
	wake_all(t);
}

static err_t on_receive(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t err)
{
	struct inet_tcp *t = arg;

	if (!p) {
		t->rx_end = true;
		/* Both sides are closed: lwIP forgets what is in TIME_WAIT without a word. */
		if (pcb->state == TIME_WAIT || pcb->state == CLOSING) {
			detach(t);
			t->s->state = SOCKET_CLOSED;
			socket_wake_write(t->s);
		}
		socket_wake_read(t->s);
		return ERR_OK;
	}
	inet_tcp_queue(t, p);
	socket_wake_read(t->s);
	return ERR_OK;
}

static err_t on_connected(void *arg, struct tcp_pcb *pcb, err_t err)
{
	struct inet_tcp *t = arg;

	t->s->state = SOCKET_CONNECTED;
	ip_addr_copy(t->inet.local.addr, pcb->local_ip);
	wake_all(t);
	return ERR_OK;
}

static void set_callbacks(struct inet_tcp *t)
{
	tcp_arg(t->pcb, t);
	tcp_recv(t->pcb, on_receive);
	tcp_sent(t->pcb, on_sent);
	tcp_err(t->pcb, on_error);
	tcp_poll(t->pcb, on_poll, POLL_INTERVAL);
}

struct tcp_pcb *inet_tcp_pcb(struct inet_tcp *t)
{
	if (!t->pcb) {
		t->pcb = tcp_new_ip_type(IP_GET_TYPE(inet_any(t->s)));
		if (t->pcb) {
			set_callbacks(t);
			inet_tcp_apply_options(t->s);
		}
	}
	return t->pcb;
}

static struct inet_tcp *attach(struct socket *s)
{
	struct inet_tcp *t = kzalloc(sizeof(*t));

	if (!t)
		return NULL;
	t->s = s;
	t->window = net_tcp_first_window;
	inet_tcp_count(1);
	ip_addr_copy(t->inet.local.addr, *IP4_ADDR_ANY);
	list_init(&t->accept_node);
	list_init(&t->accepted);
	s->data = t;
	s->ops = &tcp_ops;
	return t;
}

int inet_tcp_create(struct socket *s)
{
	return attach(s) ? 0 : -ENOMEM;
}

static int bind(struct socket *s, const struct sockaddr_any *addr, unsigned len)
{
	struct inet_tcp *t = s->data;
	struct endpoint e;
	const ip_addr_t *at;
	int r = inet_from_sockaddr(s, addr, len, &e);

	if (r < 0)
		return r;
	if (t->inet.bound || s->state != SOCKET_NEW)
		return -EINVAL;
	if (!inet_is_local(&e.addr))
		return -EADDRNOTAVAIL;
	if (!inet_tcp_pcb(t))
		return -ENOBUFS;
	at = ip_addr_isany(&e.addr) && IP_IS_V6_VAL(e.addr) ? inet_any(s) : &e.addr;
	r = inet_error(tcp_bind(t->pcb, at, e.port));
	if (r < 0)
		return r;
	t->inet.bound = true;
	t->inet.local = e;
	t->inet.local.port = t->pcb->local_port;
	return 0;
}

static int connect(struct socket *s, const struct sockaddr_any *addr, unsigned len, bool nonblock)
{
	struct inet_tcp *t = s->data;
	struct endpoint e;
	int r;

	if (s->state == SOCKET_CONNECTING)
		return -EALREADY;
	if (s->state != SOCKET_NEW)
		return s->state == SOCKET_LISTENING ? -EINVAL : -EISCONN;
	r = inet_from_sockaddr(s, addr, len, &e);
	if (r < 0)
		return r;
	if (!ip_addr_isloopback(&e.addr))
		r = net_wait_configured();
	if (r < 0)
		return r;
	/* connect(2): the unspecified address means this host. */
	if (ip_addr_isany(&e.addr)) {
		if (IP_IS_V6_VAL(e.addr))
			IP_ADDR6_HOST(&e.addr, 0, 0, 0, 1);
		else
			ip_addr_set_loopback(false, &e.addr);
	}
	if (!inet_tcp_pcb(t))
		return -ENOBUFS;
	r = inet_error(tcp_connect(t->pcb, &e.addr, e.port, on_connected));
	if (r < 0)
		return r;
	s->state = SOCKET_CONNECTING;
	t->inet.remote = e;
	t->inet.bound = true;
	ip_addr_copy(t->inet.local.addr, t->pcb->local_ip);
	t->inet.local.port = t->pcb->local_port;
	net_leave();
	return s->state == SOCKET_CONNECTED ? 0 : -EINPROGRESS;
}

/* The layer finds a socket that failed at once by its error. */
static err_t on_accept(void *arg, struct tcp_pcb *pcb, err_t err)
{
	struct inet_tcp *listener = arg, *t;
	struct socket *s;

	if (err != ERR_OK || !pcb || !listener)
		return ERR_VAL;
	s = net_memory_short() ? NULL : socket_alloc(listener->s->family, SOCK_STREAM, IPPROTO_TCP);
	t = s ? attach(s) : NULL;
	if (!t) {
		if (s)
			socket_put(s);
		return ERR_MEM; /* lwIP aborts the connection */
	}
	t->pcb = pcb;
	s->state = SOCKET_CONNECTED;
	t->inet.bound = true;
	t->inet.v6only = listener->inet.v6only;
	t->send_limit = listener->send_limit;
	t->recv_limit = listener->recv_limit;
	s->rcvbuf = listener->s->rcvbuf;
	s->sndbuf = listener->s->sndbuf;
	t->inet.local = (struct endpoint){ pcb->local_ip, pcb->local_port };
	t->inet.remote = (struct endpoint){ pcb->remote_ip, pcb->remote_port };
	s->keepalive = listener->s->keepalive;
	s->reuseaddr = listener->s->reuseaddr;
	t->nodelay = listener->nodelay;
	t->keep_idle_s = listener->keep_idle_s;
	t->keep_interval_s = listener->keep_interval_s;
	t->keep_count = listener->keep_count;
	inet_tcp_apply_options(s);
	set_callbacks(t);
	tcp_backlog_delayed(pcb);
	list_add_tail(&listener->accepted, &t->accept_node);
	socket_wake_read(listener->s);
	return ERR_OK;
}

static int listen(struct socket *s, int backlog)
{
	struct inet_tcp *t = s->data;
	struct tcp_pcb *pcb;
	err_t err;

	backlog = backlog < 0 || backlog > 4096 ? 4096 : MAX(backlog, 1);
	if (s->state == SOCKET_LISTENING) {
		tcp_backlog_set(t->pcb, (u16_t) backlog);
		return 0;
	}
	if (s->state != SOCKET_NEW)
		return -EINVAL;
	if (!inet_tcp_pcb(t))
		return -ENOBUFS;
	if (!t->inet.bound) {
		err = tcp_bind(t->pcb, inet_any(s), 0);
		if (err != ERR_OK)
			return inet_error(err);
		t->inet.bound = true;
		t->inet.local.port = t->pcb->local_port;
	}
	pcb = tcp_listen_with_backlog_and_err(t->pcb, (u16_t) backlog, &err);
	if (!pcb)
		return err == ERR_MEM ? -ENOBUFS : inet_error(err);
	t->pcb = pcb;
	tcp_arg(pcb, t);
	tcp_accept(pcb, on_accept);
	s->state = SOCKET_LISTENING;
	return 0;
}

static int accept(struct socket *s, struct socket **ret)
{
	struct inet_tcp *listener = s->data;
	struct inet_tcp *t = list_first(&listener->accepted, struct inet_tcp, accept_node);

	if (!t)
		return -EAGAIN;
	list_del(&t->accept_node);
	if (t->pcb)
		tcp_backlog_accepted(t->pcb);
	*ret = t->s;
	return 0;
}

/* The memory at the cursor, as far as it is one piece; false at the end. */
static bool iter_span(struct iter *it, uint64_t *ret_at, size_t *ret_len)
{
	while (it->left) {
		const struct iovec64 *v = it->iov ? it->iov : &it->one;

		if (it->skip < v->len || !it->iov) {
			*ret_at = v->base + it->skip;
			*ret_len = MIN(v->len - it->skip, it->left);
			return *ret_len > 0;
		}
		it->iov++;
		it->count--;
		it->skip = 0;
	}
	return false;
}

static void iter_skip(struct iter *it, size_t len)
{
	it->skip += len;
	it->left -= len;
}

/* Goes on as if that much had been put there. */
static kssize_t iter_drop(struct iter *it, size_t len)
{
	kssize_t done = 0;
	uint64_t at;
	size_t n;

	while (len && iter_span(it, &at, &n)) {
		n = MIN(n, len);
		iter_skip(it, n);
		done += (kssize_t) n;
		len -= n;
	}
	return done;
}

/* How much of the application's memory can be read: lwIP's copy must not end early. */
static size_t readable_bytes(uint64_t at, size_t len)
{
	uint64_t page = PAGE_ALIGN_DOWN(at);
	uint8_t byte;

	for (; page < at + len; page += PAGE_SIZE)
		if (copy_from_user(&byte, MAX(page, at), 1) < 0)
			return page > at ? page - at : 0;
	return user_range_check(at, len, false) < 0 ? 0 : len;
}

/* Into lwIP's buffers: the bytes taken; 0: no memory. */
static size_t write_some(struct tcp_pcb *pcb, uint64_t at, size_t len, bool more)
{
	u8_t flags = (u8_t) (TCP_WRITE_FLAG_COPY | (more ? TCP_WRITE_FLAG_MORE : 0));

	while (len) {
		if (tcp_write(pcb, (const void *) at, (u16_t) len, flags) == ERR_OK)
			return len;
		flags |= TCP_WRITE_FLAG_MORE;
		len /= 2;
	}
	return 0;
}

void inet_tcp_output(struct inet_tcp *t)
{
	if (t->pcb && t->pcb->state != LISTEN)
		tcp_output(t->pcb);
	net_leave();
}

static kssize_t send(struct socket *s, struct socket_msg *m)
{
	struct inet_tcp *t = s->data;
	struct iter *it = m->it;
	bool more = m->flags & MSG_MORE || t->corked;
	kssize_t done = 0;
	size_t len, room;
	uint64_t at;

	if (s->error)
		return socket_take_error(s);
	if (s->state == SOCKET_CONNECTING)
		return -EAGAIN;
	if (s->state == SOCKET_NEW || s->state == SOCKET_LISTENING || !t->pcb || s->shut_wr)
		return -EPIPE;
	while (iter_span(it, &at, &len)) {
		room = send_room(t);
		if (!room)
			break;
		len = MIN(MIN(len, room), (size_t) WRITE_MAX);
		if (!it->kernel)
			len = readable_bytes(at, len);
		if (!len) {
			if (!done)
				done = -EFAULT;
			break;
		}
		net_copy_user = !it->kernel;
		len = write_some(t->pcb, at, len, more || len < it->left);
		net_copy_user = false;
		if (!len)
			break;
		iter_skip(it, len);
		done += (kssize_t) len;
	}
	if (done > 0 && !more)
		inet_tcp_output(t);
	else if (done > 0 && t->pcb->snd_buf < TCP_SND_BUF / 2)
		inet_tcp_output(t);
	if (it->left && done >= 0) {
		t->full = true;
		if (!done)
			return -EAGAIN;
	}
	return done;
}

/* Lets the peer send more. */
static void received(struct inet_tcp *t, uint64_t bytes)
{
	bytes = inet_tcp_window_opens(t, bytes);
	while (bytes && t->pcb) {
		u16_t n = (u16_t) MIN(bytes, 0xffffU);

		tcp_recved(t->pcb, n);
		bytes -= n;
	}
	/* lwIP tells the peer of 4 segments' worth of room, which may be more than a small window has. */
	if (t->pcb && t->pcb->rcv_nxt + t->pcb->rcv_ann_wnd - t->pcb->rcv_ann_right_edge >= t->window / 4) {
		tcp_ack_now(t->pcb);
		tcp_output(t->pcb);
	}
	net_leave();
}

static kssize_t recv(struct socket *s, struct socket_msg *m)
{
	struct inet_tcp *t = s->data;
	bool peek = m->flags & MSG_PEEK;
	uint16_t offset = t->rx_offset;
	struct pbuf *p = t->rx;
	kssize_t done = 0, r;

	m->addr_len = 0;
	if (!p) {
		if (s->error)
			return socket_take_error(s);
		if (s->state == SOCKET_NEW || s->state == SOCKET_LISTENING)
			return -ENOTCONN;
		return t->rx_end || s->shut_rd ? 0 : -EAGAIN;
	}
	while (p && m->it->left) {
		if (m->flags & MSG_TRUNC) /* of a stream: thrown away (tcp(7)) */
			r = iter_drop(m->it, p->len - offset);
		else
			r = iter_put(m->it, (uint8_t *) p->payload + offset, p->len - offset);
		if (r < 0) {
			if (!done)
				return r;
			break;
		}
		done += r;
		offset = (uint16_t) (offset + r);
		if (offset < p->len)
			break;
		offset = 0;
		if (peek) {
			p = p->next;
			continue;
		}
		t->rx = p->next;
		t->rx_count--;
		p->next = NULL;
		pbuf_free(p);
		p = t->rx;
	}
	if (peek)
		return done;
	t->rx_offset = offset;
	if (!t->rx)
		t->rx_last = t->pack = NULL;
	t->rx_bytes -= (uint64_t) done;
	received(t, (uint64_t) done);
	return done;
}

static int shutdown(struct socket *s, int how)
{
	struct inet_tcp *t = s->data;
	err_t err = ERR_OK;

	if (s->state == SOCKET_LISTENING)
		return 0;
	if (s->state != SOCKET_CONNECTED && s->state != SOCKET_CLOSED)
		return -ENOTCONN;
	if (how != SHUT_RD && t->pcb && !s->shut_wr)
		err = tcp_shutdown(t->pcb, 0, 1);
	net_leave();
	wake_all(t);
	return inet_error(err);
}

static unsigned poll(struct socket *s)
{
	struct inet_tcp *t = s->data;
	unsigned ready = s->error ? POLLERR : 0;

	switch (s->state) {
	case SOCKET_NEW:
		return ready | POLLOUT | POLLWRNORM | POLLHUP;
	case SOCKET_CONNECTING:
		return ready;
	case SOCKET_LISTENING:
		return ready | (list_empty(&t->accepted) ? 0 : POLLIN | POLLRDNORM);
	default:
		break;
	}
	if (t->rx || t->rx_end || s->shut_rd)
		ready |= POLLIN | POLLRDNORM;
	if (t->rx_end || s->shut_rd)
		ready |= POLLRDHUP;
	if (!t->pcb || s->shut_wr || writable(t))
		ready |= POLLOUT | POLLWRNORM;
	else
		t->full = true; /* whoever polls wants to be told */
	if (!t->pcb || ((t->rx_end || s->shut_rd) && s->shut_wr))
		ready |= POLLHUP;
	return ready;
}

static long readable(struct socket *s)
{
	struct inet_tcp *t = s->data;

	return s->state == SOCKET_LISTENING ? -EINVAL : (long) t->rx_bytes;
}

/* SO_LINGER: close() waits until the peer has it all (socket(7)); nobody else knows the socket any more. */
static void linger(struct inet_tcp *t)
{
	uint64_t deadline = deadline_after(t->s->linger_s * NSEC_PER_SEC);

	if (!t->s->shut_wr && tcp_shutdown(t->pcb, 0, 1) != ERR_OK)
		return;
	net_leave();
	while (t->pcb && (t->pcb->unsent || t->pcb->unacked)) {
		t->full = true;
		if (waitq_wait(&t->s->wwait, WAIT_EVENT, "linger", deadline, true) < 0)
			break;
	}
}

/* Data that nobody reads any more, or a linger time of 0, end the connection by a reset (RFC 1122, 4.2.2.13). */
static void release(struct socket *s)
{
	struct inet_tcp *t = s->data, *queued;
	struct tcp_pcb *pcb = t->pcb;
	bool reset = t->rx || (s->linger && s->linger_s == 0);

	while ((queued = list_first(&t->accepted, struct inet_tcp, accept_node))) {
		list_del(&queued->accept_node);
		queued->s->linger = true;
		queued->s->linger_s = 0;
		socket_put(queued->s);
	}
	/* The end of a process, which takes its descriptors first, waits for nobody's peer. */
	if (pcb && s->linger && s->linger_s && s->state == SOCKET_CONNECTED && !reset && current()->proc->files) {
		linger(t);
		pcb = t->pcb;
	}
	inet_tcp_drop(t); /* with what has come meanwhile */
	inet_tcp_count(-1);
	if (pcb) {
		detach(t);
		if (reset && pcb->state != LISTEN)
			tcp_abort(pcb);
		else if (tcp_close(pcb) != ERR_OK)
			tcp_abort(pcb);
		net_leave();
	}
	kfree(t);
}

static const struct socket_ops tcp_ops = {
	.bind = bind,
	.connect = connect,
	.listen = listen,
	.accept = accept,
	.send = send,
	.recv = recv,
	.shutdown = shutdown,
	.getname = inet_getname,
	.setopt = inet_tcp_setopt,
	.getopt = inet_tcp_getopt,
	.poll = poll,
	.readable = readable,
	.ioctl = inet_ioctl,
	.release = release,
};
