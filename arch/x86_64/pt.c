/* pure */
/* pt.c: see pt.h. Levels count from 4 (PML4) to 1 (page table). */
#include "arch/x86_64/pt.h"

#include <stddef.h>

#include "lib/errno.h"

#define ENTRIES 512
#define PAGE 4096ULL

/* SDM vol. 3A, figure 4-8: nine bits of the address for each level, from bit 12 on. */
static unsigned index_at(uint64_t va, unsigned level)
{
	return (unsigned) (va >> (12 + 9 * (level - 1))) & (ENTRIES - 1);
}

static uint64_t span_of(unsigned level)
{
	return 1ULL << (12 + 9 * (level - 1));
}

static uint64_t *table_at(const struct pt *pt, uint64_t pa)
{
	return (uint64_t *) (uintptr_t) (pt->base + pa);
}

static bool is_table(uint64_t entry)
{
	return (entry & PTE_P) && !(entry & PTE_PS);
}

uint64_t *pt_root_entry(const struct pt *pt, uint64_t va)
{
	return &table_at(pt, pt->root)[index_at(va, 4)];
}

uint64_t *pt_entry(const struct pt *pt, uint64_t va)
{
	uint64_t *table = table_at(pt, pt->root);

	for (unsigned level = 4; level > 1; level--) {
		uint64_t entry = table[index_at(va, level)];

		if (!is_table(entry))
			return NULL;
		table = table_at(pt, entry & PTE_ADDR);
	}
	return &table[index_at(va, 1)];
}

/* The entry for va in the table of level `stop`, making the tables above it. */
static int entry_create(const struct pt *pt, uint64_t va, unsigned stop, uint64_t **ret_entry)
{
	uint64_t flags = PTE_P | PTE_W | (va >> 47 ? 0 : PTE_U);
	uint64_t *table = table_at(pt, pt->root);

	for (unsigned level = 4; level > stop; level--) {
		uint64_t *entry = &table[index_at(va, level)];

		if (!(*entry & PTE_P)) {
			uint64_t pa;
			int r = pt->alloc(pt->arg, &pa);

			if (r < 0) {
				pt_prune(pt, va);
				return r;
			}
			*entry = pa | flags;
		} else if (*entry & PTE_PS) {
			return -EEXIST;
		}
		table = table_at(pt, *entry & PTE_ADDR);
	}
	*ret_entry = &table[index_at(va, stop)];
	return 0;
}

int pt_entry_create(const struct pt *pt, uint64_t va, uint64_t **ret_entry)
{
	return entry_create(pt, va, 1, ret_entry);
}

int pt_map_range(const struct pt *pt, uint64_t va, uint64_t pa, uint64_t len, uint64_t flags, bool large)
{
	if ((va | pa | len) & (PAGE - 1))
		return -EINVAL;
	while (len > 0) {
		bool big = large && !((va | pa) & (PT_LARGE_SIZE - 1)) && len >= PT_LARGE_SIZE;
		uint64_t step = big ? PT_LARGE_SIZE : PAGE;
		uint64_t *entry;
		int r = entry_create(pt, va, big ? 2 : 1, &entry);

		if (r < 0)
			return r;
		if (*entry)
			return -EEXIST;
		*entry = pa | flags | (big ? PTE_PS : 0);
		va += step;
		pa += step;
		len -= step;
	}
	return 0;
}

uint64_t *pt_next(const struct pt *pt, uint64_t *va, uint64_t end)
{
	uint64_t at = *va;

	while (at < end) {
		uint64_t *table = table_at(pt, pt->root);
		unsigned level = 4;

		while (level > 1 && is_table(table[index_at(at, level)])) {
			table = table_at(pt, table[index_at(at, level)] & PTE_ADDR);
			level--;
		}
		if (level == 1) {
			for (unsigned i = index_at(at, 1); i < ENTRIES && at < end; i++, at += PAGE) {
				if (table[i]) {
					*va = at;
					return &table[i];
				}
			}
		} else {
			at = (at | (span_of(level) - 1)) + 1;
		}
		if (at == 0) /* past the last address */
			break;
	}
	return NULL;
}

static bool is_empty(const uint64_t *table)
{
	for (unsigned i = 0; i < ENTRIES; i++) {
		if (table[i])
			return false;
	}
	return true;
}

unsigned pt_prune(const struct pt *pt, uint64_t va)
{
	unsigned freed = 0;

	for (unsigned stop = 2; stop <= 3; stop++) {
		/* The entry at level `stop` that points to the table in question. */
		uint64_t *table = table_at(pt, pt->root), *entry;
		unsigned level = 4;

		while (level > stop && is_table(table[index_at(va, level)])) {
			table = table_at(pt, table[index_at(va, level)] & PTE_ADDR);
			level--;
		}
		if (level > stop)
			continue;
		entry = &table[index_at(va, stop)];
		if (!(*entry & PTE_P))
			continue;
		if (!is_table(*entry) || !is_empty(table_at(pt, *entry & PTE_ADDR)))
			break;
		pt->free(pt->arg, *entry & PTE_ADDR);
		*entry = 0;
		freed++;
	}
	return freed;
}

uint64_t pt_lookup(const struct pt *pt, uint64_t va, uint64_t *ret_pa)
{
	uint64_t *table = table_at(pt, pt->root);

	for (unsigned level = 4; level >= 1; level--) {
		uint64_t entry = table[index_at(va, level)];

		if (!(entry & PTE_P))
			return 0;
		if (level == 1 || (entry & PTE_PS)) {
			uint64_t mask = span_of(level) - 1;

			*ret_pa = (entry & PTE_ADDR & ~mask) | (va & mask);
			return entry;
		}
		table = table_at(pt, entry & PTE_ADDR);
	}
	return 0;
}
