/* A ring buffer whose size is no power of two. */
// REFUSED: map map: ringbuf with key 0, value 0, 5000 entries, flags 0x0 is refused
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 5000);
} map SEC(".maps");
SEC("syscall") int run(void *ctx)
{
	return bpf_map_lookup_elem(&map, (int[1]){0}) != 0;
}
