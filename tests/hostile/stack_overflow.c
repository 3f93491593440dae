/* stack_overflow.c: recurses without end: ends at its stack's guard. */
#include "hostile.h"

static int deeper(int n)
{
	volatile char local[512];

	local[n % 512] = n;
	return deeper(n + 1) + local[n % 512];
}

int main(void)
{
	return deeper(0);
}
