/* Definitions as they were before BTF. */
// EXPECT: refused: section maps: definitions of the old form; write them with SEC(".maps")
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	unsigned type, key_size, value_size, max_entries;
} m SEC("maps") = { 2, 4, 4, 1 };
