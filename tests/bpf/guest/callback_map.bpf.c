/* bpf_for_each_map_elem() over an array and a hash. */
// RUN: run = 612
#include "guest.h"
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, int);
	__type(value, long);
} array SEC(".maps");
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8);
	__type(key, long);
	__type(value, long);
} hash SEC(".maps");
static long add(void *map, const void *key, long *value, long *sum)
{
	*sum += *value;
	return 0;
}
SEC("syscall") int run(void *ctx)
{
	long sum = 0, n;

	for (long i = 0; i < 4; i++) {
		long v = i + 1, w = 100 * i, key = 1000 + i;
		int index = i;

		bpf_map_update_elem(&array, &index, &v, 0);
		bpf_map_update_elem(&hash, &key, &w, 0);
	}
	n = bpf_for_each_map_elem(&array, add, &sum, 0);
	n = n * 10 + bpf_for_each_map_elem(&hash, add, &sum, 0);
	return n == 44 ? sum + 2 : 0;
}
