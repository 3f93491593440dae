/* inet.h: between inet.c, inet_tcp.c, inet_udp.c and inet_opt.c: AF_INET and AF_INET6 over lwIP's callbacks. */
#ifndef UIO_NET_INET_H
#define UIO_NET_INET_H

#include "linux/socket.h"
#include "lwip/ip_addr.h"
#include "lwip/pbuf.h"
#include "net/net.h"

struct tcp_pcb;
struct udp_pcb;

enum { IPPROTO_IP = 0, IPPROTO_TCP = 6, IPPROTO_UDP = 17, IPPROTO_IPV6 = 41 };

struct endpoint {
	ip_addr_t addr;
	uint16_t port;		/* host order */
};

/* What both kinds of socket have; first in theirs. */
struct inet {
	struct endpoint local, remote;	/* remote.port 0: not connected */
	bool bound;
	bool v6only;
	uint8_t tos, ttl;		/* ttl 0: the default */
};

/* A stream. */
struct inet_tcp {
	struct inet inet;
	struct socket *s;
	struct tcp_pcb *pcb;		/* NULL: not made yet, or gone */
	struct pbuf *rx, *rx_last;	/* received, one chain of single buffers whose tot_len means nothing */
	uint16_t rx_offset;		/* bytes of the first that were read */
	uint64_t rx_bytes;		/* unread */
	unsigned rx_count;		/* buffers of the chain */
	struct pbuf *pack;		/* the last of them, if more can be packed into it; or NULL */
	uint32_t window;		/* what the peer may send before any is read */
	uint32_t window_read;		/* read since the window last grew */
	uint32_t recv_limit;		/* of the window, by SO_RCVBUF; 0: net_tcp_window */
	bool rx_end;			/* the peer has closed */
	bool full;			/* a send found too little room: tell when there is some */
	bool corked, nodelay;
	uint32_t keep_idle_s, keep_interval_s, keep_count;	/* 0: the default */
	uint32_t send_limit;		/* by SO_SNDBUF; 0: lwIP's */
	struct list accept_node;	/* in the listener's `accepted` */
	struct list accepted;		/* of a listener: connections that nobody has taken, with a reference each */
};

/* inet.c: sockaddr to endpoint, for this socket's family: -EINVAL, -EAFNOSUPPORT. */
int inet_from_sockaddr(const struct socket *s, const struct sockaddr_any *addr, unsigned len, struct endpoint *ret);
/* Fills addr; returns its length. */
unsigned inet_to_sockaddr(const struct socket *s, const struct endpoint *from, struct sockaddr_any *ret);
/* lwIP's error as a negative errno. */
int inet_error(int err);
/* True when one of our interfaces has the address, or it is the unspecified one. */
bool inet_is_local(const ip_addr_t *addr);
/* The unspecified address as a pcb of this socket takes it: of its family, or of both. */
const ip_addr_t *inet_any(const struct socket *s);
int inet_getname(struct socket *s, bool peer, struct sockaddr_any *addr);

/* inet_opt.c: options of IP and IPv6; what they need from the protocol's control block comes from inet->tos and ttl.
 * -ENOPROTOOPT. */
int inet_setopt(struct socket *s, int level, int name, const void *value, unsigned len);
int inet_getopt(struct socket *s, int level, int name, void *value);
/* inet_opt.c: options of TCP. */
int inet_tcp_setopt(struct socket *s, int level, int name, const void *value, unsigned len);
int inet_tcp_getopt(struct socket *s, int level, int name, void *value);
void inet_tcp_apply_options(struct socket *s);

/* inet_info.c: TCP_INFO; returns its length. */
int inet_tcp_info(const struct inet_tcp *t, void *value);

/* inet.c: requests about interfaces. */
long inet_ioctl(struct socket *s, unsigned cmd, uint64_t arg);

/* inet_tcp.c, inet_udp.c */
int inet_tcp_create(struct socket *s);
int inet_udp_create(struct socket *s);
/* Bytes that wait to be read, as the buffer's limit counts them, and the inode; untouched for a pcb that is no socket's (DHCP's). */
void inet_udp_look(const struct udp_pcb *pcb, uint64_t *ret_rx, uint64_t *ret_ino);
/* The socket's control block; NULL: no memory. */
struct tcp_pcb *inet_tcp_pcb(struct inet_tcp *t);
void inet_tcp_output(struct inet_tcp *t);
/* inet_icmp.c has found out why it cannot be reached: ends a connection that is being made with this error. */
void inet_tcp_unreachable(struct inet_tcp *t, int error);
/* inet_udp.c: the same for a connected socket, which only hears of it; nothing for a pcb that is no socket's (DHCP's). */
void inet_udp_unreachable(struct udp_pcb *pcb, int error);

/* inet_tcp_mem.c: what connections may hold of memory. */
/* A new socket; one that goes. */
void inet_tcp_count(int one);
/* Bytes that may be waiting to be sent. */
size_t inet_tcp_send_limit(const struct inet_tcp *t);
/* Puts what has arrived behind the chain. */
void inet_tcp_queue(struct inet_tcp *t, struct pbuf *p);
/* Frees the chain. */
void inet_tcp_drop(struct inet_tcp *t);
/* `bytes` have been read: how many more the peer may send. */
uint64_t inet_tcp_window_opens(struct inet_tcp *t, uint64_t bytes);

#endif
