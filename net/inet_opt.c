/* inet_opt.c: socket options of IP, IPv6 and TCP. Options that only tune what lwIP does not do are taken and have no
 * effect, where Linux's have none either that a program could see. */
#include "net/inet.h"

#include "lwip/tcp.h"
#include "net/lwip_hooks.h"

/* ip(7), ipv6(7), tcp(7); include/uapi/linux/{in,in6,tcp}.h */
enum { IP_TOS = 1, IP_TTL = 2, IP_MTU_DISCOVER = 10, IP_RECVERR = 11, IP_FREEBIND = 15, IP_BIND_ADDRESS_NO_PORT = 24 };
enum { IPV6_UNICAST_HOPS = 16, IPV6_MTU_DISCOVER = 23, IPV6_RECVERR = 25, IPV6_V6ONLY = 26, IPV6_TCLASS = 67 };
enum {
	TCP_NODELAY = 1, TCP_MAXSEG, TCP_CORK, TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT, TCP_SYNCNT, TCP_LINGER2,
	TCP_DEFER_ACCEPT, TCP_WINDOW_CLAMP, TCP_INFO, TCP_QUICKACK, TCP_CONGESTION, TCP_USER_TIMEOUT = 18,
};
#define KEEP_SECONDS_MAX 32767
#define WINDOW_LEAST (4u * TCP_MSS)	/* a window that opens by less than a segment is not told (RFC 1122, 4.2.3.3) */

static int as_int(const void *value, unsigned len, int *ret)
{
	if (len < sizeof(int))
		return -EINVAL;
	memcpy(ret, value, sizeof(int));
	return 0;
}

static int put_int(void *value, int v)
{
	memcpy(value, &v, sizeof(v));
	return sizeof(v);
}

/* -1 stands for the default. */
static int set_byte(int v, uint8_t *at, uint8_t def)
{
	if (v < -1 || v > 255)
		return -EINVAL;
	*at = v < 0 ? def : (uint8_t) v;
	return 0;
}

int inet_setopt(struct socket *s, int level, int name, const void *value, unsigned len)
{
	struct inet *i = s->data;
	int v = 0, r = level == SOL_SOCKET ? 0 : as_int(value, len, &v);

	if (r < 0)
		return r;
	if (level == IPPROTO_IP) {
		switch (name) {
		case IP_TOS:
			return set_byte(v, &i->tos, 0);
		case IP_TTL:
			return v == 0 ? -EINVAL : set_byte(v, &i->ttl, 0);
		case IP_MTU_DISCOVER:
		case IP_RECVERR:
		case IP_BIND_ADDRESS_NO_PORT:
			return 0;
		}
	} else if (level == IPPROTO_IPV6 && s->family == AF_INET6) {
		switch (name) {
		case IPV6_V6ONLY:
			if (i->bound)
				return -EINVAL;
			i->v6only = v != 0;
			return 0;
		case IPV6_TCLASS:
			return set_byte(v, &i->tos, 0);
		case IPV6_UNICAST_HOPS:
			return v == 0 ? -EINVAL : set_byte(v, &i->ttl, 0);
		case IPV6_MTU_DISCOVER:
		case IPV6_RECVERR:
			return 0;
		}
	}
	return -ENOPROTOOPT;
}

int inet_getopt(struct socket *s, int level, int name, void *value)
{
	struct inet *i = s->data;

	if (level == IPPROTO_IP) {
		switch (name) {
		case IP_TOS:
			return put_int(value, i->tos);
		case IP_TTL:
			return put_int(value, i->ttl ? i->ttl : 64);
		case IP_MTU_DISCOVER:
		case IP_RECVERR:
			return put_int(value, 0);
		}
	} else if (level == IPPROTO_IPV6 && s->family == AF_INET6) {
		switch (name) {
		case IPV6_V6ONLY:
			return put_int(value, i->v6only);
		case IPV6_TCLASS:
			return put_int(value, i->tos);
		case IPV6_UNICAST_HOPS:
			return put_int(value, i->ttl ? i->ttl : 64);
		}
	}
	return -ENOPROTOOPT;
}

