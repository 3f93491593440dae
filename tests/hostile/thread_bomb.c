/* thread_bomb.c: starts threads without end, all of which run. */
#include "hostile.h"

#include <pthread.h>

static void *spin(void *arg)
{
	for (;;)
		;
	return NULL;
}

int main(void)
{
	pthread_attr_t attr;
	long n = 0;
	pthread_t t;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 16384);
	while (pthread_create(&t, &attr, spin, NULL) == 0)
		n++;
	printf("no more after %ld threads\n", n);
	fflush(stdout);
	for (;;)
		;
}
