/* funccount.bpf.c: how often functions are called, and returned from. */
#include <linux/bpf.h>
#include <linux/ptrace.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8192);
	__type(key, unsigned long);
	__type(value, unsigned long);
} counts SEC(".maps");

SEC("kprobe") int count(struct pt_regs *ctx)
{
	unsigned long function = bpf_get_func_ip(ctx), one = 1, *n;

	n = bpf_map_lookup_elem(&counts, &function);
	if (n)
		__sync_fetch_and_add(n, 1);
	else
		bpf_map_update_elem(&counts, &function, &one, BPF_NOEXIST);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
