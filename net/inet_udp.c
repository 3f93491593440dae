/* inet_udp.c: datagram sockets. What arrives is queued up to the receive buffer's size; the rest is dropped, as the protocol
 * allows. */
#include "net/inet.h"

#include "kernel/kmem.h"
#include "kernel/page.h"
#include "lwip/ip.h"
#include "lwip/netif.h"
#include "lwip/udp.h"
#include "net/lwip_hooks.h"

#define PIECE 16384		/* bytes of one buffer of a large datagram */
#define DATAGRAM_MAX 65507	/* IPv4; IPv6's 20 bytes more are of no use */
#define OVERHEAD 256		/* bytes that a queued datagram counts besides its data */
#define TIGHT_MAX (16u * 1024)	/* bytes of a queue while memory is tight */

struct datagram {
	struct list node;
	struct pbuf *data;
	struct endpoint from;
};

struct inet_udp {
	struct inet inet;
	struct socket *s;
	struct udp_pcb *pcb;
	struct list queue;
	uint32_t queued;		/* bytes, overhead included */
};

static const struct socket_ops udp_ops;

/* What a datagram counts: a packet that was not copied holds a frame. */
static uint32_t cost(const struct pbuf *p)
{
	return OVERHEAD + (p->flags & PBUF_FLAG_IS_CUSTOM ? pbuf_clen(p) * (uint32_t) PAGE_SIZE : p->tot_len);
}

/* One that has to wait is copied, if that makes it smaller. */
static struct pbuf *shrink(const struct inet_udp *u, struct pbuf *p)
{
	struct pbuf *copy;

	if (list_empty(&u->queue) || p->tot_len > PAGE_SIZE / 2 || !(p->flags & PBUF_FLAG_IS_CUSTOM))
		return p;
	copy = pbuf_clone(PBUF_RAW, PBUF_RAM, p);
	if (!copy)
		return p;
	pbuf_free(p);
	return copy;
}

static void on_receive(void *arg, struct udp_pcb *pcb, struct pbuf *p, const ip_addr_t *addr, u16_t port)
{
	struct inet_udp *u = arg;
	struct datagram *d = NULL;

	p = shrink(u, p);
	if (!u->s->shut_rd && u->queued + cost(p) <= (net_tight ? MIN(u->s->rcvbuf, TIGHT_MAX) : u->s->rcvbuf))
		d = kmalloc(sizeof(*d));
	if (!d) {
		pbuf_free(p);
		return;
	}
	d->data = p;
	d->from = (struct endpoint){ *addr, port };
	u->queued += cost(p);
	list_add_tail(&u->queue, &d->node);
	socket_wake_read(u->s);
}

void inet_udp_look(const struct udp_pcb *pcb, uint64_t *ret_rx, uint64_t *ret_ino)
{
	const struct inet_udp *u = pcb->recv_arg;

	if (pcb->recv != on_receive)
		return;
	*ret_rx = u->queued;
	*ret_ino = u->s->v.ino;
}

void inet_udp_unreachable(struct udp_pcb *pcb, int error)
{
	struct inet_udp *u = pcb->recv_arg;

	if (pcb->recv != on_receive)
		return;
	u->s->error = error;
	socket_wake_read(u->s);
	socket_wake_write(u->s);
}

static void drop(struct inet_udp *u, struct datagram *d)
{
	list_del(&d->node);
	u->queued -= cost(d->data);
	pbuf_free(d->data);
	kfree(d);
}

static int make_pcb(struct inet_udp *u)
{
	if (u->pcb)
		return 0;
	u->pcb = udp_new_ip_type(IP_GET_TYPE(inet_any(u->s)));
	if (!u->pcb)
		return -ENOBUFS;
	udp_recv(u->pcb, on_receive, u);
	return 0;
}

/* The options as they stand now. */
static void apply(struct inet_udp *u)
{
	struct socket *s = u->s;

	u->pcb->so_options = (u8_t) ((s->broadcast ? SOF_BROADCAST : 0) | (s->reuseaddr || s->reuseport ? SOF_REUSEADDR : 0));
	u->pcb->tos = u->inet.tos;
	u->pcb->ttl = u->inet.ttl ? u->inet.ttl : UDP_TTL;
}

