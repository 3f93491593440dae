/* loop.c: loops for ever with every signal ignored: only its time limit ends it. */
#include "hostile.h"

int main(void)
{
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	for (int i = 1; i < 64; i++)
		signal(i, SIG_IGN);
	for (;;)
		;
}
