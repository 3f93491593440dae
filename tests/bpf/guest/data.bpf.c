/* Variables with a value, and what a program leaves in them. */
// RUN: run = 160
#include "guest.h"
int counter = 100;
static volatile long steps[3] = {10, 20, 30};
SEC("syscall") int run(void *ctx)
{
	for (int i = 0; i < 3; i++)
		counter += steps[i];
	return counter;
}
