/* paging.c: see paging.h. The rights of each part of the image are decided here and nowhere else. */
#include "arch/x86_64/paging.h"

#include "arch/x86_64/cpu.h"
#include "arch/x86_64/pt.h"
#include "kernel/page.h"
#include "kernel/panic.h"

#define IMAGE_VIRT 0x40000000UL

extern char __image_start[], __image_end[], __text_start[], __text_end[], __krodata_start[], __krodata_end[], __kdata_start[],
	__kdata_end[], __arodata_start[], __arodata_end[], __adata_start[], __adata_end[];

struct paddr base_root;

static uint64_t phys(const char *symbol)
{
	return (uint64_t) symbol - IMAGE_VIRT;
}

/* Adds [from, to) without the ranges in `keep`. */
static void add_without(uint64_t from, uint64_t to, const struct boot_range *keep, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		uint64_t a = PAGE_ALIGN_DOWN(keep[i].from), b = PAGE_ALIGN_UP(keep[i].to);

		if (a >= to || b <= from || a == b)
			continue;
		if (a > from)
			add_without(from, a, keep + i + 1, count - i - 1);
		if (b >= to)
			return;
		from = b;
	}
	if (from < to)
		page_add_range(from, to);
}

void paging_add_memory(const struct boot_range *ram, unsigned ram_count, const struct boot_range *keep, unsigned keep_count)
{
	uint64_t end = 0;

	for (unsigned i = 0; i < ram_count; i++)
		end = MAX(end, ram[i].to);
	page_init(end);
	for (unsigned i = 0; i < ram_count; i++)
		add_without(ram[i].from, ram[i].to, keep, keep_count);
}

static int table_alloc(void *arg, uint64_t *ret_pa)
{
	struct paddr p;
	int r = page_alloc_zeroed(&p);

	if (r == 0)
		*ret_pa = p.pa;
	return r;
}

static void table_free(void *arg, uint64_t pa)
{
	page_put((struct paddr){ pa });
}

static void map(const struct pt *pt, uint64_t va, uint64_t from, uint64_t to, uint64_t flags)
{
	if (from < to && pt_map_range(pt, va, from, to - from, flags | PTE_P, true) < 0)
		panic("paging: no memory for the first tables");
}

static void map_image(const struct pt *pt, const char *from, const char *to, uint64_t flags)
{
	map(pt, (uint64_t) from, phys(from), phys(to), flags);
}

void paging_init(const struct boot_range *ram, unsigned ram_count)
{
	struct pt pt = { .base = DIRECT_MAP_BASE, .alloc = table_alloc, .free = table_free };
	const uint64_t rw = PTE_W | PTE_NX;

	if (page_alloc_zeroed(&base_root) < 0)
		panic("paging: no memory");
	pt.root = base_root.pa;
	map_image(&pt, __text_start, __text_end, 0);
	map_image(&pt, __krodata_start, __krodata_end, PTE_NX);
	map_image(&pt, __kdata_start, __kdata_end, rw);
	map_image(&pt, __arodata_start, __arodata_end, PTE_U | PTE_NX);
	map_image(&pt, __adata_start, __adata_end, PTE_U | rw);
	/* The direct map leaves the image's read-only part out: no second, writable view of code (W^X). */
	for (unsigned i = 0; i < ram_count; i++) {
		uint64_t from = PAGE_ALIGN_UP(ram[i].from), to = PAGE_ALIGN_DOWN(ram[i].to);
		uint64_t hole = phys(__text_start), hole_end = phys(__krodata_end);

		if (hole >= from && hole_end <= to) {
			map(&pt, DIRECT_MAP_BASE + from, from, hole, rw);
			from = hole_end;
		}
		map(&pt, DIRECT_MAP_BASE + from, from, to, rw);
	}
	write_cr3(base_root.pa);
}
