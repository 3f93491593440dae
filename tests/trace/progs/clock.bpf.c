/* clock.bpf.c: what perf_event programs get. */
#include <linux/bpf.h>
#include <linux/bpf_perf_event.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, int);
	__type(value, unsigned long);
} figures SEC(".maps");

static __always_inline void set(int i, unsigned long n)
{
	bpf_map_update_elem(&figures, &i, &n, BPF_ANY);
}

SEC("perf_event") int on_clock(struct bpf_perf_event_data *ctx)
{
	set(0, ctx->sample_period);
	set(1, ctx->regs.rip);
	set(2, ctx->addr);
	set(3, ctx->regs.cs);
	return 0;
}
