/* threads.c: musl's threads, locks and thread-local storage on uIO. */
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "check.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static __thread long mine = 7;
static long counter;
static int turn;

static void *add(void *arg)
{
	mine += (long) arg;
	for (int i = 0; i < 1000; i++) {
		pthread_mutex_lock(&lock);
		counter++;
		if (i % 100 == 0)
			sched_yield();
		pthread_mutex_unlock(&lock);
	}
	return (void *) mine;
}

static void *ping(void *arg)
{
	for (int i = 0; i < 200; i++) {
		pthread_mutex_lock(&lock);
		while (turn != (long) arg)
			pthread_cond_wait(&cond, &lock);
		turn = !turn;
		pthread_cond_broadcast(&cond);
		pthread_mutex_unlock(&lock);
	}
	return NULL;
}

static volatile int spin_stop;
static volatile double spun;
static void *spin(void *arg)
{
	/* Vector registers must survive preemption. */
	double a = (long) arg, sum = 0;

	while (!spin_stop) {
		for (int i = 0; i < 1000; i++)
			sum += a;
		if (sum != 1000 * a)
			return (void *) 1;
		sum = 0;
		spun += 1;
	}
	return NULL;
}

static void *sleeper(void *arg)
{
	pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, NULL);
	for (;;)
		sleep(100);
	return NULL;
}

static sem_t gone;
static void *detached(void *arg)
{
	char big[60000];

	memset(big, 1, sizeof(big));
	sem_post(&gone);
	return (void *) (long) big[5000];
}

static void *die_holding(void *arg)
{
	pthread_mutex_lock(arg);
	return NULL;
}

static int once_count;
static void once_fn(void)
{
	once_count++;
}

static int timed_wait(void)
{
	struct timespec until;
	int r;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += 20000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_nsec -= 1000000000;
		until.tv_sec++;
	}
	pthread_mutex_lock(&lock);
	r = pthread_cond_timedwait(&cond, &lock, &until);
	pthread_mutex_unlock(&lock);
	return r;
}

int main(void)
{
	pthread_t t[8];
	pthread_mutexattr_t attr;
	pthread_mutex_t robust;
	pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_rwlock_t rw = PTHREAD_RWLOCK_INITIALIZER;
	pthread_barrier_t barrier;
	void *r;
	long sum = 0;
	int bad = 0;

	for (long i = 0; i < 8; i++)
		bad |= pthread_create(&t[i], NULL, add, (void *) i);
	CHECK("threads start", !bad);
	for (int i = 0; i < 8; i++) {
		bad |= pthread_join(t[i], &r);
		sum += (long) r;
	}
	CHECK("threads are joined and return their values", !bad && sum == 8 * 7 + 28);
	CHECK("thread-local variables are each thread's own", mine == 7);
	CHECK("a mutex keeps increments apart", counter == 8000);

	pthread_create(&t[0], NULL, ping, (void *) 0);
	pthread_create(&t[1], NULL, ping, (void *) 1);
	pthread_join(t[0], NULL);
	pthread_join(t[1], NULL);
	CHECK("two threads alternate through a condition variable", turn == 0);
	CHECK("a timed wait on a condition ends with ETIMEDOUT", timed_wait() == ETIMEDOUT);

	for (long i = 0; i < 3; i++)
		pthread_create(&t[i], NULL, spin, (void *) (i + 1));
	usleep(60000);
	spin_stop = 1;
	for (int i = 0; i < 3; i++) {
		pthread_join(t[i], &r);
		bad |= r != NULL;
	}
	CHECK("threads that never call the kernel are preempted and keep their vector registers", !bad && spun > 0);

	pthread_create(&t[0], NULL, sleeper, NULL);
	usleep(5000);
	bad = pthread_cancel(t[0]) | pthread_join(t[0], &r);
	CHECK("a sleeping thread is cancelled", !bad && r == PTHREAD_CANCELED);

	sem_init(&gone, 0, 0);
	for (int i = 0; i < 50; i++) {
		pthread_attr_t a;

		pthread_attr_init(&a);
		pthread_attr_setdetachstate(&a, PTHREAD_CREATE_DETACHED);
		bad |= pthread_create(&t[0], &a, detached, NULL);
		while (sem_wait(&gone))
			;
	}
	CHECK("detached threads end and take their stacks along", !bad);

	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
	pthread_mutex_init(&robust, &attr);
	pthread_create(&t[0], NULL, die_holding, &robust);
	pthread_join(t[0], NULL);
	CHECK("a robust mutex tells that its owner died", pthread_mutex_lock(&robust) == EOWNERDEAD);
	CHECK("and can be made consistent",
	      pthread_mutex_consistent(&robust) == 0 && pthread_mutex_unlock(&robust) == 0);

	pthread_once(&once, once_fn);
	pthread_once(&once, once_fn);
	CHECK("pthread_once runs once", once_count == 1);
	CHECK("a write lock excludes readers", pthread_rwlock_wrlock(&rw) == 0 &&
						       pthread_rwlock_tryrdlock(&rw) == EBUSY &&
						       pthread_rwlock_unlock(&rw) == 0);
	pthread_barrier_init(&barrier, NULL, 1);
	CHECK("a barrier of one opens", pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD);

	CHECK("the first thread's tid is the pid", gettid() == getpid());
	CHECK("there is one CPU", sysconf(_SC_NPROCESSORS_ONLN) == 1);
	return check_failed;
}
