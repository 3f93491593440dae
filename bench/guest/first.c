/* first.c: an application whose first line of main() prints; then it says when that was. */
#include <stdio.h>
#include <unistd.h>

static unsigned long long tsc(void)
{
	unsigned low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return (unsigned long long)high << 32 | low;
}

int main(void)
{
	unsigned long long at = tsc();

	write(1, "first\n", 6);
	printf("tsc %016llx\n", at);
	return 0;
}
