/* page.h: physical page frames. Every frame has a reference count; a frame with no references is free.
 * Frames are reached through the direct map. May be called anywhere in the kernel, interrupt handlers included. */
#ifndef UIO_KERNEL_PAGE_H
#define UIO_KERNEL_PAGE_H

#include "kernel/types.h"

#ifndef DIRECT_MAP_BASE /* hosted tests put their frames elsewhere */
#define DIRECT_MAP_BASE 0xffff800000000000ULL
#endif

/* The kernel's pointer to a physical address below the end of memory. */
static inline void *phys_to_virt(struct paddr p)
{
	return (void *) (p.pa + DIRECT_MAP_BASE);
}

/* The physical address behind a pointer into the direct map (and only there: not for image variables, see
 * image_to_phys(), nor for kernel stacks). */
static inline struct paddr virt_to_phys(const void *v)
{
	return (struct paddr){ (uint64_t) v - DIRECT_MAP_BASE };
}

/* One frame with one reference. 0 or -ENOMEM. Content: undefined (page_alloc) or zero (page_alloc_zeroed). */
int page_alloc(struct paddr *ret_page);
int page_alloc_zeroed(struct paddr *ret_page);

/* `count` (1..256) physically contiguous zeroed frames, for device rings; each has one reference. 0 or -ENOMEM. */
int page_alloc_contig(unsigned count, struct paddr *ret_first);

/* One more reference (at most 60000 a frame, checked) / one less; the last one frees the frame. */
void page_get(struct paddr page);
void page_put(struct paddr page);
void page_put_contig(struct paddr first, unsigned count);
unsigned page_refs(struct paddr page);

/* Heap frames carry a tag instead of a count, so that a wild kfree() is noticed: PAGE_TAG_SLAB, or PAGE_TAG_RUN + n on
 * the first of n frames. Setting 0 gives the frame back its single reference. page_tag() is 0 for any other frame, and
 * for an address that is not a frame's. kmem.c only. */
#define PAGE_TAG_SLAB 0xf000u
#define PAGE_TAG_RUN 0xf100u
void page_set_tag(struct paddr page, unsigned tag);
unsigned page_tag(struct paddr page);

struct page_stats {
	uint64_t total; /* frames managed */
	uint64_t free;  /* frames free now */
	uint64_t min_free; /* the least that were ever free */
};
void page_get_stats(struct page_stats *ret);

/* Boot only. page_init(): the end of the highest RAM range. page_add_range(): RAM that is free to use (not the image,
 * boot tables or modules) and that the direct map covers already; the frame table is taken out of the first range that
 * holds it. Partial frames at the ends and frame 0 are left alone. RAM that is used only for a while (the module with
 * the initial files) may be added later. */
void page_init(uint64_t phys_end);
void page_add_range(uint64_t from, uint64_t to);

#endif
