/* A program array inside a map: nobody would know what its programs' contexts are. */
// REFUSED: map map: array_of_maps with key 4, value 4, 4 entries, flags 0x0 is refused
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
struct inner {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 4);
	__uint(key_size, 4);
	__uint(value_size, 4);
} table SEC(".maps");
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 4);
	__type(key, int);
	__array(values, struct inner);
} map SEC(".maps") = {.values = {[0] = &table}};
SEC("syscall") int run(void *ctx)
{
	void *inner = bpf_map_lookup_elem(&map, (int[1]){0});

	if (inner)
		bpf_tail_call(ctx, inner, 0);
	return 0;
}
