/* libc.c: what is ours in the C library, exercised in a guest: direct calls, threads, cancellation, TLS. Prints a line for
 * each test; its exit status is the number of failures. */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static int failures;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static int count, cleaned, detached_ran;
static __thread int local = 7;
static __thread char zeroed[100];

static void check(const char *name, int good)
{
	printf("%sok - %s\n", good ? "" : "not ", name);
	failures += !good;
}

static void sleep_ms(long ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000 };

	nanosleep(&t, NULL);
}

static void *adder(void *arg)
{
	for (int i = 0; i < 1000; i++) {
		pthread_mutex_lock(&mutex);
		count++;
		pthread_mutex_unlock(&mutex);
		if (i % 100 == 0)
			sched_yield();
	}
	local += zeroed[99];
	return (void *) (long) local++;
}

static void clean(void *arg)
{
	cleaned++;
}

static void *sleeper(void *arg)
{
	pthread_cleanup_push(clean, NULL);
	sleep_ms(100000);
	pthread_cleanup_pop(0);
	return NULL;
}

static void unlock(void *arg)
{
	cleaned++;
	pthread_mutex_unlock(&mutex);
}

static void *waiter(void *arg)
{
	pthread_mutex_lock(&mutex);
	pthread_cleanup_push(unlock, NULL);
	for (;;)
		pthread_cond_wait(&cond, &mutex);
	pthread_cleanup_pop(0);
	return NULL;
}

static void *stubborn(void *arg)
{
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
	sleep_ms(150);
	return (void *) 5;
}

static void *detached(void *arg)
{
	detached_ran = 1;
	return NULL;
}

static void *ends_when_cancelled(void *(*fn)(void *))
{
	pthread_t t;
	void *r = NULL;

	if (pthread_create(&t, NULL, fn, NULL))
		return NULL;
	sleep_ms(50);
	pthread_cancel(t);
	pthread_join(t, &r);
	return r;
}

int main(void)
{
	volatile long number = SYS_getpid;
	pthread_attr_t attr;
	pthread_t t[4];
	long sum = 0;
	void *r;

	for (int i = 0; i < 4; i++)
		pthread_create(&t[i], NULL, adder, NULL);
	for (int i = 0; i < 4; i++) {
		pthread_join(t[i], &r);
		sum += (long) r;
	}
	check("threads share a mutex", count == 4000);
	check("each thread has its own initialised TLS", sum == 4 * 7 && local == 7);
	check("cancellation ends a sleeping thread and runs its clean-up",
	      ends_when_cancelled(sleeper) == PTHREAD_CANCELED && cleaned == 1);
	check("cancellation ends a wait for a condition with the mutex held",
	      ends_when_cancelled(waiter) == PTHREAD_CANCELED && cleaned == 2);
	check("a thread that disabled cancellation runs to its end", ends_when_cancelled(stubborn) == (void *) 5);
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	for (int i = 0; i < 50; i++)
		pthread_create(&t[0], &attr, detached, NULL);
	sleep_ms(100);
	check("detached threads end by themselves", detached_ran);
	check("syscall() takes a number known at run time only", syscall(number) == getpid() && getpid() > 0);
	check("an unknown call is ENOSYS", syscall(number + 5000) == -1 && errno == ENOSYS);
	check("vfork is ENOSYS", vfork() == -1 && errno == ENOSYS);
	return failures;
}
