/* hello.c: the smallest application. */
#include <stdio.h>

int main(void)
{
	printf("Hello from uIO\n");
	return 0;
}
