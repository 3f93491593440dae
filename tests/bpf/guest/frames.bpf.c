/* Eight frames that share the stack, each with an array of its own. */
// RUN: run = 36
#include "guest.h"
#define FRAME(name, below, n)                           \
	static NOINLINE int name(int sum)               \
	{                                               \
		volatile char space[32];                \
                                                        \
		space[n] = n;                           \
		return below(sum + space[n]);           \
	}
static NOINLINE int f1(int sum)
{
	volatile char space[8];

	space[1] = 1;
	return sum + space[1];
}
FRAME(f2, f1, 2)
FRAME(f3, f2, 3)
FRAME(f4, f3, 4)
FRAME(f5, f4, 5)
FRAME(f6, f5, 6)
FRAME(f7, f6, 7)
SEC("syscall") int run(void *ctx)
{
	return f7(8);
}
