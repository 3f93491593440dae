/* bpf_loop(): a callback by its address, a context on the stack, and an early end. */
// RUN: run = 4957
#include "guest.h"
struct state {
	long sum;
	int stop;
};
static long step(unsigned i, void *arg)
{
	struct state *s = arg;

	s->sum += i;
	return i == s->stop;
}
SEC("syscall") int run(void *ctx)
{
	struct state all = {0, -1}, some = {0, 2};
	long n = bpf_loop(100, step, &all, 0), m = bpf_loop(100, step, &some, 0);

	return n == 100 && m == 3 ? all.sum + some.sum + 4 : 0;
}
