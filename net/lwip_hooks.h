/* lwip_hooks.h: what lwIP calls in net/ by name. Included by lwIP's sources. */
#ifndef UIO_NET_LWIP_HOOKS_H
#define UIO_NET_LWIP_HOOKS_H

#include "lwip/ip_addr.h"

struct netif;
struct pbuf;
struct sys_timeo;
struct tcp_pcb;

/* port.c: the receive window of a connection, chosen at start: less where memory is small. lwipopts.h has the most. */
extern u32_t net_tcp_window;
#undef TCP_WND
#define TCP_WND net_tcp_window
/* inet_tcp_mem.c: what of it a new connection has. */
extern u32_t net_tcp_first_window;
/* inet_tcp_mem.c: memory is tight (net_memory_tight()); a segment of a connection that has its share is refused then. */
extern bool net_tight;
int net_tcp_refuse(const struct tcp_pcb *pcb, u32_t seqno);
#define LWIP_HOOK_TCP_INPACKET_PCB(pcb, hdr, optlen, opt1len, opt2, p) \
	(net_tight && (p)->tot_len && net_tcp_refuse(pcb, (hdr)->seqno) ? ERR_MEM : ERR_OK)
/* inet_icmp.c: "destination unreachable" has come; the payload begins with ICMP's header. */
void net_icmp_unreachable(const struct pbuf *p, bool v6);
/* config.c: the way out of the network by uio.ip6=, or NULL. */
const ip6_addr_t *net_gateway6(const struct netif *nif);
#define LWIP_HOOK_ND6_GET_GW(netif, dest) net_gateway6(netif)
/* port.c: one of lwIP's timers, with anything in it, and where it goes back. There is one for each use that lwIP has. */
struct sys_timeo *net_timer_take(void);
void net_timer_drop(struct sys_timeo *t);
/* port.c: the first sequence number of a connection. */
u32_t net_isn(const ip_addr_t *local, u16_t local_port, const ip_addr_t *remote, u16_t remote_port);
/* port.c: copies what tcp_write() was given; the application's memory, if net_copy_user is set. */
void net_copy_in(void *to, const void *from, size_t len);
/* netif.c: how many bytes one segment may have: the MSS, or more where the device makes segments out of it. */
u16_t net_tso_mss(const struct tcp_pcb *pcb);
/* netif.c: true for a packet that the device will cut into segments. */
int net_tso_packet(const struct pbuf *p, const struct netif *netif);
/* netif.c: the first unsent segment is larger than what may be sent now (`wnd`, with what is in flight): how many bytes of
 * it to send first; 0: none, or all. */
u16_t net_tso_split(const struct tcp_pcb *pcb, u32_t wnd);
/* config.c: DHCP names server number n. */
void dns_setserver(u8_t n, const ip_addr_t *server);

#endif
