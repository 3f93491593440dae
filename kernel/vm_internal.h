/* vm_internal.h: what the files vm*.c share. Invariants: areas are sorted and do not overlap; an entry of the page tables
 * that is not zero belongs to an area and holds one reference to its frame; vm->pages is the number of such entries and of
 * the tables made for them (without PTE_UNPAID); a private frame that is writable through one entry is referenced by that entry alone. */
#ifndef UIO_KERNEL_VM_INTERNAL_H
#define UIO_KERNEL_VM_INTERNAL_H

#include "arch/x86_64/mmu.h"
#include "arch/x86_64/pt.h"
#include "kernel/vm.h"

#define AREAS_MAX_WINDOW 1024
#define AREAS_MAX_APP 16384
#define STACK_GAP (16 * PAGE_SIZE)	/* kept free below a VM_STACK area */
#define APP_MMAP_BASE (APP_AREA_START + (512ULL << 20))
#define WINDOW_MMAP_BASE (256ULL << 20)
#define WINDOW_KEY 1
#define FRAME_SHARES_MAX 50000		/* well below page_get()'s limit */

/* Ours: vm_protect_exec() is looking at the pages. Like VM_SEALED, and vm_write() is refused, too. */
#define VM_SCANNING (1u << 16)
#define VM_REFUSE (VM_SEALED | VM_SCANNING)
/* The flags of vm_map() that an area keeps. */
#define VM_KEPT (VM_SHARED | VM_STACK | VM_HEAP | VM_SEALED | VM_NOWRITE)

/* vm.c: spaces and areas. */
struct pt vm_tables(struct vmspace *vm);
/* One more page or table on the account: -ENOMEM when quota, reserve or area limits say no. */
int vm_charge(struct vmspace *vm);
void vm_uncharge(struct vmspace *vm);
/* False when the rest of memory is not for windows, and vm is one. */
bool vm_may_take_frame(const struct vmspace *vm);
/* Drops a cached translation if the CPU can have one. */
void vm_flush(struct vmspace *vm, uint64_t va);
void vm_flush_all(struct vmspace *vm);
/* The entry for va with all tables. */
int vm_entry_create(struct vmspace *vm, uint64_t va, uint64_t **ret);
struct vm_area *vm_area_from(struct vmspace *vm, uint64_t addr); /* first that ends above addr, or NULL */
int vm_area_create(struct vmspace *vm, const struct vm_area *like, struct vm_area **ret); /* not linked; refs the vnode */
void vm_area_link(struct vmspace *vm, struct vm_area *a);
void vm_area_free(struct vmspace *vm, struct vm_area *a); /* linked or not; pages must be gone */
/* Makes `addr` and `end` borders of areas. */
int vm_area_isolate(struct vmspace *vm, uint64_t addr, uint64_t end);
void vm_area_merge(struct vmspace *vm, uint64_t addr, uint64_t end); /* joins what is alike around and inside */
bool vm_range_free(struct vmspace *vm, uint64_t addr, uint64_t end);
/* Any area in the range that has one of these flags. */
bool vm_range_has(struct vmspace *vm, uint64_t addr, uint64_t end, uint32_t flags);
static inline uint64_t vm_file_index(const struct vm_area *a, uint64_t va)
{
	return (a->offset + (va - a->start)) / PAGE_SIZE;
}

/* vm_page.c: pages. */
/* The leaf bits for an area's protection, without PTE_W. */
uint64_t vm_leaf_flags(const struct vmspace *vm, const struct vm_area *a);
/* Brings the page in; `write`: as a private frame of its own (private areas) or dirty (shared). Asks no rights. May block
 * in get_page. -EFAULT, -ENOMEM. */
int vm_page_in(struct vmspace *vm, uint64_t va, bool write, struct paddr *ret);
/* Takes all pages of the range out of one area. */
unsigned vm_zap(struct vmspace *vm, struct vm_area *a, uint64_t from, uint64_t to);
/* Brings the entries of the range in line with a->prot. */
void vm_apply_prot(struct vmspace *vm, struct vm_area *a, uint64_t from, uint64_t to);

/* vm_map.c: a gap of len bytes: at the hint if that is free, else the first from the mapping base on. -ENOMEM. */
int vm_find_gap(struct vmspace *vm, uint64_t hint, uint64_t len, uint64_t *ret);
/* True when [addr, addr+len) lies in vm's range; len may be 0. */
static inline bool vm_range_valid(const struct vmspace *vm, uint64_t addr, uint64_t len)
{
	return addr >= vm->low && addr <= vm->high && len <= vm->high - addr;
}

/* vm_exec.c, reached through a pointer that windows set, so that an image without them does not link it. */
extern int (*vm_protect_exec)(struct vmspace *vm, uint64_t addr, uint64_t end, uint32_t prot);
int vm_protect_exec_window(struct vmspace *vm, uint64_t addr, uint64_t end, uint32_t prot);
/* vm_window.c */
extern struct list vm_windows;

#endif
