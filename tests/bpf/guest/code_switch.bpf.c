/* A switch of many cases, and a table of strings. */
// RUN: run 05000000 = 104
// RUN: run 63000000 = 0
#include "guest.h"
SEC("syscall") int run(const unsigned *ctx)
{
	static const char *const words[] = {"a", "bb", "ccc"};
	(void)words;
	switch (*ctx) {
	case 1:
		return 7;
	case 2:
		return 21;
	case 3:
		return 11;
	case 4:
		return 19;
	case 5:
		return 104;
	case 6:
		return 3;
	default:
		return 0;
	}
}
