/* A type of map that nobody has. */
// REFUSED: map map: there are no maps of type unknown (99) here
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
struct {
	__uint(type, 99);
	__uint(max_entries, 1);
	__type(key, int);
	__type(value, int);
} map SEC(".maps");
SEC("syscall") int run(void *ctx)
{
	return bpf_map_lookup_elem(&map, (int[1]){0}) != 0;
}
