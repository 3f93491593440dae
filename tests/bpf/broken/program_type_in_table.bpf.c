/* A program array with programs of another sort than the caller's. */
// REFUSED: map table: other is of another type than run, which calls through it
#include "tests/bpf/guest/image.h"
SEC("kprobe/tick") int other(void *ctx)
{
	return 1;
}
struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__type(key, int);
	__array(values, int(void *));
} table SEC(".maps") = {.values = {[0] = (void *)&other}};
SEC("syscall") int run(void *ctx)
{
	bpf_tail_call(ctx, &table, 0);
	return 0;
}
