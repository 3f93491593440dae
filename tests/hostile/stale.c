/* stale.c WAY: uses memory after it has been given back or taken rights from: no old translation may serve it. */
#include "hostile.h"

#include <sched.h>

static unsigned char *page(void)
{
	unsigned char *p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	memset(p, 0xaa, PAGE);
	return p;
}

int main(int argc, char **argv)
{
	const char *way = argc > 1 ? argv[1] : "";
	volatile unsigned char *p = page();

	if (!strcmp(way, "munmap"))
		munmap((void *) p, PAGE);
	if (!strcmp(way, "none"))
		mprotect((void *) p, PAGE, PROT_NONE);
	if (!strcmp(way, "read-only")) {
		mprotect((void *) p, PAGE, PROT_READ);
		*p = 1;
	}
	if (!strcmp(way, "mremap"))
		mremap((void *) p, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, 0x30000000);
	if (!strcmp(way, "brk")) {
		unsigned long end = (syscall(SYS_brk, 0) + PAGE - 1) & ~(PAGE - 1);

		syscall(SYS_brk, end + PAGE);
		p = (unsigned char *) end;
		*p = 1;
		syscall(SYS_brk, end);
	}
	if (!strcmp(way, "dontneed")) {
		madvise((void *) p, PAGE, MADV_DONTNEED);
		for (size_t i = 0; i < PAGE; i++)
			if (p[i])
				ESCAPED("byte %zu is 0x%02x", i, p[i]);
		return held("memory given back, and read");
	}
	if (!strcmp(way, "switch")) {
		/* Two processes with different pages at the same address, in turns. */
		pid_t pid = fork();

		for (int i = 0; i < 2000; i++) {
			*p = pid ? 1 : 2;
			sched_yield();
			if (*p != (pid ? 1 : 2)) {
				ESCAPED("another process's page, round %d", i);
				break;
			}
		}
		if (!pid)
			return hostile_escaped;
		wait(NULL);
		return held("two processes at one address");
	}
	ESCAPED("read 0x%02x", *p);
	return 1;
}
