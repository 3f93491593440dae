/* paging.h: from the boot loader's memory map to the base root: the image with its rights, the direct map. */
#ifndef UIO_ARCH_PAGING_H
#define UIO_ARCH_PAGING_H

#include <stdint.h>

#include "kernel/types.h"

/* A stretch of memory that boot must not hand out. */
struct boot_range {
	uint64_t from, to;
};

/* Tells the frame allocator of `ram` minus the image, the first page and `keep`. */
void paging_add_memory(const struct boot_range *ram, unsigned ram_count, const struct boot_range *keep, unsigned keep_count);
/* Builds the base root and loads it. Frames that the first tables held are free afterwards. */
void paging_init(const struct boot_range *ram, unsigned ram_count);

extern struct paddr base_root;

#endif
