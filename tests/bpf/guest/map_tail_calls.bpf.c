/* A program array that the object fills: a tail call that goes on, one to nothing that returns, and a program that calls
 * itself until the limit of 33. */
// RUN: run 00000000 = 10
// RUN: run 01000000 = 99
// RUN: again 00000000 = 34 22000000
#include "guest.h"
int self(unsigned *ctx);
int ten(unsigned *ctx);
struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 3);
	__type(key, int);
	__array(values, int(void *));
} table SEC(".maps") = {.values = {[0] = (void *)&ten, [2] = (void *)&self}};
SEC("syscall") int ten(unsigned *ctx)
{
	return 10;
}
SEC("syscall") int self(unsigned *ctx)
{
	++*ctx;
	bpf_tail_call(ctx, &table, 2);
	return *ctx;
}
SEC("syscall") int run(unsigned *ctx)
{
	bpf_tail_call(ctx, &table, *ctx);
	return 99;
}
SEC("syscall") int again(unsigned *ctx)
{
	++*ctx;
	bpf_tail_call(ctx, &table, 2);
	return 0;
}
