/* A map without a type. */
// EXPECT: refused: map m: it has no type
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(max_entries, 1);
} m SEC(".maps");
