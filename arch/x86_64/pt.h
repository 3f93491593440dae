/* pure */
/*
 * pt.h: four-level page tables (SDM vol. 3A, 4.5 "4-Level Paging and 5-Level Paging"). Works on tables in memory and never
 * on the CPU: who changes an entry that the CPU may have cached invalidates it (4.10.4). Virtual addresses are canonical.
 * Tables below 2^47 carry U=1 and W=1, those above U=0 and W=1: the leaf decides within its half.
 */
#ifndef ARCH_X86_64_PT_H
#define ARCH_X86_64_PT_H

#include <stdbool.h>
#include <stdint.h>

/* Entry bits (SDM vol. 3A, tables 4-15 to 4-20). Bits 9 to 11 are ignored by the CPU. */
#define PTE_P (1ULL << 0)
#define PTE_W (1ULL << 1)
#define PTE_U (1ULL << 2)
#define PTE_PWT (1ULL << 3)
#define PTE_PCD (1ULL << 4)
#define PTE_A (1ULL << 5)
#define PTE_D (1ULL << 6)
#define PTE_PS (1ULL << 7)	/* in a PDE: a 2 MiB page; in a PDPTE: 1 GiB */
#define PTE_G (1ULL << 8)
/* Ours: P=0, yet the entry holds a frame (a page whose area has no rights now). */
#define PTE_HELD (1ULL << 9)
/* Ours: the frame is an immutable file's and on nobody's account. */
#define PTE_UNPAID (1ULL << 10)
#define PTE_ADDR 0x000ffffffffff000ULL
#define PTE_NX (1ULL << 63)
/* The protection key of a leaf, 0..15 (4.6.2); ignored by the CPU while CR4.PKE=0. */
#define PTE_KEY(key) ((uint64_t) (key) << 59)
#define PTE_KEY_OF(pte) ((unsigned) ((pte) >> 59) & 15)

#define PT_LARGE_SIZE 0x200000ULL

/* A set of tables. `base` + physical address is the pointer to a table. alloc gives a zeroed frame (0 or -ENOMEM), free
 * takes one back; both see `arg`. They are called for tables only, so that they can count them. */
struct pt {
	uint64_t root;
	uint64_t base;
	int (*alloc)(void *arg, uint64_t *ret_pa);
	void (*free)(void *arg, uint64_t pa);
	void *arg;
};

/* The entry of the 4 KiB page at va, or NULL when there is no table for it or a large page covers it. */
uint64_t *pt_entry(const struct pt *pt, uint64_t va);

/* The same, making the tables that are missing. -ENOMEM (then no table is left behind below the PDPT), or -EEXIST when a
 * large page covers va. */
int pt_entry_create(const struct pt *pt, uint64_t va, uint64_t **ret_entry);

/* Maps [va, va+len) to pa with `flags` (PTE_P included), 2 MiB pages where both are aligned and `large` is set. All three
 * multiples of 4 KiB, else -EINVAL; -EEXIST when something is there, -ENOMEM: what was mapped so far stays. */
int pt_map_range(const struct pt *pt, uint64_t va, uint64_t pa, uint64_t len, uint64_t flags, bool large);

/* The first leaf entry of a 4 KiB page at or after *va and below end that is not zero; *va becomes its address. NULL: none.
 * Large pages are passed over. */
uint64_t *pt_next(const struct pt *pt, uint64_t *va, uint64_t end);

/* Frees the page table and the page directory that serve va if they hold nothing; never the PDPT or the root. The caller
 * then invalidates va if the CPU may hold it (4.10.4.1: this drops cached pointers to the tables, too). Returns how many
 * tables went. */
unsigned pt_prune(const struct pt *pt, uint64_t va);

/* What the tables say of va, large pages included: the physical address of the byte and the leaf's entry, 0 if unmapped. */
uint64_t pt_lookup(const struct pt *pt, uint64_t va, uint64_t *ret_pa);

/* The root's entry for va, to share or to clear a whole PML4 slot (512 GiB). */
uint64_t *pt_root_entry(const struct pt *pt, uint64_t va);

#endif
