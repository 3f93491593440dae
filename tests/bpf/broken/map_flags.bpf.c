/* A flag that means nothing. */
// REFUSED: map map: array with key 4, value 4, 1 entries, flags 0x40000000 is refused
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(map_flags, 0x40000000);
	__type(key, int);
	__type(value, int);
} map SEC(".maps");
SEC("syscall") int run(void *ctx)
{
	return bpf_map_lookup_elem(&map, (int[1]){0}) != 0;
}
