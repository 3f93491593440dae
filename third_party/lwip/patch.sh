#!/bin/sh
# patch.sh DIR: changes a few lines of lwIP's source in DIR; each pattern must be there.
set -eu
change() { # FILE PATTERN REPLACEMENT
	grep -q "$2" "$dir/$1" || { echo "lwip: $1: no line to change: $2" >&2; exit 1; }
	sed -i "s/$2/$3/" "$dir/$1"
}
dir=$1/src

# A listening socket's backlog counts beyond 255.
change include/lwip/tcp.h 'u8_t backlog' 'u16_t backlog'
change include/lwip/tcp.h 'u8_t accepts_pending;' 'u16_t accepts_pending;'
change core/tcp.c 'u8_t backlog' 'u16_t backlog'

# The retransmission timeout begins at 1 s (RFC 6298 (2.1)) and has a minimum, which (2.4) asks for: 200 ms, as in Linux.
change core/tcp.c '3000 \/ TCP_SLOW_INTERVAL' '1000 \/ TCP_SLOW_INTERVAL'
change core/tcp_in.c 'pcb->rto = (s16_t)((pcb->sa >> 3) + pcb->sv);' \
	'pcb->rto = (s16_t)LWIP_MAX((pcb->sa >> 3) + pcb->sv, NET_RTO_MIN);'

# The application's data are copied once, by a function that survives a fault; a segment may be larger than the MSS where
# the device cuts it.
change core/tcp_out.c 'TCP_DATA_COPY(dst, src, len, seg)  *MEMCPY(dst, src, len)' \
	'TCP_DATA_COPY(dst, src, len, seg) net_copy_in(dst, src, len)'
change core/tcp_out.c 'TCP_DATA_COPY2(dst, src, len, chksum, chksum_swapped)  *MEMCPY(dst, src, len)' \
	'TCP_DATA_COPY2(dst, src, len, chksum, chksum_swapped) net_copy_in(dst, src, len)'
change core/tcp_out.c 'mss_local = LWIP_MIN(pcb->mss, ' 'mss_local = LWIP_MIN(net_tso_mss(pcb), '

# DHCP asks for name servers though lwIP does not resolve names.
change core/ipv4/dhcp.c '^#if LWIP_DNS && LWIP_DHCP_MAX_DNS_SERVERS' '#if LWIP_DHCP_MAX_DNS_SERVERS'

# Segments that the device cuts: they are no reason for fragments, and one that is larger than a window is split early.
change core/ipv4/ip4.c 'if (netif->mtu && (p->tot_len > netif->mtu)) {' \
	'if (netif->mtu \&\& (p->tot_len > netif->mtu) \&\& !net_tso_packet(p, netif)) {'
change core/ipv6/ip6.c 'if (netif_mtu6(netif) && (p->tot_len > nd6_get_destination_mtu(dest, netif))) {' \
	'if (netif_mtu6(netif) \&\& (p->tot_len > nd6_get_destination_mtu(dest, netif)) \&\& !net_tso_packet(p, netif)) {'
change core/tcp_out.c 'LWIP_ASSERT("split <= mss", split <= pcb->mss);' ''
change core/tcp_out.c '^  \/\* Handle the current segment not fitting within the window \*\/' \
	'  if ((split = net_tso_split(pcb, wnd)) != 0) tcp_split_unsent_seg(pcb, split);'
change core/tcp_out.c '^  u32_t wnd, snd_nxt;' '  u32_t wnd, snd_nxt; u16_t split;'

# A segment whose end is split off no longer has the FIN that went with the end: SET_FLAG only adds.
change core/tcp_out.c 'TCPH_SET_FLAG(useg->tcphdr, split_flags);' 'TCPH_FLAGS_SET(useg->tcphdr, split_flags);'

# A new SYN beyond what was received reopens a connection that is in TIME_WAIT (RFC 1122, 4.2.2.13; RFC 6191 without
# timestamps), or who uses a port again would wait for a minute.
change core/tcp_in.c '\/\* We don.t really care enough to move' \
	'if ((flags \& (TCP_SYN | TCP_ACK | TCP_RST)) == TCP_SYN \&\& TCP_SEQ_GT(seqno, pcb->rcv_nxt)) { tcp_abort(pcb); pcb = NULL; break; }\n&'

# A connection's receive window begins small and grows as the application reads (net/inet_tcp_mem.c): that it
# is not the largest is no sign of data that nobody has read.
change core/tcp.c 'TCPWND_MIN16(TCP_WND)' 'TCPWND_MIN16(net_tcp_first_window)'
change core/tcp.c '|| (pcb->rcv_wnd != TCP_WND_MAX(pcb))' ''
change core/tcp_in.c 'TCPWND_MIN16(TCP_WND)' 'TCPWND_MIN16(net_tcp_first_window)'
change core/tcp_in.c 'pcb->rcv_ann_wnd = TCP_WND;' 'pcb->rcv_ann_wnd = net_tcp_first_window;'

# "Destination unreachable" reaches the socket it is about.
change core/ipv4/icmp.c 'if (type == ICMP_DUR) {' '& net_icmp_unreachable(p, false);'
change core/ipv6/icmp6.c 'ICMP6_STATS_INC(icmp6.proterr);' \
	'if (icmp6hdr->type == ICMP6_TYPE_DUR) net_icmp_unreachable(p, true);'
change core/ipv6/icmp6.c '^#include "lwip\/icmp6.h"' '&\n#include "net\/lwip_hooks.h"'

# After a zero-window probe an acknowledgement must not carry the number after the probe's byte: the peer, whose window is
# closed, throws such a segment away (RFC 9293, 3.10.7.4), and where both sides wait for the other to read, neither would
# ever hear again.
change core/tcp_out.c 'p = tcp_output_alloc_header(pcb, optlen, 0, lwip_htonl(pcb->snd_nxt));' \
	'p = tcp_output_alloc_header(pcb, optlen, 0, lwip_htonl(TCP_SEQ_LT(pcb->lastack + pcb->snd_wnd, pcb->snd_nxt) ? \
    pcb->lastack + pcb->snd_wnd : pcb->snd_nxt));'

# Packets that are too short are not read beyond their end: ARP's, then IP's.
change core/ipv4/etharp.c '(netif != NULL), return;);' \
	'&\n  if (p->len < SIZEOF_ETHARP_HDR) { pbuf_free(p); return; }'
change core/ipv4/ip4.c 'if (IPH_V(iphdr) != 4) {' 'if (p->len < IP_HLEN || IPH_V(iphdr) != 4) {'
change core/ipv6/ip6.c 'if (IP6H_V(ip6hdr) != 6) {' 'if (p->len < IP6_HLEN || IP6H_V(ip6hdr) != 6) {'

# Its few timers are never for want of memory: one that could not be set again would be lost for ever.
change core/timeouts.c '(struct sys_timeo \*)memp_malloc(MEMP_SYS_TIMEOUT)' 'net_timer_take()'
change core/timeouts.c 'memp_free(MEMP_SYS_TIMEOUT, ' 'net_timer_drop('
change core/timeouts.c '^#include "lwip\/timeouts.h"' '&\n#include "net\/lwip_hooks.h"'
