/* ends.c: ways in which the application ends; run-app.sh looks at what the machine says. */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "check.h"

static void *later(void *arg)
{
	usleep(20000);
	exit(5);
}

static void *forever(void *arg)
{
	for (;;)
		pause();
	return NULL;
}

static void at_exit(void)
{
	printf("at exit\n");
}

int main(int argc, char **argv)
{
	const char *how = argc > 1 ? argv[1] : "return";
	pthread_t t;

	if (!strcmp(how, "exit")) {
		atexit(at_exit);
		exit(3);
	}
	if (!strcmp(how, "abort"))
		abort();
	if (!strcmp(how, "term"))
		raise(SIGTERM);
	if (!strcmp(how, "thread")) {
		pthread_create(&t, NULL, later, NULL);
		pthread_create(&t, NULL, forever, NULL);
		pthread_exit(NULL);
	}
	if (!strcmp(how, "threads-end")) {
		pthread_create(&t, NULL, forever, NULL);
		pthread_cancel(t);
		pthread_exit(NULL);
	}
	if (!strcmp(how, "segv"))
		*(volatile int *) 16 = 1;
	return argc;
}
