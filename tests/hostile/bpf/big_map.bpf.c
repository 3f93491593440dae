/* A map as large as the guest's memory, and one that is larger than any. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, ENTRIES);
	__type(key, unsigned int);
	__uint(value_size, 4096);
} big SEC(".maps");

SEC("syscall") int run(void *ctx)
{
	unsigned int zero = 0;

	return bpf_map_lookup_elem(&big, &zero) != 0;
}

char LICENSE[] SEC("license") = "GPL";
