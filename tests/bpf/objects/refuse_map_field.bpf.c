/* A field that no map has. */
// EXPECT: refused: map m: there is no field colour
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(colour, 3);
} m SEC(".maps");
