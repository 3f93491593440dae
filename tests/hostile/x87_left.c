/* x87_left.c: leaves the x87 unit as no function may: its stack full, exceptions unmasked and one of them pending. The
 * application, switched to in a system call, must neither see a full stack nor take the exception. */
#include "hostile.h"
#include <time.h>

int main(void)
{
	static const uint16_t unmasked = 0x340;
	static const double zero;
	const struct timespec ms = { .tv_nsec = 1000000 };
	long r = 0;

	for (int i = 0; i < 1000 && r == 0; i++) {
		/* The last load stays pending: no x87 instruction that waits comes after it before the system call. */
		__asm__ volatile("fninit\n\tfld1\n\tfld1\n\tfld1\n\tfld1\n\tfld1\n\tfld1\n\tfld1\n\t"
				 "fldcw %1\n\tfdivl %2\n\tsyscall"
				 : "=a"(r)
				 : "m"(unmasked), "m"(zero), "a"(SYS_nanosleep), "D"(&ms), "S"(0)
				 : "rcx", "r11", "memory");
		__asm__ volatile("fnclex");
	}
	return r == 0 ? held("1000 calls with the x87 unit full and faulty") : 1;
}