static int bind_to(struct inet_udp *u, const struct endpoint *e)
{
	int r = make_pcb(u);

	if (r < 0)
		return r;
	apply(u);
	r = inet_error(udp_bind(u->pcb, ip_addr_isany(&e->addr) ? inet_any(u->s) : &e->addr, e->port));
	if (r < 0)
		return r;
	u->inet.bound = true;
	u->inet.local = *e;
	u->inet.local.port = u->pcb->local_port;
	return 0;
}

static int bind(struct socket *s, const struct sockaddr_any *addr, unsigned len)
{
	struct inet_udp *u = s->data;
	struct endpoint e;
	int r = inet_from_sockaddr(s, addr, len, &e);

	if (r < 0)
		return r;
	if (u->inet.bound)
		return -EINVAL;
	return inet_is_local(&e.addr) ? bind_to(u, &e) : -EADDRNOTAVAIL;
}

static int bind_any(struct inet_udp *u)
{
	struct endpoint any = { .addr = u->inet.local.addr };

	return u->inet.bound ? 0 : bind_to(u, &any);
}

static void disconnect(struct inet_udp *u)
{
	if (u->pcb)
		udp_disconnect(u->pcb);
	u->inet.remote.port = 0;
	u->s->state = SOCKET_NEW;
}

static int connect(struct socket *s, const struct sockaddr_any *addr, unsigned len, bool nonblock)
{
	struct inet_udp *u = s->data;
	struct endpoint e;
	struct netif *nif;
	int r;

	if (len >= sizeof(addr->family) && addr->family == AF_UNSPEC) {
		disconnect(u);
		return 0;
	}
	r = inet_from_sockaddr(s, addr, len, &e);
	if (r >= 0 && !ip_addr_isloopback(&e.addr))
		r = net_wait_configured();
	if (r >= 0)
		r = bind_any(u);
	if (r >= 0)
		r = inet_error(udp_connect(u->pcb, &e.addr, e.port));
	if (r < 0)
		return r;
	u->inet.remote = e;
	s->state = SOCKET_CONNECTED;
	/* getsockname() tells the address that will be used: resolvers sort by it. */
	nif = ip_route(&u->pcb->local_ip, &e.addr);
	if (!nif) {
		disconnect(u);
		return -ENETUNREACH;
	}
	if (ip_addr_isany(&u->inet.local.addr)) {
		const ip_addr_t *own = ip_netif_get_local_ip(nif, &e.addr);

		if (own)
			ip_addr_copy(u->inet.local.addr, *own);
	}
	return 0;
}

/* Buffers with the caller's data. */
static int gather(struct iter *it, struct pbuf **ret)
{
	size_t len = it->left;
	struct pbuf *chain = NULL;

	do {
		struct pbuf *p = pbuf_alloc(chain ? PBUF_RAW : PBUF_TRANSPORT, (u16_t) MIN(len, (size_t) PIECE), PBUF_RAM);

		if (!p || (p->len && iter_get(it, p->payload, p->len) != p->len)) {
			int r = p ? -EFAULT : -ENOBUFS;

			if (p)
				pbuf_free(p);
			if (chain)
				pbuf_free(chain);
			return r;
		}
		len -= p->len;
		if (chain)
			pbuf_cat(chain, p);
		else
			chain = p;
	} while (len);
	*ret = chain;
	return 0;
}

/* A datagram that will be sent in fragments has its checksum made here: the device only makes those of whole packets. */
static err_t transmit(struct inet_udp *u, struct pbuf *p, const struct endpoint *to)
{
	struct netif *nif = ip_route(&u->pcb->local_ip, &to->addr);
	u16_t flags;
	err_t err;

	if (!nif)
		return ERR_RTE;
	flags = nif->chksum_flags;
	if (nif->mtu && p->tot_len + UDP_HLEN + IP6_HLEN > nif->mtu)
		nif->chksum_flags |= NETIF_CHECKSUM_GEN_UDP;
	err = udp_sendto(u->pcb, p, &to->addr, to->port);
	nif->chksum_flags = flags;
	return err;
}

