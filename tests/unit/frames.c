/* frames.c: see frames.h. */
#include "tests/unit/frames.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

void frames_map(unsigned long bytes)
{
	static unsigned long mapped;

	if (mapped)
		munmap((void *) DIRECT_MAP_BASE, mapped);
	mapped = bytes;
	if (mmap((void *) DIRECT_MAP_BASE, bytes, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0) != (void *) DIRECT_MAP_BASE) {
		perror("mmap");
		exit(1);
	}
}
