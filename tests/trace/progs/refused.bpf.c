/* Reads behind a map's value: the verifier says no. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, unsigned int);
	__type(value, unsigned long);
} one SEC(".maps");

SEC("syscall") int outside(void *ctx)
{
	unsigned int zero = 0;
	unsigned long *v = bpf_map_lookup_elem(&one, &zero);

	return v ? (int)v[1] : 0;
}

char LICENSE[] SEC("license") = "GPL";
