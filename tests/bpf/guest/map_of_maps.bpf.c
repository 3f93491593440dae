/* An array of maps and a hash of maps, filled by the object. */
// RUN: run = 35
#include "guest.h"
struct inner {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 2);
	__type(key, int);
	__type(value, long);
} one SEC(".maps"), two SEC(".maps");
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 3);
	__type(key, int);
	__array(values, struct inner);
} outer SEC(".maps") = {.values = {[0] = &one, [2] = &two}};
struct {
	__uint(type, BPF_MAP_TYPE_HASH_OF_MAPS);
	__uint(max_entries, 4);
	__type(key, int);
	__array(values, struct inner);
} by_key SEC(".maps") = {.values = {[1] = &two}};
SEC("syscall") int run(void *ctx)
{
	int first = 0, nothing = 1, last = 2;
	long set = 10, *v;
	void *a = bpf_map_lookup_elem(&outer, &first), *b = bpf_map_lookup_elem(&outer, &last),
	     *c = bpf_map_lookup_elem(&by_key, &nothing);
	long sum = 0;

	if (!a || !b || !c || bpf_map_lookup_elem(&outer, &nothing))
		return 0;
	bpf_map_update_elem(a, &nothing, &set, 0);
	set = 25;
	bpf_map_update_elem(b, &first, &set, 0);
	v = bpf_map_lookup_elem(&one, &nothing);
	sum += v ? *v : 0;
	/* The same map as the array's last. */
	v = bpf_map_lookup_elem(c, &first);
	return sum + (v ? *v : 0);
}
