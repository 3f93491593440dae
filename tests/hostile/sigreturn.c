/* sigreturn.c WHAT: returns from a signal into ring 0, or to the kernel's code, or with flags of the kernel's. */
#include "hostile.h"

#include <ucontext.h>

static const char *what;
static unsigned long target;

static void handler(int signo, siginfo_t *info, void *context)
{
	greg_t *r = ((ucontext_t *) context)->uc_mcontext.gregs;

	if (!strcmp(what, "rip"))
		r[REG_RIP] = target;
	if (!strcmp(what, "rsp"))
		r[REG_RSP] = target;
	if (!strcmp(what, "cs")) {
		/* Ring 0's selectors; what runs then is an instruction of ring 0's. */
		r[REG_CSGSFS] = 8 | 0x10UL << 48;
	}
	if (!strcmp(what, "flags"))
		r[REG_EFL] |= 0x3000; /* IOPL 3 */
	if (!strcmp(what, "fpstate"))
		((ucontext_t *) context)->uc_mcontext.fpregs = (void *) target;
}

int main(int argc, char **argv)
{
	struct sigaction a = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO };

	what = argc > 1 ? argv[1] : "";
	target = number(argc, argv, 2);
	sigaction(SIGUSR1, &a, NULL);
	raise(SIGUSR1);
	__asm__ volatile("cli");
	ESCAPED("cli at ring 3");
	return 1;
}
