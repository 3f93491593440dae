/* lwip_hooks.h: what lwIP calls in net/ by name. Included by lwIP's sources. */
#ifndef UIO_NET_LWIP_HOOKS_H
#define UIO_NET_LWIP_HOOKS_H

#include "lwip/ip_addr.h"

struct netif;
struct pbuf;
struct tcp_pcb;

/* port.c: the receive window of a connection, chosen at start: less where memory is small. lwipopts.h has the most. */
extern u32_t net_tcp_window;
#undef TCP_WND
#define TCP_WND net_tcp_window
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
