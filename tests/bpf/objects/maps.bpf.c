/* Every field of a definition, inner maps, program arrays, sections of variables. */
// EXPECT: license 'GPL'
// EXPECT: map 3 counts: hash key 4 value 16 entries 100 flags 0x1
// EXPECT: map 4 by_size: percpu_array key 4 value 24 entries 3 flags 0x0 pinned
// EXPECT: map 5 events: perf_event_array key 4 value 4 entries 1 flags 0x0
// EXPECT: map 6 ring: ringbuf key 0 value 0 entries 4096 flags 0x0
// EXPECT: map 0 first: array key 4 value 4 entries 4 flags 0x0
// EXPECT: map 1 outer: array_of_maps key 4 value 4 entries 2 flags 0x0
// EXPECT: inner: array key 4 value 4 entries 4
// EXPECT: value 1: map 0
// EXPECT: map 2 table: prog_array key 4 value 4 entries 3 flags 0x0
// EXPECT: value 2: program 0
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
struct value {
	long sum;
	int n;
};
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 100);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct value);
} counts SEC(".maps");
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(key_size, 4);
	__uint(value_size, 24);
	__uint(max_entries, 3);
	__uint(pinning, LIBBPF_PIN_BY_NAME);
} by_size SEC(".maps");
struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
} events SEC(".maps");
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} ring SEC(".maps");
struct inner {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, int);
	__type(value, int);
} first SEC(".maps");
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 2);
	__type(key, int);
	__array(values, struct inner);
} outer SEC(".maps") = { .values = { [1] = &first } };
SEC("xdp") int pass(struct xdp_md *c)
{
	return XDP_PASS;
}
struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 3);
	__type(key, int);
	__array(values, int(void *));
} table SEC(".maps") = { .values = { [2] = (void *)&pass } };
char LICENSE[] SEC("license") = "GPL";
