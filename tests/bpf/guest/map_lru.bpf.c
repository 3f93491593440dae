/* LRU hashes make room. */
// RUN: run = 8
#include "guest.h"
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8);
	__type(key, int);
	__type(value, int);
} map SEC(".maps");
SEC("syscall") int run(void *ctx)
{
	int found = 0;

	for (int i = 0; i < 100; i++) {
		int key = i;

		if (bpf_map_update_elem(&map, &key, &key, BPF_ANY))
			return -1;
	}
	for (int i = 0; i < 100; i++) {
		int key = i;

		found += bpf_map_lookup_elem(&map, &key) != 0;
	}
	return found;
}
