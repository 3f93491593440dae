/* Division, remainder, shifts, byte order, 32 and 64 bits. */
// CFLAGS: -mcpu=v3
// RUN: run 0a00000003000000 = 1023
#include "guest.h"
SEC("syscall") int run(const unsigned *ctx)
{
	unsigned a = ctx[0], b = ctx[1];
	volatile unsigned zero = b - 3, q = a / zero;
	unsigned long x = (unsigned long)a << 33 | b;
	long s = -(long)a;

	return (a / b == 3) | (a % b == 1) << 1 | (q == 0) << 2 | (x >> 33 == a) << 3 | (s >> 1 == -5) << 4 |
	       (__builtin_bswap32(a) == 0x0a000000) << 5 | (__builtin_bswap16(b) == 0x0300) << 6 |
	       ((unsigned long)s >> 60 == 15) << 7 | ((int)(a - b - a) == -3) << 8 |
	       (__builtin_bswap64(x) >> 56 == 3) << 9;
}
