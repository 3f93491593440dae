/* A map among the values of a map that holds none. */
// EXPECT: refused: map m: values fits neither a map of maps nor a program array
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct inner {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, int);
	__type(value, int);
};
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, int);
	__array(values, struct inner);
} m SEC(".maps");
