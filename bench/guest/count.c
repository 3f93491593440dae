/* count.c: an application that only computes, and says how far it has come: every 20 ms a line "NANOSECONDS ROUNDS". */
#include <stdio.h>
#include <time.h>

#define LINE_NS 20000000ull
#define CHUNK	50000

static unsigned long long now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ull + t.tv_nsec;
}

int main(void)
{
	unsigned long long rounds = 0, next = now_ns();
	volatile unsigned sum = 0;

	for (;;) {
		unsigned long long now;

		for (unsigned i = 0; i < CHUNK; i++)
			sum = sum * 5 + i;
		rounds += CHUNK;
		now = now_ns();
		if (now < next)
			continue;
		printf("%llu %llu\n", now, rounds);
		fflush(stdout);
		next = now + LINE_NS;
	}
}
