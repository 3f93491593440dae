/* code.h: for programs that make code at run time. */
#ifndef TESTS_HOSTILE_CODE_H
#define TESTS_HOSTILE_CODE_H

#include "hostile.h"

static const unsigned char wrpkru[3] = { 0x0f, 0x01, 0xef };

static inline unsigned char *pages(unsigned long at, unsigned n, int prot)
{
	unsigned char *p = mmap((void *) at, n * PAGE, prot, MAP_PRIVATE | MAP_ANONYMOUS | (at ? MAP_FIXED : 0), -1, 0);

	if (p == MAP_FAILED) {
		perror("mmap");
		exit(99);
	}
	return p;
}

static inline int executable(void *p, unsigned n)
{
	return !refused(mprotect(p, n * PAGE, PROT_READ | PROT_EXEC));
}

#endif
