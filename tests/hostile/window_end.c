/* window_end.c: a `syscall` whose return address would be the first byte above the window: there the kernel would take it
 * for the application's. No page so high may be mapped; from the highest one that can be had, it is an ordinary call. */
#include "code.h"

int main(void)
{
	unsigned long at;
	unsigned char *p = MAP_FAILED;

	for (at = 0x3ffff000; at > 0x3f000000; at -= PAGE) {
		p = mmap((void *) at, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
		if (p != MAP_FAILED)
			break;
	}
	if (p == MAP_FAILED)
		return 98;
	printf("highest page 0x%lx\n", at);
	fflush(stdout);
	if (at + PAGE >= 0x40000000)
		ESCAPED("the window's last page is mapped");
	if (mmap((void *) 0x40000000, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != MAP_FAILED ||
	    mmap((void *) 0x3ffff000, 2 * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != MAP_FAILED ||
	    mremap(p, PAGE, 0x40000000 - at, 0) != MAP_FAILED || mremap(p, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, 0x3ffff000) != MAP_FAILED)
		ESCAPED("beyond the window");
	p[PAGE - 2] = 0x0f; /* syscall */
	p[PAGE - 1] = 0x05;
	if (!executable(p, 1))
		return 97;
	__asm__ volatile("jmp *%0" ::"r"(p + PAGE - 2), "a"(SYS_getpid), "D"(0) : "memory");
	return 96;
}
