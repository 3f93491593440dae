/* handler.c ADDRESS [fault]: a signal handler at an address that is not the program's. The kernel must not return there in
 * ring 0's name: an address that is not canonical makes IRET itself fault. */
#include "hostile.h"

int main(int argc, char **argv)
{
	struct sigaction sa = { .sa_handler = (void (*)(int)) number(argc, argv, 1), .sa_flags = SA_NODEFER };

	if (sigaction(SIGUSR1, &sa, NULL) || sigaction(SIGSEGV, &sa, NULL))
		return 1;
	if (argc > 2)
		*(volatile int *) 8 = 1;
	raise(SIGUSR1);
	ESCAPED("the handler at %s returned", argv[1]);
	return 1;
}
