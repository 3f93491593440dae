/* Arrays: in place, through helpers, and outside. */
// RUN: run = 77
#include "guest.h"
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 3);
	__type(key, int);
	__type(value, long);
} map SEC(".maps");
SEC("syscall") int run(void *ctx)
{
	int two = 2, three = 3;
	long v = 70, *p;

	bpf_map_update_elem(&map, &two, &v, BPF_ANY);
	p = bpf_map_lookup_elem(&map, &two);
	if (p)
		*p += 3;
	return bpf_map_update_elem(&map, &three, &v, BPF_ANY) && !bpf_map_lookup_elem(&map, &three) &&
			       bpf_map_update_elem(&map, &two, &v, BPF_NOEXIST) && bpf_map_delete_elem(&map, &two) && p
		       ? *p + 4
		       : 0;
}
