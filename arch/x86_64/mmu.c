/* mmu.c: see mmu.h. */
#include "arch/x86_64/mmu.h"

#define CR4_PGE (1ULL << 7)

uint64_t mmu_root(void)
{
	uint64_t v;

	__asm__ volatile("mov %%cr3, %0" : "=r"(v));
	return v & 0x000ffffffffff000ULL;
}

void mmu_load_root(uint64_t pa)
{
	__asm__ volatile("mov %0, %%cr3" ::"r"(pa) : "memory");
}

void mmu_invalidate(uint64_t va)
{
	__asm__ volatile("invlpg (%0)" ::"r"(va) : "memory");
}

void mmu_invalidate_all(void)
{
	uint64_t cr4;

	/* SDM vol. 3A, 4.10.4.1: changing CR4.PGE drops all translations, global ones too. With PGE off CR3 will do. */
	__asm__ volatile("mov %%cr4, %0" : "=r"(cr4));
	if (cr4 & CR4_PGE) {
		__asm__ volatile("mov %0, %%cr4" ::"r"(cr4 & ~CR4_PGE) : "memory");
		__asm__ volatile("mov %0, %%cr4" ::"r"(cr4) : "memory");
	} else {
		mmu_load_root(mmu_root());
	}
}
