/* area.c: see area.h. */
#include "trace/area.h"

#include "kernel/kmem.h"
#include "kernel/page.h"
#include "kernel/vm_internal.h"
#include "overlay/part.h"
#include "trace/run.h"

#define PAGES	  ((PART_END - PART_AREA) / PAGE_SIZE)
#define POKE_AT	  PART_AREA /* the first pages: where frames of code are written */
#define POKE_PAGES 2
#define SMALL_MAX 2048	    /* bytes from the heap */

extern char __part_rodata_end[]; /* image/part.lds */

static uint64_t used[PAGES / 64] = {(1 << POKE_PAGES) - 1};
uint64_t area_bytes;

static bool is_used(size_t page)
{
	return used[page / 64] >> (page % 64) & 1;
}

static void mark(size_t first, size_t n, bool on)
{
	for (size_t i = first; i < first + n; i++) {
		used[i / 64] &= ~(1ULL << (i % 64));
		used[i / 64] |= (uint64_t)on << (i % 64);
	}
}

/* n free pages one after another, or 0. The lowest, so that tables come and go with what is in use. */
static size_t search(size_t n)
{
	size_t run = 0;

	for (size_t i = POKE_PAGES; i < PAGES; i++) {
		run = is_used(i) ? 0 : run + 1;
		if (run == n)
			return i + 1 - n;
	}
	return 0;
}

static void unmap(uint64_t va, size_t n)
{
	struct pt pt = vm_tables(&app_vm);

	for (; n; n--, va += PAGE_SIZE) {
		uint64_t *e = pt_entry(&pt, va);
		struct paddr frame = {e ? *e & PTE_ADDR : 0};

		if (!frame.pa)
			continue;
		*e = 0;
		mmu_invalidate(va);
		area_bytes -= PAGE_SIZE;
		page_put(frame);
		if (pt_prune(&pt, va) > 0)
			mmu_invalidate(va); /* paging-structure caches, too: SDM vol. 3A 4.10.4.1 */
	}
}

int area_alloc(size_t size, void **ret)
{
	struct pt pt = vm_tables(&app_vm);
	size_t n = PAGE_ALIGN_UP(size) / PAGE_SIZE, first;

	if (!n || n > PAGES)
		return -ENOMEM;
	first = search(n);
	if (!first)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		uint64_t va = PART_AREA + (first + i) * PAGE_SIZE, *e;
		struct paddr frame;
		int r = pt_entry_create(&pt, va, &e);

		if (r == 0)
			r = page_alloc_zeroed(&frame);
		if (r < 0) {
			unmap(PART_AREA + first * PAGE_SIZE, i);
			return -ENOMEM;
		}
		*e = frame.pa | PTE_P | PTE_W | PTE_NX;
		area_bytes += PAGE_SIZE;
	}
	mark(first, n, true);
	*ret = (void *)(PART_AREA + first * PAGE_SIZE);
	return 0;
}

/* The direct map's entry for the 2 MiB around a frame. */
static uint64_t *direct_large(uint64_t pa)
{
	uint64_t va = DIRECT_MAP_BASE + pa, *table = phys_to_virt((struct paddr){vm_tables(&app_vm).root});

	for (unsigned shift = 39; shift > 21; shift -= 9)
		table = phys_to_virt((struct paddr){table[va >> shift & 511] & PTE_ADDR});
	return table + (va >> 21 & 511);
}

/* The direct map's entry for a frame. Its large page becomes small ones. */
static int direct_entry(uint64_t pa, uint64_t **ret)
{
	struct pt pt = vm_tables(&app_vm);
	uint64_t *table, *small;
	struct paddr frame;

	*ret = pt_entry(&pt, DIRECT_MAP_BASE + pa);
	if (*ret)
		return 0;
	table = direct_large(pa);
	if (page_alloc(&frame) < 0)
		return -ENOMEM;
	small = phys_to_virt(frame);
	for (unsigned i = 0; i < 512; i++)
		small[i] = (*table & ~PTE_PS) + i * PAGE_SIZE;
	*table = frame.pa | PTE_P | PTE_W;
	mmu_invalidate_all();
	*ret = small + (pa / PAGE_SIZE & 511);
	return 0;
}

static int direct_set_writable(uint64_t pa, bool writable)
{
	uint64_t *e;
	int r = direct_entry(pa, &e);

	if (r < 0)
		return r;
	*e = writable ? *e | PTE_W : *e & ~PTE_W;
	mmu_invalidate(DIRECT_MAP_BASE + pa);
	return 0;
}

