/* dup_race.c: threads that replace and close the same descriptors at once: nothing may be lost, which the runner's count of
 * free memory shows. */
#include "hostile.h"
#include <pthread.h>

static void *churn(void *arg)
{
	int p[2];

	for (int i = 0; i < 3000; i++) {
		if (pipe(p))
			continue;
		if (write(p[1], "x", 1) == 1)
			dup2(p[0], 20 + i % 3);
		close(p[0]);
		close(p[1]);
		close(20 + (i + 1) % 3);
	}
	return NULL;
}

int main(void)
{
	pthread_t t[6];

	for (int i = 0; i < 6; i++)
		pthread_create(&t[i], NULL, churn, NULL);
	for (int i = 0; i < 6; i++)
		pthread_join(t[i], NULL);
	return held("descriptors replaced and closed at once");
}
