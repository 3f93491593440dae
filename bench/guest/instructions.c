/* instructions.c: linked to an application, says how far the time-stamp counter went from before main() to exit().
 * Under QEMU's -icount shift=0 that is the number of instructions. */
#include <stdio.h>

static unsigned long long start;

static unsigned long long tsc(void)
{
	unsigned low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return (unsigned long long)high << 32 | low;
}

__attribute__((constructor)) static void begin(void)
{
	start = tsc();
}

__attribute__((destructor)) static void end(void)
{
	printf("instructions %llu\n", tsc() - start);
}
