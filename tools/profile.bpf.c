/* profile.bpf.c: where the CPU's time goes: call chains, counted by the clock. */
#include <linux/bpf.h>
#include <linux/bpf_perf_event.h>
#include <bpf/bpf_helpers.h>

#include "tools/stacks.h"

SEC("perf_event") int on_clock(struct bpf_perf_event_data *ctx)
{
	struct stack_key key = {};

	stack_key_fill(&key, ctx);
	stack_sum(&key, 1);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
