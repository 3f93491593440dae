/* Two sizes of one key. */
// EXPECT: refused: map m: its key is said to have 8 and 4 bytes
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(key_size, 8);
	__type(key, int);
} m SEC(".maps");
