/* A helper of other programs than this one. */
// REFUSED: get_stackid
#include "tests/bpf/guest/image.h"
struct {
	__uint(type, BPF_MAP_TYPE_STACK_TRACE);
	__uint(max_entries, 16);
	__uint(key_size, 4);
	__uint(value_size, 64);
} map SEC(".maps");
SEC("syscall") int run(void *ctx)
{
	return bpf_get_stackid(ctx, &map, 0);
}
