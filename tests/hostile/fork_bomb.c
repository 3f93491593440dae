/* fork_bomb.c: forks without end, in all its children. Its time limit ends the whole tree. */
#include "hostile.h"

int main(void)
{
	signal(SIGCHLD, SIG_IGN);
	for (;;)
		fork();
}
