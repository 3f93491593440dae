/* Atomic operations on variables. */
// CFLAGS: -mcpu=v3
// RUN: run = 255
#include "guest.h"
long cell = 12;
int small = 3;
SEC("syscall") int run(void *ctx)
{
	int r = 0;

	r |= __sync_fetch_and_add(&cell, 30) == 12;
	r |= (__sync_fetch_and_or(&cell, 1) == 42) << 1;
	r |= (__sync_fetch_and_and(&cell, 0x2f) == 43) << 2;
	r |= (__sync_fetch_and_xor(&cell, 1) == 43) << 3;
	r |= (__sync_lock_test_and_set(&cell, 100) == 42) << 4;
	r |= (__sync_val_compare_and_swap(&cell, 100, 7) == 100) << 5;
	r |= (__sync_val_compare_and_swap(&cell, 100, 8) == 7) << 6;
	__sync_fetch_and_add(&small, 4);
	r |= (small == 7) << 7;
	return r;
}
