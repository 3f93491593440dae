/* lwipopts.h: lwIP's configuration. Raw API only: net/ is what stands on it. Memory is the kernel heap's, so the counts of
 * pools are no limits; the limits are net/'s. */
#ifndef UIO_LWIPOPTS_H
#define UIO_LWIPOPTS_H

#define NO_SYS 1
#define SYS_LIGHTWEIGHT_PROT 0
#define LWIP_NETCONN 0
#define LWIP_SOCKET 0
#define LWIP_STATS 0

#define MEM_LIBC_MALLOC 1
#define MEMP_MEM_MALLOC 1
#define MEM_ALIGNMENT 8
#define mem_clib_malloc kmalloc
#define mem_clib_calloc net_calloc
#define mem_clib_free kfree
#include "kernel/kmem.h"
void *net_calloc(size_t count, size_t size); /* net/port.c */

#define LWIP_NETIF_LOOPBACK 1
#define LWIP_HAVE_LOOPIF 1
#define LWIP_NETIF_STATUS_CALLBACK 1
#define LWIP_CHECKSUM_CTRL_PER_NETIF 1
#define LWIP_SUPPORT_CUSTOM_PBUF 1
#define PBUF_LINK_HLEN 16	/* 14, and what aligns IP's header by 4 */
#define PBUF_LINK_ENCAPSULATION_HLEN 16 /* virtio-net's header, see net/netif.c */
#define ETH_PAD_SIZE 0

#define LWIP_IPV4 1
#define LWIP_ICMP 1
#define LWIP_DHCP 1
#define LWIP_DHCP_MAX_DNS_SERVERS 3
#define DNS_MAX_SERVERS 3
#define DHCP_DOES_ARP_CHECK 0	/* its answer would delay each boot by seconds */
#define IP_DEFAULT_TTL 64
#define IP_REASS_MAX_PBUFS 64
#define IP_SOF_BROADCAST 1
#define IP_SOF_BROADCAST_RECV 0
#define ARP_TABLE_SIZE 32
#define ARP_QUEUEING 1
#define ETHARP_TRUST_IP_MAC 0
#define SO_REUSE 1
#define SO_REUSE_RXTOALL 1

#define LWIP_IPV6 1
#define LWIP_IPV6_MLD 0		/* hosts that listen to solicited-node groups only; no switch between them that snoops */
#define LWIP_IPV6_NUM_ADDRESSES 4
#define IPV6_FRAG_COPYHEADER 1	/* pointers are longer than the header they would be kept in */
#define LWIP_IPV6_DUP_DETECT_ATTEMPTS 1
#define LWIP_ND6_NUM_NEIGHBORS 16
#define LWIP_ND6_TCP_REACHABILITY_HINTS 1

#define LWIP_RAW 0
#define LWIP_UDP 1
#define LWIP_DNS 0		/* the C library resolves */

#define LWIP_TCP 1
#define TCP_MSS 1460
#define TCP_WND (256 * 1024)	/* at most: see net_tcp_window */
#define LWIP_WND_SCALE 1
#define TCP_RCV_SCALE 4
#define TCP_SND_BUF (256 * 1024)
#define TCP_SND_QUEUELEN 1024
#define TCP_SNDLOWAT (32 * 1024)
#define TCP_OOSEQ_MAX_BYTES (256 * 1024)
#define TCP_LISTEN_BACKLOG 1
#define LWIP_TCP_SACK_OUT 1
#define LWIP_TCP_KEEPALIVE 1
#define TCP_TMR_INTERVAL 50	/* delayed acknowledgements; two of them are the unit of the retransmission timer */
#define NET_RTO_MIN 2
#define TCP_MSL 30000UL		/* as long in TIME_WAIT as Linux */
#define TCP_TTL 64
#define MEMP_NUM_TCP_SEG TCP_SND_QUEUELEN

#define LWIP_HOOK_TCP_ISN(local_ip, local_port, remote_ip, remote_port)                                                \
	net_isn(local_ip, local_port, remote_ip, remote_port)
#define LWIP_HOOK_FILENAME "net/lwip_hooks.h"

#endif
