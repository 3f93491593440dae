/* hooks.bpf.c: counts at the hooks that are no functions, and stacks. */
#include <linux/bpf.h>
#include <linux/bpf_perf_event.h>
#include <linux/ptrace.h>
#include <bpf/bpf_helpers.h>

#define DEPTH 32

struct {
	__uint(type, BPF_MAP_TYPE_STACK_TRACE);
	__uint(max_entries, 1024);
	__uint(key_size, 4);
	__uint(value_size, 127 * 8);
} stacks SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, int);
	__type(value, unsigned long);
} samples SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, int);
	__type(value, unsigned long[DEPTH]);
} chain SEC(".maps");

SEC("perf_event") int on_clock(struct bpf_perf_event_data *ctx)
{
	int id = bpf_get_stackid(ctx, &stacks, 0);
	unsigned long one = 1, *n = bpf_map_lookup_elem(&samples, &id);

	if (n)
		*n += 1;
	else
		bpf_map_update_elem(&samples, &id, &one, BPF_ANY);
	return 0;
}

SEC("?kprobe/leaf") int on_leaf(struct pt_regs *ctx)
{
	int zero = 0;
	unsigned long *at = bpf_map_lookup_elem(&chain, &zero);

	if (at)
		bpf_get_stack(ctx, at, DEPTH * 8, 0);
	return 0;
}
