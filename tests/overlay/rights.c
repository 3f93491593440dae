/* rights.c HEAP: what a program can do with the application's memory: constants, variables and heap (its
 * address in hexadecimal), by itself and through system calls, in its first thread, a second one, and a child; prints one
 * line for each, `-`, `r` or `rw` (a fault or EFAULT: no right). What it writes is what was there. */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

extern const uint64_t victim_rodata[4];
extern uint64_t victim_data[];

static __thread sigjmp_buf back;
static uint64_t *heap;

static void on_fault(int signo)
{
	siglongjmp(back, 1);
}

static const char *by_instruction(volatile uint64_t *p)
{
	volatile uint64_t v;

	if (sigsetjmp(back, 1))
		return "-";
	v = *p;
	if (sigsetjmp(back, 1))
		return "r";
	*p = v;
	return "rw";
}

static const char *by_call(uint64_t *p)
{
	int pipes[2];
	const char *can = "-";

	if (pipe(pipes) < 0)
		exit(3);
	if (write(pipes[1], p, 8) == 8)
		can = read(pipes[0], p, 8) == 8 ? "rw" : "r";
	close(pipes[0]);
	close(pipes[1]);
	return can;
}

static void *look(void *who)
{
	uint64_t *constants = (uint64_t *) victim_rodata;

	printf("%s: %s %s %s, %s %s %s\n", (const char *) who, by_instruction(constants), by_instruction(victim_data),
	       by_instruction(heap), by_call(constants), by_call(victim_data), by_call(heap));
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t t;
	pid_t child;

	setvbuf(stdout, NULL, _IONBF, 0);
	signal(SIGSEGV, on_fault);
	heap = (uint64_t *) strtoull(argv[1], NULL, 16);
	look("thread 1");
	if (pthread_create(&t, NULL, look, "thread 2"))
		return 2;
	pthread_join(t, NULL);
	child = fork();
	if (child == 0) {
		look("child");
		_exit(0);
	}
	waitpid(child, NULL, 0);
	look("thread 1");
	return 0;
}
