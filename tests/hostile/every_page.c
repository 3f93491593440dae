/* every_page.c FROM PAGES...: reads and writes a word in each of so many pages: all of a small guest's memory through the
 * direct map (page tables and descriptor tables are there, wherever they lie), kernel and gate stacks, the whole image. */
#include "hostile.h"

#include <setjmp.h>

static sigjmp_buf back;

static void on_fault(int signo)
{
	siglongjmp(back, 1);
}

int main(int argc, char **argv)
{
	unsigned long tried = 0;

	signal(SIGSEGV, on_fault);
	signal(SIGBUS, on_fault);
	for (int i = 1; i + 1 < argc; i += 2) {
		volatile unsigned long *p = (void *) number(argc, argv, i);

		for (unsigned long n = number(argc, argv, i + 1); n; n--, p += PAGE / sizeof(*p)) {
			tried++;
			if (!sigsetjmp(back, 1)) {
				unsigned long v = *p;

				ESCAPED("read of %p: 0x%lx", p, v);
				return 1;
			}
			if (!sigsetjmp(back, 1)) {
				*p = 0;
				ESCAPED("write to %p", p);
				return 1;
			}
		}
	}
	printf("%lu pages, each refused\n", tried);
	return 0;
}
