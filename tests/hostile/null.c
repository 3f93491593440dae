/* null.c: no page can be mapped where null pointers of the application's and the kernel's point. */
#include "hostile.h"

int main(void)
{
	for (unsigned long at = 0; at < 0x10000; at += PAGE)
		if (!refused((long) mmap((void *) at, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0)))
			ESCAPED("page at 0x%lx", at);
	return held("pages at null");
}
