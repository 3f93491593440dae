/* Constants: a table that is indexed, `const volatile` settings, strings. */
// RUN: run 02000000 = 1357
#include "guest.h"
const volatile int add = 1000;
static const int table[] = {11, 22, 333, 44};
const volatile char word[] = "abcdefghijklmnopqrstuvwx";
SEC("syscall") int run(const unsigned *ctx)
{
	return (*ctx < 4 ? *(const volatile int *)&table[*ctx] : 0) + add + (word[24] == 0) * 24;
}
