/* Loops that the compiler leaves, over the stack and over a structure on it. */
// RUN: run 0c000000 = 650
#include "guest.h"
SEC("syscall") int run(const unsigned *ctx)
{
	int squares[16] = {0}, sum = 0;
	unsigned n = *ctx;

	if (n > 15)
		return -1;
#pragma clang loop unroll(disable)
	for (unsigned i = 0; i <= n; i++)
		squares[i & 15] = i * i;
#pragma clang loop unroll(disable)
	for (int i = 0; i < 16; i++)
		sum += squares[i];
	return sum;
}
