/* A way of pinning that does not exist. */
// REFUSED: map map: pinning is none that exists
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(pinning, 5);
	__type(key, int);
	__type(value, int);
} map SEC(".maps");
SEC("syscall") int run(void *ctx)
{
	return bpf_map_lookup_elem(&map, (int[1]){0}) != 0;
}
