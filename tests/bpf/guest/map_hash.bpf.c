/* Hashes: structures as keys, every flag, full, emptied, and an element that is deleted while it is looked at. */
// RUN: run = 63
#include "guest.h"
struct key {
	int a;
	char b[12];
};
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 2);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct key);
	__type(value, long);
} map SEC(".maps");
SEC("syscall") int run(void *ctx)
{
	struct key x = {1, "one"}, y = {2, "two"}, z = {3, "three"};
	long v = 5, *p;
	int r = 0;

	r |= bpf_map_update_elem(&map, &x, &v, BPF_EXIST) == -2;
	r |= (bpf_map_update_elem(&map, &x, &v, BPF_NOEXIST) == 0) << 1;
	r |= (bpf_map_update_elem(&map, &x, &v, BPF_NOEXIST) == -17) << 2;
	bpf_map_update_elem(&map, &y, &v, BPF_ANY);
	r |= (bpf_map_update_elem(&map, &z, &v, BPF_ANY) == -7) << 3;
	p = bpf_map_lookup_elem(&map, &x);
	if (!p)
		return -1;
	bpf_map_delete_elem(&map, &x);
	/* It stays memory of the map's. */
	*p = 9;
	r |= (*p == 9 && !bpf_map_lookup_elem(&map, &x)) << 4;
	r |= (bpf_map_update_elem(&map, &z, &v, BPF_ANY) == 0) << 5;
	return r;
}
