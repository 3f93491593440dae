/* mmio.c: device registers in the kernel virtual area, behind the stacks. */
#include "kernel/mmio.h"

#include "kernel/vm_internal.h"

#define AREA 0xffffc00020000000ULL
#define AREA_END 0xffffc00030000000ULL

static uint64_t next = AREA;

/* Several devices share a page on some machines. */
static volatile void *mapped_before(uint64_t phys)
{
	struct pt pt = vm_tables(&app_vm);
	uint64_t *entry;

	for (uint64_t va = AREA; (entry = pt_next(&pt, &va, next)); va += PAGE_SIZE) {
		if ((*entry & PTE_ADDR) == PAGE_ALIGN_DOWN(phys))
			return (volatile void *) (va + (phys & PAGE_MASK));
	}
	return NULL;
}

volatile void *mmio_map(uint64_t phys, size_t len)
{
	uint64_t first = PAGE_ALIGN_DOWN(phys), size = PAGE_ALIGN_UP(phys + len) - first, at = next;
	struct pt pt = vm_tables(&app_vm);
	volatile void *p;

	if (len == 0 || size > AREA_END - next)
		return NULL;
	if (size == PAGE_SIZE && (p = mapped_before(phys)))
		return p;
	/* SDM vol. 3A, 11.12.4: PCD and PWT choose PAT entry 3, which is uncacheable (UC) from reset on. */
	next += size; /* a failure leaves a hole, never a reused address */
	if (pt_map_range(&pt, at, first, size, PTE_P | PTE_W | PTE_NX | PTE_PCD | PTE_PWT, false) < 0)
		return NULL;
	return (volatile void *) (at + (phys & PAGE_MASK));
}
