/* inet_icmp.c: "destination unreachable": whom it is about, and the error that makes for a socket (RFC 792, RFC 4443 3.1;
 * which are told to whom: as icmp_err_convert[] of Linux). */
#include "net/inet.h"

#include "lwip/prot/icmp.h"
#include "lwip/prot/ip4.h"
#include "lwip/prot/ip6.h"
#include "lwip/priv/tcp_priv.h"
#include "lwip/udp.h"
#include "net/lwip_hooks.h"

#define ICMP_HEADER 8
#define PORTS 8			/* what is there of the transport's header (RFC 792) */
enum { V4_NET, V4_HOST, V4_PROTOCOL, V4_PORT, V4_TOO_LONG };
enum { V6_NO_ROUTE = 0, V6_PROHIBITED = 1, V6_PORT = 4 };

struct about {
	ip_addr_t to;
	unsigned protocol;
	uint16_t from_port, to_port;	/* of our packet, host order */
	uint32_t seqno;
	int error;			/* positive; 0: none */
	bool hard;			/* for UDP, too */
};

static int read_headers(const struct pbuf *p, bool v6, struct about *ret)
{
	uint8_t head[ICMP_HEADER + IP_HLEN_MAX + PORTS];
	unsigned len = pbuf_copy_partial(p, head, sizeof(head), 0), at = ICMP_HEADER + (v6 ? IP6_HLEN : IP_HLEN);
	const struct ip_hdr *v4 = (const void *) (head + ICMP_HEADER);
	const struct ip6_hdr *ip6 = (const void *) (head + ICMP_HEADER);

	if (len < at)
		return -EINVAL;
	if (!v6)
		at = ICMP_HEADER + IPH_HL_BYTES(v4);
	if (at < ICMP_HEADER + IP_HLEN || len < at + PORTS)
		return -EINVAL;
	memset(ret, 0, sizeof(*ret));
	if (v6) {
		static const uint8_t errors[] = { ENETUNREACH, EACCES, EHOSTUNREACH, EHOSTUNREACH, ECONNREFUSED };

		ip_addr_copy_from_ip6_packed(ret->to, ip6->dest);
		ret->protocol = IP6H_NEXTH(ip6);
		ret->error = head[1] < sizeof(errors) ? errors[head[1]] : EPROTO;
		ret->hard = head[1] == V6_PORT || head[1] == V6_PROHIBITED;
	} else {
		ip_addr_copy_from_ip4(ret->to, v4->dest);
		ret->protocol = IPH_PROTO(v4);
		ret->error = head[1] == V4_TOO_LONG ? 0 : head[1] == V4_PORT ? ECONNREFUSED :
			     head[1] == V4_PROTOCOL ? ENOPROTOOPT : head[1] == V4_NET ? ENETUNREACH : EHOSTUNREACH;
		ret->hard = head[1] == V4_PORT || head[1] == V4_PROTOCOL;
	}
	ret->from_port = (uint16_t) (head[at] << 8 | head[at + 1]);
	ret->to_port = (uint16_t) (head[at + 2] << 8 | head[at + 3]);
	ret->seqno = (uint32_t) head[at + 4] << 24 | (uint32_t) head[at + 5] << 16 | (uint32_t) head[at + 6] << 8 | head[at + 7];
	return 0;
}

static void tell_udp(const struct about *a)
{
	for (struct udp_pcb *pcb = udp_pcbs; pcb; pcb = pcb->next)
		if (pcb->flags & UDP_FLAGS_CONNECTED && pcb->local_port == a->from_port && pcb->remote_port == a->to_port &&
		    ip_addr_cmp_zoneless(&pcb->remote_ip, &a->to)) {
			inet_udp_unreachable(pcb, a->error);
			return;
		}
}

/* Only a connection that is being made ends by it, and only if it is its SYN that has come back (RFC 5927, 4.1). */
static void tell_tcp(const struct about *a)
{
	for (struct tcp_pcb *pcb = tcp_active_pcbs; pcb; pcb = pcb->next)
		if (pcb->state == SYN_SENT && pcb->local_port == a->from_port && pcb->remote_port == a->to_port &&
		    ip_addr_cmp_zoneless(&pcb->remote_ip, &a->to)) {
			if (pcb->callback_arg && a->seqno == pcb->lastack)
				inet_tcp_unreachable(pcb->callback_arg, a->error);
			return;
		}
}

void net_icmp_unreachable(const struct pbuf *p, bool v6)
{
	struct about a;

	if (read_headers(p, v6, &a) < 0 || !a.error)
		return;
	if (a.protocol == IP_PROTO_TCP)
		tell_tcp(&a);
	else if (a.protocol == IP_PROTO_UDP && a.hard)
		tell_udp(&a);
}
