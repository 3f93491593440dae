/* A kind of map that Linux has and the overlay has not. */
// EXPECT: refused: map m: there are no maps of type sk_storage (24) here
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__type(key, int);
	__type(value, int);
} m SEC(".maps");
