/* exec_loop.c: a program that starts itself for ever. Its time limit ends it. */
#include "hostile.h"

int main(int argc, char **argv)
{
	execv("/proc/self/exe", argv);
	perror("execv");
	return 99;
}
