/* rights.c: see rights.h. Only reads variables of the part, as they cannot be written yet. */
#include "trace/rights.h"

#include "kernel/page.h"
#include "kernel/vm_internal.h"

/* image/part.lds */
extern char __part_text_end[], __part_rodata_end[], __part_data_end[];

int rights_init(void)
{
	struct pt pt = vm_tables(&app_vm);

	for (uint64_t va = (uint64_t)__part_text_end; va < (uint64_t)__part_data_end; va += PAGE_SIZE) {
		uint64_t *e = pt_entry(&pt, va);
		struct paddr shared = {*e & PTE_ADDR}, own;

		if (va < (uint64_t)__part_rodata_end) {
			*e |= PTE_NX;
		} else if (!(*e & PTE_W)) {
			if (page_alloc(&own) < 0)
				return -ENOMEM;
			memcpy(phys_to_virt(own), phys_to_virt(shared), PAGE_SIZE);
			*e = own.pa | PTE_P | PTE_W | PTE_NX;
			page_put(shared);
		}
		mmu_invalidate(va);
	}
	return 0;
}
