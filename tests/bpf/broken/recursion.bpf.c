/* A function that calls itself. */
// REFUSED: run
#include "tests/bpf/guest/image.h"
static NOINLINE int again(volatile int *n)
{
	return (again(n) ^ again(n)) + *n;
}
SEC("syscall") int run(void *ctx)
{
	int n = 3;

	return again(&n);
}
