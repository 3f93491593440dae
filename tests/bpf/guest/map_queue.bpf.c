/* Queue and stack: in order, in reverse order, full, empty, and pushing out the oldest. */
// RUN: run = 112323
#include "guest.h"
struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, 3);
	__type(value, int);
} queue SEC(".maps");
struct {
	__uint(type, BPF_MAP_TYPE_STACK);
	__uint(max_entries, 3);
	__type(value, int);
} stack SEC(".maps");
SEC("syscall") int run(void *ctx)
{
	int v, r = 0;

	if (!bpf_map_pop_elem(&queue, &v))
		return -1;
	for (int i = 1; i <= 3; i++)
		if (bpf_map_push_elem(&queue, &i, 0) || bpf_map_push_elem(&stack, &i, 0))
			return -2;
	v = 4;
	if (!bpf_map_push_elem(&queue, &v, 0) || bpf_map_push_elem(&stack, &v, BPF_EXIST))
		return -3;
	bpf_map_peek_elem(&queue, &v);
	r = v;
	for (int i = 0; i < 3; i++) {
		bpf_map_pop_elem(&queue, &v);
		r = r * 10 + v;
	}
	bpf_map_pop_elem(&stack, &v);
	bpf_map_pop_elem(&stack, &v);
	bpf_map_pop_elem(&stack, &v);
	r = r * 10 + v;
	return r * 10 + (bpf_map_pop_elem(&stack, &v) ? 3 : 0);
}
