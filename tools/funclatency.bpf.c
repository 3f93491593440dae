/* funclatency.bpf.c: how long functions take. A call is known by the place of its return address on its stack, so
 * recursion and threads are told apart. */
#include <linux/bpf.h>
#include <linux/ptrace.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "tools/funclatency.h"

const volatile unsigned long unit_ns = 1;
const volatile unsigned char by_function = 0;

/* Of those that never return, the oldest go. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, unsigned long);
	__type(value, unsigned long);
} started SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 512);
	__type(key, unsigned long);
	__type(value, struct latencies);
} functions SEC(".maps");

/* Too large for the stack. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, unsigned int);
	__type(value, struct latencies);
} zeroes SEC(".maps");

SEC("kprobe") int enter(struct pt_regs *ctx)
{
	unsigned long frame = PT_REGS_SP(ctx) + sizeof(long), now = bpf_ktime_get_ns();

	bpf_map_update_elem(&started, &frame, &now, BPF_ANY);
	return 0;
}

SEC("kretprobe") int leave(struct pt_regs *ctx)
{
	unsigned long frame = PT_REGS_SP(ctx), now = bpf_ktime_get_ns(), function = 0, ns;
	unsigned long *start = bpf_map_lookup_elem(&started, &frame);
	unsigned int zero = 0;
	struct latencies *l;

	if (!start)
		return 0;
	ns = now - *start;
	bpf_map_delete_elem(&started, &frame);
	if (by_function)
		function = bpf_get_func_ip(ctx);
	l = bpf_map_lookup_elem(&functions, &function);
	if (!l) {
		l = bpf_map_lookup_elem(&zeroes, &zero);
		if (!l)
			return 0;
		bpf_map_update_elem(&functions, &function, l, BPF_NOEXIST);
		l = bpf_map_lookup_elem(&functions, &function);
		if (!l)
			return 0;
	}
	l->count++;
	l->total_ns += ns;
	if (ns > l->max_ns)
		l->max_ns = ns;
	l->slots[log2_slot(ns / unit_ns)]++;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
