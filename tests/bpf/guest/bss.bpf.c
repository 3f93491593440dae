/* Variables without a value start as zeroes. */
// RUN: run = 36
#include "guest.h"
long sum;
static volatile int zero[64];
SEC("syscall") int run(void *ctx)
{
	for (int i = 0; i < 64; i++)
		sum += zero[i];
	for (int i = 1; i <= 8; i++)
		sum += i;
	return sum;
}
