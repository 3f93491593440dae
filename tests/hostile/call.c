/* call.c WAY: calls of the application that go wrong, or that go right in an unusual way. */
#include "hostile.h"

#include <pthread.h>

int victim_add(int a, int b);
int victim_recurse(volatile char *up);
int victim_sleep(int us);
int victim_sum(const int *p, int n);
int victim_print(const char *s);
long victim_many(long a, long b, long c, long d, long e, long f, long g, long h);

static int *numbers;

static void *caller(void *arg)
{
	for (int i = 0; i < 50; i++)
		if (victim_add(i, (int) (long) arg) != i + (int) (long) arg)
			ESCAPED("another call's result");
	return NULL;
}

static void *unmapper(void *arg)
{
	for (int i = 0; i < 20; i++) {
		usleep(1000);
		mprotect(numbers, 16 * PAGE, PROT_NONE);
		mprotect(numbers, 16 * PAGE, PROT_READ | PROT_WRITE);
	}
	munmap(numbers, 16 * PAGE);
	return NULL;
}

static void *sleeper(void *arg)
{
	victim_sleep(100000);
	return NULL;
}

int main(int argc, char **argv)
{
	const char *way = argc > 1 ? argv[1] : "";
	pthread_t t[4];
	int status = 0;

	if (!strcmp(way, "recurse"))
		victim_recurse(NULL);
	if (!strcmp(way, "sleep"))
		printf("slept %d\n", victim_sleep(20000));
	if (!strcmp(way, "print"))
		printf("printed %d\n", victim_print("by a program"));
	if (!strcmp(way, "many"))
		printf("many %ld\n", victim_many(1, 2, 3, 4, 5, 6, 7, 8));
	if (!strcmp(way, "own-memory")) {
		int own[5] = { 1, 2, 3, 4, 5 };

		printf("sum %d\n", victim_sum(own, 5));
	}
	if (!strcmp(way, "kernel-pointer"))
		/* A gated call has the kernel's rights to read, but the program must not see what it read through a crash. */
		victim_sum((const int *) 0x17ffffff0000, 5);
	if (!strcmp(way, "threads")) {
		for (long i = 0; i < 4; i++)
			pthread_create(&t[i], NULL, caller, (void *) (i * 1000));
		for (int i = 0; i < 4; i++)
			pthread_join(t[i], NULL);
		printf("threads done\n");
	}
	if (!strcmp(way, "unmap")) {
		numbers = mmap(NULL, 16 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		pthread_create(&t[0], NULL, unmapper, NULL);
		for (;;)
			victim_sum(numbers, 16 * PAGE / sizeof(int));
	}
	if (!strcmp(way, "exit-meanwhile")) {
		pthread_create(&t[0], NULL, sleeper, NULL);
		usleep(20000);
		dprintf(1, "exits while its thread is in a call\n");
		_exit(5);
	}
	if (!strcmp(way, "killed")) {
		pid_t pid = fork();

		if (pid == 0) {
			victim_sleep(200000);
			_exit(1);
		}
		usleep(50000);
		kill(pid, SIGKILL);
		waitpid(pid, &status, 0);
		printf("the child ended with %x\n", status);
		return status != SIGKILL;
	}
	if (!strcmp(way, "killed-itself")) {
		pthread_create(&t[0], NULL, sleeper, NULL);
		usleep(20000);
		dprintf(1, "kills itself while its thread is in a call\n");
		raise(SIGKILL);
	}
	if (!strcmp(way, "bad-stack"))
		__asm__ volatile("mov %0, %%rsp; xor %%eax, %%eax; jmp *%1" ::"r"(0x3ffefff8UL & 0), "r"(victim_add), "D"(1), "S"(2));
	if (!strcmp(way, "fork")) {
		for (int i = 0; i < 5; i++)
			if (fork() == 0)
				_exit(victim_add(i, i) != 2 * i);
		for (int status; wait(&status) > 0;)
			if (status)
				ESCAPED("a child's call: status %x", status);
		printf("children done\n");
	}
	return hostile_escaped;
}
