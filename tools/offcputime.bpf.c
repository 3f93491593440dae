/* offcputime.bpf.c: where threads wait: the time that each is off the CPU, by the call chain that it left it in. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "tools/stacks.h"

struct left {
	__u64 ns;
	struct stack_key key;
};

/* Threads by their address in the kernel, which is a thread's own until it ends. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u64);
	__type(value, struct left);
} waiting SEC(".maps");

/* Shorter ones are left out, in nanoseconds. */
const volatile __u64 min_ns = 0;

/* TRACE_EVENT(sched_switch): preempt, prev, next, prev_state. */
SEC("raw_tp/sched_switch") int on_switch(struct bpf_raw_tracepoint_args *ctx)
{
	__u64 prev = ctx->args[1], next = ctx->args[2], now = bpf_ktime_get_ns();
	struct left *since, left = {};

	/* The idle thread's number is 0: what it waits for does not matter to anybody. One that ends does not come back. */
	if (bpf_get_current_pid_tgid() && !(ctx->args[3] & 0x80)) {
		left.ns = now;
		stack_key_fill(&left.key, ctx);
		bpf_map_update_elem(&waiting, &prev, &left, BPF_ANY);
	}
	since = bpf_map_lookup_elem(&waiting, &next);
	if (since) {
		if (now - since->ns >= min_ns)
			stack_sum(&since->key, now - since->ns);
		bpf_map_delete_elem(&waiting, &next);
	}
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
