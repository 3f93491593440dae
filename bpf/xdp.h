/* pure */
/*
 * xdp.h: a packet while an XDP program has it, and the helpers that change its borders: numbers, rules and results are
 * those of Linux (net/core/filter.c), but a packet without room before it is moved within its buffer instead of being
 * refused.
 */
#ifndef BPF_XDP_H
#define BPF_XDP_H

#include "bpf/ctx.h"
#include "bpf/helper.h"

/* include/uapi/linux/bpf.h, enum xdp_action */
enum bpf_xdp_action { BPF_XDP_ABORTED, BPF_XDP_DROP, BPF_XDP_PASS, BPF_XDP_TX, BPF_XDP_REDIRECT };

#define BPF_XDP_HEADER	 14  /* the least that is left of a packet: Ethernet's header */
#define BPF_XDP_META_MAX 252 /* bytes before the packet that a program may claim, in words of 4 */

/* `context` comes first: what programs and helpers are given points at it. room .. room_end is the buffer, all of it
 * writable: metadata, then the packet, lie somewhere in it. */
struct bpf_xdp_packet {
	struct bpf_xdp_context context;
	uint8_t *room, *room_end;
	int32_t removed; /* bytes that were taken off the packet's start; below 0: put before it */
};

/* Puts in xdp_adjust_head, xdp_adjust_tail, xdp_adjust_meta, xdp_get_buff_len, xdp_load_bytes, xdp_store_bytes. */
void bpf_helpers_add_xdp(struct bpf_helpers *helpers);

#endif
