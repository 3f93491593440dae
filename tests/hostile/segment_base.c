/* segment_base.c ADDRESS: aims FS at memory that is not its own and uses it. */
#include "hostile.h"

int main(int argc, char **argv)
{
	unsigned long at = number(argc, argv, 1), v = 0;
	long r;

	/* No libc between the two: its thread pointer is gone. */
	__asm__ volatile("syscall" : "=a"(r) : "a"(SYS_arch_prctl), "D"(0x1002), "S"(at) : "rcx", "r11", "memory");
	if (r == 0)
		__asm__ volatile("mov %%fs:0, %0" : "=r"(v));
	else
		__asm__ volatile("ud2" ::"a"(r)); /* refused: end in another way */
	__asm__ volatile("syscall" ::"a"(SYS_exit_group), "D"(77));
	return (int) v;
}
