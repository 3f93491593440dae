/* domain.c: an application that waits and has a function to call through a gate. */
#include <stdio.h>
#include <unistd.h>

int domain_calls;

__attribute__((noipa)) int domain_nothing(void)
{
	return domain_calls++;
}

int main(void)
{
	printf("waits for %p\n", (void *)domain_nothing);
	fflush(stdout);
	for (;;)
		pause();
}
