/* Functions of .text: static and global, calling each other, with five arguments. */
// RUN: run 0a000000 = 215
#include "guest.h"
static NOINLINE long sum(long a, long b, long c, long d, long e)
{
	return a + b + c + d + e;
}
NOINLINE long twice(long n)
{
	return 2 * sum(n, 1, 2, 3, 4);
}
NOINLINE long five_times(long n)
{
	return 5 * twice(n) + sum(n, n, n, 5, 10) - 30;
}
SEC("syscall") int run(const unsigned *ctx)
{
	return five_times(*ctx) + sum(*ctx, *ctx, *ctx, -30, 0);
}
