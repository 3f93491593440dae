/* memory_bomb.c WAY: takes memory without end: heap, maps (one page each), stack (threads' stacks are maps), shared,
 * forked (copy on write). It ends at its limit, by itself or by the kernel. */
#include "hostile.h"

static void take(size_t size, int flags)
{
	for (;;) {
		char *p = mmap(NULL, size, PROT_READ | PROT_WRITE, flags | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

		if (p == MAP_FAILED) {
			perror("mmap");
			exit(3);
		}
		for (size_t i = 0; i < size; i += PAGE)
			p[i] = 1;
		/* Different rights keep the areas from merging. */
		if (size == PAGE && ((unsigned long) p & PAGE))
			mprotect(p, PAGE, PROT_READ);
	}
}

static void sbrk_page(void)
{
	unsigned long end = syscall(SYS_brk, 0);

	if (syscall(SYS_brk, end + PAGE) != (long)(end + PAGE))
		exit(3);
	memset((void *)end, 1, PAGE);
}

int main(int argc, char **argv)
{
	const char *way = argc > 1 ? argv[1] : "heap";

	if (!strcmp(way, "heap"))
		for (;;) {
			unsigned long end = syscall(SYS_brk, 0);

			if (syscall(SYS_brk, end + 65536) != end + 65536) {
				perror("brk");
				return 3;
			}
			memset((void *) end, 1, 65536);
		}
	if (!strcmp(way, "limit"))
		for (int i = 0; i < 2048; i++) {
			sbrk_page();
			if (i == 1024)
				ESCAPED("4 MiB are more than the limit");
		}
	if (!strcmp(way, "maps"))
		take(PAGE, MAP_PRIVATE);
	if (!strcmp(way, "big"))
		take(16 << 20, MAP_PRIVATE);
	if (!strcmp(way, "shared"))
		take(1 << 20, MAP_SHARED);
	if (!strcmp(way, "tables"))
		for (unsigned long at = 0x10000000; at < 0x3f000000; at += 0x200000) {
			char *p = mmap((void *) at, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);

			if (p == MAP_FAILED) {
				perror("mmap");
				return 3;
			}
			*p = 1;
		}
	if (!strcmp(way, "fork")) {
		char *p = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		for (int i = 0; i < 100; i++) {
			memset(p, i, 1 << 20);
			if (fork() < 0) {
				perror("fork");
				return 3;
			}
		}
	}
	return held(way);
}
