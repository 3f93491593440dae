/* stubs.c: changes the code through which it calls the application: those pages can be neither written, moved nor replaced. */
#include "hostile.h"

int victim_add(int a, int b);

int main(void)
{
	char *page = (char *) ((unsigned long) (void *) victim_add & ~(PAGE - 1));

	if (mprotect(page, PAGE, PROT_READ | PROT_WRITE) == 0)
		ESCAPED("mprotect");
	if (munmap(page, PAGE) == 0)
		ESCAPED("munmap");
	if (mremap(page, PAGE, 2 * PAGE, MREMAP_MAYMOVE) != MAP_FAILED)
		ESCAPED("mremap");
	if (mmap(page, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != MAP_FAILED)
		ESCAPED("mmap");
	madvise(page, PAGE, MADV_DONTNEED);
	printf("sum %d\n", victim_add(40, 2));
	fflush(stdout);
	*page = 0;
	ESCAPED("store");
	return 0;
}
