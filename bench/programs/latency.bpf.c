/* latency.bpf.c: how long calls take, as a histogram of powers of two: the start of each in a hash by thread. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u64);
	__type(value, __u64);
} starts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u64);
} histogram SEC(".maps");

SEC("kprobe") int enter(void *ctx)
{
	__u64 thread = bpf_get_current_pid_tgid(), now = bpf_ktime_get_ns();

	bpf_map_update_elem(&starts, &thread, &now, BPF_ANY);
	return 0;
}

static __always_inline __u32 log2_of(__u64 v)
{
	__u32 n = 0;

	for (int bits = 32; bits; bits /= 2)
		if (v >> bits) {
			v >>= bits;
			n += bits;
		}
	return n;
}

SEC("kretprobe") int leave(void *ctx)
{
	__u64 thread = bpf_get_current_pid_tgid(), *start = bpf_map_lookup_elem(&starts, &thread), *n;
	__u32 slot;

	if (!start)
		return 0;
	slot = log2_of(bpf_ktime_get_ns() - *start);
	bpf_map_delete_elem(&starts, &thread);
	n = bpf_map_lookup_elem(&histogram, &slot);
	if (n)
		__sync_fetch_and_add(n, 1);
	return 0;
}
