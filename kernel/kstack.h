/* kstack.h: stacks in the kernel virtual area, each with an unmapped page below it, so that an overflow faults. */
#ifndef UIO_KERNEL_KSTACK_H
#define UIO_KERNEL_KSTACK_H

#include "kernel/types.h"

#define KSTACK_PAGES_MAX 15

/* `pages` (1..KSTACK_PAGES_MAX) of supervisor-only, zeroed memory; the stack is [*ret_base, *ret_base + pages * PAGE_SIZE).
 * 0 or -ENOMEM. */
int kstack_alloc(unsigned pages, uint64_t *ret_base);
/* Takes it back. Not the stack one runs on. */
void kstack_free(uint64_t base);
/* True when the address lies in the guard page of a stack slot: tells an overflow from other faults. */
bool kstack_is_guard(uint64_t addr);

#endif
