/* sweep.c: every system call number with every kind of bad argument, each in a child that may only end itself. */
#include "hostile.h"

#include <sys/prctl.h>

#define CALLS 470

static const unsigned long values[] = {
	0, 1, (unsigned long) -1, 0x7fffffffffffffff, 0x8000000000000000, 0x3ffff000, 0x3fffffff, 0x40000000, 0x40100000,
	0x7fffffff, 0x100000000000, 0x17ffffffffff, 0x800000000000, 0xffff800000000000, 0xffffc00000000000, 0xfffffffffffff000,
};
#define VALUES (sizeof(values) / sizeof(values[0]))

/* Those that end or replace the child, or wait for ever by definition. */
static int skipped(long nr)
{
	return nr == SYS_exit || nr == SYS_exit_group || nr == SYS_pause || nr == SYS_fork || nr == SYS_vfork || nr == SYS_clone ||
	       nr == SYS_rt_sigsuspend || nr == SYS_rt_sigreturn;
}

static void attempt(long from, long to)
{
	alarm(1);
	for (long nr = from; nr < to; nr++)
		for (size_t v = 0; v < VALUES; v++) {
			unsigned long a = values[v];

			if (skipped(nr))
				continue;
			syscall(nr, a, a, a, a, a, a);
			syscall(nr, 1, a, a, a, a, a);
			syscall(nr, a, 1, a, 1, a, 1);
		}
	_exit(0);
}

int main(void)
{
	unsigned ended[3] = { 0 };
	int status;

	/* Descriptors of the parent's stay out of reach. */
	for (long nr = 0; nr < CALLS; nr++) {
		pid_t pid = fork();

		if (pid == 0) {
			setsid();
			close(0);
			attempt(nr, nr + 1);
		}
		if (pid < 0)
			return 98;
		if (waitpid(pid, &status, 0) != pid)
			return 97;
		ended[WIFSIGNALED(status) ? (WTERMSIG(status) == SIGALRM ? 2 : 1) : 0]++;
		if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
			printf("call %ld waits\n", nr);
	}
	printf("%u returned, %u signalled, %u timed out\n", ended[0], ended[1], ended[2]);
	return 0;
}
