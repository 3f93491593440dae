/* inet_info.c: what a TCP connection tells of itself: the option TCP_INFO. */
#include "net/inet.h"

#include "lwip/priv/tcp_priv.h"
#include "lwip/tcp.h"

/* include/net/tcp_states.h, by lwIP's states. */
static const uint8_t states[] = {
	[CLOSED] = 7, [LISTEN] = 10, [SYN_SENT] = 2, [SYN_RCVD] = 3, [ESTABLISHED] = 1, [FIN_WAIT_1] = 4,
	[FIN_WAIT_2] = 5, [CLOSE_WAIT] = 8, [CLOSING] = 11, [LAST_ACK] = 9, [TIME_WAIT] = 6,
};
#define LINUX_CLOSE 7

/* include/uapi/linux/tcp.h: struct tcp_info, as long as it was at first; times in microseconds or (the `last_`) ms. */
struct tcp_info {
	uint8_t state, ca_state, retransmits, probes, backoff, options, wscale, flags;
	uint32_t rto, ato, snd_mss, rcv_mss;
	uint32_t unacked, sacked, lost, retrans, fackets;
	uint32_t last_data_sent, last_ack_sent, last_data_recv, last_ack_recv;
	uint32_t pmtu, rcv_ssthresh, rtt, rttvar, snd_ssthresh, snd_cwnd, advmss, reordering;
	uint32_t rcv_rtt, rcv_space, total_retrans;
};
_Static_assert(sizeof(struct tcp_info) == 104 && sizeof(struct tcp_info) <= SOCKET_OPT_MAX, "tcp(7)");
enum { OPT_SACK = 2, OPT_WSCALE = 4 };
#define TICK_US (TCP_SLOW_INTERVAL * 1000u)

int inet_tcp_info(const struct inet_tcp *t, void *value)
{
	const struct tcp_pcb *pcb = t->pcb;
	struct tcp_info i = { .state = LINUX_CLOSE };

	if (pcb)
		i.state = states[pcb->state];
	if (pcb && pcb->state != LISTEN) {
		i.retransmits = pcb->nrtx;
		i.options = (uint8_t) ((pcb->flags & TF_SACK ? OPT_SACK : 0) | (pcb->flags & TF_WND_SCALE ? OPT_WSCALE : 0));
		i.wscale = (uint8_t) (pcb->snd_scale | pcb->rcv_scale << 4);
		i.rto = (uint32_t) pcb->rto * TICK_US;
		i.snd_mss = i.rcv_mss = i.advmss = pcb->mss;
		for (const struct tcp_seg *s = pcb->unacked; s; s = s->next)
			i.unacked++;
		i.last_ack_recv = (tcp_ticks - pcb->tmr) * TCP_SLOW_INTERVAL;
		i.last_data_recv = i.last_ack_recv;
		i.rcv_ssthresh = i.rcv_space = t->window;
		i.rtt = (uint32_t) MAX(pcb->sa, 0) * TICK_US / 8; /* sa: in eighths of a tick, sv in quarters (RFC 6298) */
		i.rttvar = (uint32_t) MAX(pcb->sv, 0) * TICK_US / 4;
		i.snd_ssthresh = pcb->ssthresh / MAX(pcb->mss, 1);
		i.snd_cwnd = pcb->cwnd / MAX(pcb->mss, 1);
		i.reordering = 3;
	}
	memcpy(value, &i, sizeof(i));
	return sizeof(i);
}
