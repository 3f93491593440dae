/* fork_escape.c: children that leave the session and the group, and a parent that ends at once: they end with it. */
#include "hostile.h"

int main(void)
{
	for (int i = 0; i < 5; i++)
		if (fork() == 0) {
			setsid();
			if (fork() == 0)
				for (;;)
					i % 2 ? (void) pause() : (void) 0;
			_exit(0);
		}
	usleep(100000);
	printf("children left behind in sessions of their own: ended by itself\n");
	return 7;
}
