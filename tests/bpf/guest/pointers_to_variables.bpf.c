/* Addresses of variables, chosen at run time. */
// RUN: run 00000000 = 5
// RUN: run 01000000 = 6
#include "guest.h"
volatile long left = 5, right = 6;
SEC("syscall") int run(const unsigned *ctx)
{
	volatile long *p = *ctx ? &right : &left;

	return *p;
}
