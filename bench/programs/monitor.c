/* monitor.c: a program for the overlay that reads statistics of the application in place every 100 ms, and says so.
 * With -DNGINX nginx's counters, otherwise the head of Redis's struct redisServer. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#ifdef NGINX
extern volatile unsigned long *ngx_stat_requests;

static unsigned long look(void)
{
	return *ngx_stat_requests;
}
#else
#define WORDS 128
extern unsigned long server[WORDS];

static unsigned long look(void)
{
	unsigned long copy[WORDS], sum = 0;

	memcpy(copy, server, sizeof(copy));
	for (unsigned i = 0; i < WORDS; i++)
		sum ^= copy[i];
	return sum;
}
#endif

int main(void)
{
	struct timespec every = {.tv_nsec = 100000000};

	for (;;) {
		printf("read %lx\n", look());
		fflush(stdout);
		nanosleep(&every, NULL);
	}
}