/* The small pages around a frame become a large one again if nothing tells them apart. */
static void direct_join(uint64_t pa)
{
	const uint64_t seen = PTE_A | PTE_D; /* the CPU's notes */
	uint64_t *table = direct_large(pa);
	struct paddr frame = {*table & PTE_ADDR};
	const uint64_t *small = phys_to_virt(frame);

	if (*table & PTE_PS)
		return;
	for (unsigned i = 0; i < 512; i++)
		if (((small[i] ^ small[0]) & ~seen) != i * PAGE_SIZE)
			return;
	*table = small[0] | PTE_PS;
	mmu_invalidate_all();
	page_put(frame);
}

void area_free(void *p, size_t size)
{
	struct pt pt = vm_tables(&app_vm);
	uint64_t va = (uint64_t)p;
	size_t n = PAGE_ALIGN_UP(size) / PAGE_SIZE;

	if (!p)
		return;
	for (size_t i = 0; i < n; i++) {
		uint64_t e = *pt_entry(&pt, va + i * PAGE_SIZE);

		/* Code: splitting was done when it became code, so this cannot fail. */
		if (!(e & PTE_W)) {
			direct_set_writable(e & PTE_ADDR, true);
			direct_join(e & PTE_ADDR);
		}
	}
	unmap(va, n);
	mark((va - PART_AREA) / PAGE_SIZE, n, false);
}

int area_make_exec(void *p, size_t size)
{
	struct pt pt = vm_tables(&app_vm);

	for (uint64_t va = (uint64_t)p; va < (uint64_t)p + size; va += PAGE_SIZE) {
		uint64_t *e = pt_entry(&pt, va);
		int r = direct_set_writable(*e & PTE_ADDR, false);

		if (r < 0)
			return r;
		*e &= ~(PTE_W | PTE_NX);
		mmu_invalidate(va);
	}
	return 0;
}

static void invlpg(uint64_t va)
{
	__asm__ volatile("invlpg (%0)" ::"r"(va) : "memory");
}

/* From the first byte on nothing else of the image runs, as it may be just that which changes. */
int text_poke(uint64_t at, const void *bytes, size_t n)
{
	volatile uint8_t *to = (uint8_t *)POKE_AT + (at & PAGE_MASK);
	size_t pages = (at & PAGE_MASK) + n > PAGE_SIZE ? 2 : 1;
	struct pt pt = vm_tables(&app_vm);
	const uint8_t *from = bytes;
	uint64_t *e[POKE_PAGES], pa[POKE_PAGES];

	if (n > PAGE_SIZE)
		return -EINVAL;
	for (size_t i = 0; i < pages; i++) {
		if (!pt_lookup(&pt, PAGE_ALIGN_DOWN(at) + i * PAGE_SIZE, &pa[i]))
			return -EFAULT;
		if (pt_entry_create(&pt, POKE_AT + i * PAGE_SIZE, &e[i]) < 0)
			return -ENOMEM;
	}
	for (size_t i = 0; i < pages; i++) {
		*e[i] = PAGE_ALIGN_DOWN(pa[i]) | PTE_P | PTE_W | PTE_NX;
		invlpg(POKE_AT + i * PAGE_SIZE);
	}
	for (size_t i = 0; i < n; i++)
		to[i] = from[i];
	/* INVLPG serialises, too (SDM vol. 3A 9.3): the CPU takes what it fetched ahead anew. */
	for (size_t i = 0; i < pages; i++) {
		*e[i] = 0;
		invlpg(POKE_AT + i * PAGE_SIZE);
	}
	return 0;
}

static void *mem_alloc(struct bpf_mem *mem, size_t size)
{
	void *p;

	if (trace_running == TRACE_RUNS)
		return NULL;
	if (size <= SMALL_MAX)
		return kzalloc(size);
	return area_alloc(size, &p) == 0 ? p : NULL;
}

static void mem_free(struct bpf_mem *mem, void *p, size_t size)
{
	if (size <= SMALL_MAX)
		kfree(p);
	else
		area_free(p, size);
}

struct bpf_mem area_mem = {.alloc = mem_alloc, .free = mem_free, .ahead = true};

int area_init(void)
{
	struct pt pt = vm_tables(&app_vm);
	struct page_stats pages;
	int r = 0;

	page_get_stats(&pages);
	area_mem.budget = pages.total / 4 * PAGE_SIZE;
	area_mem.seed = clock_monotonic_ns();
	for (uint64_t va = PART_BASE; r == 0 && va < (uint64_t)__part_rodata_end; va += PAGE_SIZE)
		r = direct_set_writable(*pt_entry(&pt, va) & PTE_ADDR, false);
	return r;
}
