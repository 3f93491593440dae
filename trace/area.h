/* area.h: kernel memory of the loaded part: whole pages at addresses below 2 GiB (PART_AREA to PART_END), so that
 * compiled programs reach their helpers and maps with short instructions; W^X; and the one way to change code that
 * runs. */
#ifndef UIO_TRACE_AREA_H
#define UIO_TRACE_AREA_H

#include "bpf/map.h"
#include "kernel/types.h"

/* Zeroed pages for `size` bytes, not executable. 0 or -ENOMEM. */
int area_alloc(size_t size, void **ret);
/* What area_alloc() gave with the same size; null is allowed. */
void area_free(void *p, size_t size);
/* They become executable and are never writable again, not in the direct map either. 0 or -ENOMEM. */
int area_make_exec(void *p, size_t size);

/* Changes code at an address of the image or of this area, atomically for everything that runs here: one CPU,
 * interrupts off, a serialising instruction before anything else (SDM vol. 3A 9.1.3). At most a page of bytes. -EFAULT:
 * nothing is mapped there; -ENOMEM. */
int text_poke(uint64_t at, const void *bytes, size_t n);

/* For maps and objects: small things from the kernel's heap, else pages. Programs get nothing: they may interrupt the
 * heap in the middle of its work. */
extern struct bpf_mem area_mem;
/* Bytes of pages in use here. */
extern uint64_t area_bytes;

/* Once: the budget, and the loaded part's own code leaves the direct map. 0 or -ENOMEM. */
int area_init(void);

#endif
