/* A callback that loops itself. */
// RUN: run = 60
#include "guest.h"
static long inner(unsigned i, void *arg)
{
	*(long *)arg += i;
	return 0;
}
static long outer(unsigned i, void *arg)
{
	long sum = 0;

	bpf_loop(4, inner, &sum, 0);
	*(long *)arg += sum;
	return 0;
}
SEC("syscall") int run(void *ctx)
{
	long sum = 0;

	bpf_loop(10, outer, &sum, 0);
	return sum;
}
