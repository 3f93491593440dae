/* A weak function that is defined, and one that nobody defines, on a path that is never taken. */
// RUN: run = 8
#include "guest.h"
__weak NOINLINE int defined(int n)
{
	return n + 1;
}
extern int nobody(int n) __weak __ksym;
const volatile int use = 0;
SEC("syscall") int run(void *ctx)
{
	if (use)
		return nobody(1);
	return defined(7);
}
