/* kstack.c: see kstack.h. The area is cut into slots of 16 pages; the lowest page of each stays unmapped. */
#include "kernel/kstack.h"

#include "kernel/page.h"
#include "kernel/panic.h"
#include "kernel/vm_internal.h"

#define AREA 0xffffc00000000000ULL
#define SLOT ((KSTACK_PAGES_MAX + 1) * PAGE_SIZE)
#define SLOTS 4096u

static uint64_t slots_used[SLOTS / 64];

static void unmap(uint64_t base, uint64_t end)
{
	struct pt pt = vm_tables(&app_vm);
	uint64_t *entry;

	for (uint64_t va = base; (entry = pt_next(&pt, &va, end)); va += PAGE_SIZE) {
		struct paddr frame = { *entry & PTE_ADDR };

		*entry = 0;
		mmu_invalidate(va);
		page_put(frame);
	}
	if (pt_prune(&pt, base) > 0)
		mmu_invalidate(base);
}

int kstack_alloc(unsigned pages, uint64_t *ret_base)
{
	unsigned slot = 0;
	uint64_t base;

	kassert(pages >= 1 && pages <= KSTACK_PAGES_MAX);
	while (slot < SLOTS && (slots_used[slot / 64] >> (slot % 64) & 1))
		slot++;
	if (slot == SLOTS)
		return -ENOMEM;
	base = AREA + slot * SLOT + PAGE_SIZE;
	for (unsigned i = 0; i < pages; i++) {
		struct pt pt = vm_tables(&app_vm);
		struct paddr frame;
		uint64_t *entry;
		int r = page_alloc_zeroed(&frame);

		if (r == 0) {
			r = pt_entry_create(&pt, base + i * PAGE_SIZE, &entry);
			if (r < 0)
				page_put(frame);
		}
		if (r < 0) {
			unmap(base, base + i * PAGE_SIZE);
			return r;
		}
		*entry = frame.pa | PTE_P | PTE_W | PTE_NX;
	}
	slots_used[slot / 64] |= 1ULL << (slot % 64);
	*ret_base = base;
	return 0;
}

void kstack_free(uint64_t base)
{
	unsigned slot = (unsigned) ((base - AREA) / SLOT);

	kassert(base >= AREA && slot < SLOTS && (slots_used[slot / 64] >> (slot % 64) & 1));
	slots_used[slot / 64] &= ~(1ULL << (slot % 64));
	unmap(base, base + KSTACK_PAGES_MAX * PAGE_SIZE);
}

bool kstack_is_guard(uint64_t addr)
{
	return addr >= AREA && addr < AREA + SLOTS * SLOT && (addr - AREA) % SLOT < PAGE_SIZE;
}
