/* The per-CPU forms: on one CPU as the others. */
// RUN: run = 66
#include "guest.h"
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, int);
	__type(value, long);
} array SEC(".maps");
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, 4);
	__type(key, int);
	__type(value, long);
} hash SEC(".maps");
struct {
	__uint(type, BPF_MAP_TYPE_LRU_PERCPU_HASH);
	__uint(max_entries, 4);
	__type(key, int);
	__type(value, long);
} lru SEC(".maps");
SEC("syscall") int run(void *ctx)
{
	int zero = 0;
	long v = 22, *a, *b, *c;

	bpf_map_update_elem(&array, &zero, &v, 0);
	bpf_map_update_elem(&hash, &zero, &v, 0);
	bpf_map_update_elem(&lru, &zero, &v, 0);
	a = bpf_map_lookup_percpu_elem(&array, &zero, 0);
	b = bpf_map_lookup_elem(&hash, &zero);
	c = bpf_map_lookup_elem(&lru, &zero);
	return a && b && c && !bpf_map_lookup_percpu_elem(&hash, &zero, 1) ? *a + *b + *c : 0;
}
