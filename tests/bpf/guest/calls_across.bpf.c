/* A function that two sections share, and a program that calls another one. */
// RUN: run = 21
// VERIFY: probe: accepted
#include "guest.h"
static NOINLINE int shared(int n)
{
	return n + 1;
}
SEC("syscall") NOINLINE int other(void *ctx)
{
	return shared(9);
}
SEC("kprobe/tick") int probe(struct pt_regs *ctx)
{
	return shared(PT_REGS_PARM2(ctx));
}
SEC("syscall") int run(void *ctx)
{
	return other(ctx) + shared(10);
}
