/* mmu.h: the CPU's side of paging: the root register and the caches of translations (SDM vol. 3A, 4.10). PCIDs are off. */
#ifndef ARCH_X86_64_MMU_H
#define ARCH_X86_64_MMU_H

#include <stdint.h>

/* CR3's page-table root. */
uint64_t mmu_root(void);
/* Loads a root; drops every cached translation but global ones (4.10.4.1). */
void mmu_load_root(uint64_t pa);
/* Drops what is cached for one page, global or not, and all cached pointers to tables. */
void mmu_invalidate(uint64_t va);
/* Drops everything, global translations included. */
void mmu_invalidate_all(void);

#endif
