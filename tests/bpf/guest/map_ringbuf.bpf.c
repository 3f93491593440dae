/* Ring buffers: output, reserve and submit, discard, how much is in them. */
// RUN: run = 7
// ATTACH: name=events size=8 lost=0 data=0100000002000000
#include "guest.h"
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} events SEC(".maps");
struct event {
	int a, b;
};
SEC("syscall") int run(void *ctx)
{
	struct event e = {1, 2}, *p = bpf_ringbuf_reserve(&events, sizeof(e), 0);
	int r = 0;

	if (!p)
		return -1;
	*p = e;
	bpf_ringbuf_submit(p, 0);
	r |= bpf_ringbuf_query(&events, BPF_RB_AVAIL_DATA) == 16;
	p = bpf_ringbuf_reserve(&events, sizeof(e), 0);
	if (p)
		bpf_ringbuf_discard(p, 0);
	r |= (bpf_ringbuf_output(&events, &e, sizeof(e), 0) == 0) << 1;
	r |= (bpf_ringbuf_query(&events, BPF_RB_RING_SIZE) == 4096) << 2;
	return r;
}
SEC("kprobe/tick") int send(void *ctx)
{
	struct event e = {1, 2};

	bpf_ringbuf_output(&events, &e, sizeof(e), 0);
	return 0;
}