/* What the socket says, to the control block. */
void inet_tcp_apply_options(struct socket *s)
{
	struct inet_tcp *t = s->data;
	struct tcp_pcb *pcb = t->pcb;

	if (!pcb)
		return;
	pcb->so_options = (u8_t) ((s->keepalive ? SOF_KEEPALIVE : 0) | (s->reuseaddr || s->reuseport ? SOF_REUSEADDR : 0));
	pcb->tos = t->inet.tos;
	pcb->ttl = t->inet.ttl ? t->inet.ttl : TCP_TTL;
	if (pcb->state == LISTEN)
		return;
	if (t->nodelay)
		tcp_nagle_disable(pcb);
	else
		tcp_nagle_enable(pcb);
	if (t->keep_idle_s)
		pcb->keep_idle = t->keep_idle_s * 1000;
	if (t->keep_interval_s)
		pcb->keep_intvl = t->keep_interval_s * 1000;
	if (t->keep_count)
		pcb->keep_cnt = t->keep_count;
}

static int seconds(int v, uint32_t *at)
{
	if (v < 1 || v > KEEP_SECONDS_MAX)
		return -EINVAL;
	*at = (uint32_t) v;
	return 0;
}

static int set_tcp(struct inet_tcp *t, int name, int v)
{
	switch (name) {
	case TCP_NODELAY:
		t->nodelay = v != 0;
		return 0;
	case TCP_CORK:
		t->corked = v != 0;
		return 0;
	case TCP_KEEPIDLE:
		return seconds(v, &t->keep_idle_s);
	case TCP_KEEPINTVL:
		return seconds(v, &t->keep_interval_s);
	case TCP_KEEPCNT:
		return v < 1 || v > 127 ? -EINVAL : seconds(v, &t->keep_count);
	case TCP_MAXSEG:
	case TCP_SYNCNT:
	case TCP_LINGER2:
	case TCP_DEFER_ACCEPT:
	case TCP_WINDOW_CLAMP:
	case TCP_QUICKACK:
	case TCP_USER_TIMEOUT:
		return 0;
	default:
		return -ENOPROTOOPT;
	}
}

int inet_tcp_setopt(struct socket *s, int level, int name, const void *value, unsigned len)
{
	struct inet_tcp *t = s->data;
	int r, v;

	if (level == SOL_SOCKET && name == SO_SNDBUF)
		t->send_limit = MIN(s->sndbuf, (uint32_t) TCP_SND_BUF);
	if (level == SOL_SOCKET && name == SO_RCVBUF) /* half of it is for overhead, as with Linux's tcp_adv_win_scale */
		t->recv_limit = MIN(MAX(s->rcvbuf / 2, WINDOW_LEAST), net_tcp_window);
	if (level != IPPROTO_TCP)
		r = inet_setopt(s, level, name, value, len);
	else {
		r = as_int(value, len, &v);
		if (r >= 0)
			r = set_tcp(t, name, v);
	}
	if (level == SOL_SOCKET || r >= 0)
		inet_tcp_apply_options(s);
	/* Both ask for what has been held back. */
	if (r >= 0 && level == IPPROTO_TCP && (name == TCP_NODELAY || name == TCP_CORK) && s->state == SOCKET_CONNECTED)
		inet_tcp_output(t);
	return r;
}

int inet_tcp_getopt(struct socket *s, int level, int name, void *value)
{
	struct inet_tcp *t = s->data;

	if (level != IPPROTO_TCP)
		return inet_getopt(s, level, name, value);
	switch (name) {
	case TCP_NODELAY:
		return put_int(value, t->nodelay);
	case TCP_CORK:
		return put_int(value, t->corked);
	case TCP_KEEPIDLE:
		return put_int(value, t->keep_idle_s ? (int) t->keep_idle_s : 7200);
	case TCP_KEEPINTVL:
		return put_int(value, t->keep_interval_s ? (int) t->keep_interval_s : 75);
	case TCP_KEEPCNT:
		return put_int(value, t->keep_count ? (int) t->keep_count : 9);
	case TCP_MAXSEG:
		return put_int(value, t->pcb && t->pcb->state != LISTEN ? t->pcb->mss : TCP_MSS);
	case TCP_INFO:
		return inet_tcp_info(t, value);
	case TCP_CONGESTION:
		memcpy(value, "reno", 5);
		return 5;
	default:
		return -ENOPROTOOPT;
	}
}
