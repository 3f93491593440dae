/* small.c: a program of about 20 KiB. The benchmark writes another mark into it each time, so that the guest has never
 * seen it before. */
#include <stdio.h>

const char mark[32] = "mark: 0000000000000000";

int main(void)
{
	return puts(mark) < 0;
}
