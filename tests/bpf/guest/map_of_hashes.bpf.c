/* Inner maps that are hashes without BPF_F_PREALLOC, as Linux's users write them; elements come from programs. */
// RUN: run = 30
#include "guest.h"
struct inner {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 100);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, long);
	__type(value, long);
} one SEC(".maps"), two SEC(".maps");
struct {
	__uint(type, BPF_MAP_TYPE_HASH_OF_MAPS);
	__uint(max_entries, 4);
	__type(key, int);
	__array(values, struct inner);
} outer SEC(".maps") = {.values = {[1] = &one, [2] = &two}};
SEC("syscall") int run(void *ctx)
{
	long sum = 0;

	for (int i = 1; i <= 2; i++) {
		int key = i;
		long inner_key = 1000 + i, v = 10 * i, *p;
		void *map = bpf_map_lookup_elem(&outer, &key);

		if (!map || bpf_map_update_elem(map, &inner_key, &v, 0))
			return -1;
		p = bpf_map_lookup_elem(map, &inner_key);
		sum += p ? *p : 0;
	}
	return sum;
}
