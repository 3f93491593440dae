/* near_caller.c: a program of the overlay that has near_guard.c's gate_near() use up the stack of a call. */
#include <stdio.h>

long gate_near(long distance);

int main(void)
{
	for (long distance = 0; distance <= 1024; distance += distance < 128 ? 64 : 128)
		if (gate_near(distance) != 1000000)
			return 1;
	puts("called");
	return 0;
}
