/* bad_frame.c stack ADDRESS: a signal comes while the stack pointer is not the program's: its handler's frame has no
 * place.
 * bad_frame.c return: a handler returns to nothing, and so does the handler of the fault that this is, and so on. */
#include "hostile.h"

#include <sys/time.h>
#include <ucontext.h>

static void on_alarm(int signo)
{
	ESCAPED("a handler on a stack that is not the program's");
	_exit(1);
}

static void returns_badly(int signo, siginfo_t *info, void *context)
{
	((ucontext_t *) context)->uc_mcontext.gregs[REG_RIP] = -1;
}

int main(int argc, char **argv)
{
	const struct itimerval soon = { .it_value = { .tv_usec = 50000 } };
	struct sigaction a = { .sa_sigaction = returns_badly, .sa_flags = SA_SIGINFO | SA_NODEFER };

	if (argc > 2) {
		signal(SIGALRM, on_alarm);
		setitimer(ITIMER_REAL, &soon, NULL);
		__asm__ volatile("mov %0, %%rsp; 1: jmp 1b" ::"r"(number(argc, argv, 2)));
	}
	sigaction(SIGUSR1, &a, NULL);
	sigaction(SIGSEGV, &a, NULL);
	raise(SIGUSR1);
	ESCAPED("it came back");
	return 1;
}