static kssize_t send(struct socket *s, struct socket_msg *m)
{
	struct inet_udp *u = s->data;
	struct endpoint to = u->inet.remote;
	size_t len = m->it->left;
	struct pbuf *p;
	int r = 0;

	if (s->error)
		return socket_take_error(s);
	if (s->shut_wr)
		return -EPIPE;
	if (m->addr_len)
		r = inet_from_sockaddr(s, m->addr, m->addr_len, &to);
	else if (!to.port)
		return -EDESTADDRREQ;
	if (r >= 0 && len > DATAGRAM_MAX)
		r = -EMSGSIZE;
	if (r >= 0 && !to.port)
		r = -EINVAL;
	if (r >= 0)
		r = bind_any(u);
	if (r < 0)
		return r;
	if (ip_addr_isany(&to.addr)) {
		if (IP_IS_V6_VAL(to.addr))
			IP_ADDR6_HOST(&to.addr, 0, 0, 0, 1);
		else
			ip_addr_set_loopback(false, &to.addr);
	}
	if (net_memory_short())
		return -ENOBUFS;
	r = gather(m->it, &p);
	if (r < 0)
		return r;
	apply(u);
	r = transmit(u, p, &to);
	pbuf_free(p);
	net_leave();
	if (r == ERR_VAL) /* lwIP's answer to a broadcast without SO_BROADCAST */
		return -EACCES;
	r = inet_error(r);
	return r < 0 ? r : (kssize_t) len;
}

static kssize_t recv(struct socket *s, struct socket_msg *m)
{
	struct inet_udp *u = s->data;
	struct datagram *d = list_first(&u->queue, struct datagram, node);
	size_t len;
	kssize_t done = 0, r;

	m->addr_len = 0;
	if (s->error)
		return socket_take_error(s);
	if (!d) {
		return s->shut_rd ? 0 : -EAGAIN;
	}
	len = d->data->tot_len;
	for (struct pbuf *p = d->data; p && m->it->left; p = p->next) {
		r = p->len ? iter_put(m->it, p->payload, p->len) : 0;
		if (r < 0)
			return r;
		done += r;
	}
	if ((size_t) done < len)
		m->ret_flags |= MSG_TRUNC;
	m->addr_len = inet_to_sockaddr(s, &d->from, m->addr);
	if (!(m->flags & MSG_PEEK))
		drop(u, d);
	return m->flags & MSG_TRUNC ? (kssize_t) len : done;
}

static int shutdown(struct socket *s, int how)
{
	if (s->state != SOCKET_CONNECTED)
		return -ENOTCONN;
	socket_wake_read(s);
	socket_wake_write(s);
	return 0;
}

static unsigned poll(struct socket *s)
{
	struct inet_udp *u = s->data;
	unsigned ready = POLLOUT | POLLWRNORM | (s->error ? POLLERR : 0);

	if (!list_empty(&u->queue) || s->shut_rd)
		ready |= POLLIN | POLLRDNORM;
	if (s->shut_rd)
		ready |= POLLRDHUP;
	if (s->shut_rd && s->shut_wr)
		ready |= POLLHUP;
	return ready;
}

static long readable(struct socket *s)
{
	struct inet_udp *u = s->data;
	struct datagram *d = list_first(&u->queue, struct datagram, node);

	return d ? d->data->tot_len : 0;
}

static void release(struct socket *s)
{
	struct inet_udp *u = s->data;
	struct datagram *d;

	while ((d = list_first(&u->queue, struct datagram, node)))
		drop(u, d);
	if (u->pcb)
		udp_remove(u->pcb);
	kfree(u);
}

int inet_udp_create(struct socket *s)
{
	struct inet_udp *u = kzalloc(sizeof(*u));

	if (!u)
		return -ENOMEM;
	u->s = s;
	list_init(&u->queue);
	ip_addr_copy(u->inet.local.addr, *IP4_ADDR_ANY);
	s->data = u;
	s->ops = &udp_ops;
	return 0;
}

static const struct socket_ops udp_ops = {
	.bind = bind,
	.connect = connect,
	.send = send,
	.recv = recv,
	.shutdown = shutdown,
	.getname = inet_getname,
	.setopt = inet_setopt,
	.getopt = inet_getopt,
	.poll = poll,
	.readable = readable,
	.ioctl = inet_ioctl,
	.release = release,
};
