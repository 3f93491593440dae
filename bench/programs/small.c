/* small.c: a program of about 20 KiB. The benchmark writes another mark into it each time, so that the guest has never
 * seen it before. */
#include <stdio.h>

const char mark[32] = "mark: 0000000000000000";
const char filling[6 << 10] __attribute__((used, retain)) = "what makes it 20 KiB";

int main(void)
{
	return puts(mark) < 0;
}
