/* vm.h: address spaces. There is one for the application (its range is the application area) and one per overlay
 * process (its range is the window). An area is a run of pages with one protection and one origin; pages come on the
 * first touch. W^X: no area is ever writable and executable. */
#ifndef UIO_KERNEL_VM_H
#define UIO_KERNEL_VM_H

#include "kernel/types.h"

#define APP_AREA_START 0x100000000000ULL
#define APP_AREA_END 0x180000000000ULL
#define WINDOW_START 0x10000ULL /* below: never mapped, so that null pointers fault */

#define PROT_NONE 0
#define PROT_READ 1
#define PROT_WRITE 2
#define PROT_EXEC 4

enum {
	VM_SHARED = 1 << 0,	/* changes are seen by all who map the same vnode (or forked from the same anonymous area) */
	VM_STACK = 1 << 1,	/* shown as [stack] */
	VM_HEAP = 1 << 2,	/* the brk area */
	VM_SEALED = 1 << 3,	/* munmap, mprotect and mremap refuse it: the loader's stubs */
	VM_FIXED = 1 << 4,	/* vm_map(): exactly at `hint`, replacing what is there */
	VM_FIXED_NOREPLACE = 1 << 5,
	VM_EXEC_OK = 1 << 6,	/* set by vm_protect() only: pages have been scanned; never writable again */
	VM_NOWRITE = 1 << 7,	/* PROT_WRITE is refused (-EACCES): a shared mapping of a file open for reading */
};

struct vnode;
struct vm_area {
	struct list node;	/* in vmspace.areas, sorted by address */
	uint64_t start, end;	/* page aligned */
	uint32_t prot;
	uint32_t flags;
	struct vnode *vnode;	/* referenced; NULL: anonymous */
	uint64_t offset;	/* of `start` in the file, page aligned */
	char name[16];		/* for /proc/PID/maps when anonymous */
};

struct vmspace {
	struct list areas;
	struct list window_node; /* every window: they follow the base root's shared slots */
	unsigned area_count;
	struct paddr root;	/* PML4; the base root for the application */
	struct paddr user_root;	/* what ring 3 runs on, if that is not `root`; else 0 */
	uint64_t *first, *user_first; /* the two roots' first PDPT; entry 0 is the window */
	uint64_t view;		/* VIEW_*, of the window */
	bool window;		/* an overlay program's: lives below WINDOW_END, pages get key 1 */
	uint64_t low, high;	/* where areas may lie */
	uint64_t brk_start, brk;/* program break */
	uint64_t pages;		/* pages mapped (shared ones, too; not those of immutable files) and page tables; the quota counts them */
	uint64_t *quota_used;	/* pages: shared by a program and its children; NULL: none */
	uint64_t quota_limit;	/* pages */
	unsigned refs;		/* processes that share it (vfork, CLONE_VM) */
};

/* The application's. */
extern struct vmspace app_vm;

/* Boot, on the final page tables (CR3 is the base root): makes app_vm, the kernel virtual area's slot, and takes the
 * first GiB, the boot loader's identity map, away. */
void vm_init(void);

/* How ring 3 sees the application's memory from a window (SDM vol. 3A, 4.6.1: the rights of all levels count together).
 * Bits of the entries above the leaves, as in pt.h. */
#define VIEW_ALL 0
#define VIEW_READ (1ULL << 1)	 /* it has a root of its own, in which W=0: CR0.WP binds ring 0 as well */
#define VIEW_NONE (1ULL << 2)	 /* U=0, which ring 0 does not mind: one root */
#define VIEW_NO_SMEP (1ULL << 63) /* ring 0 gets a root in which nothing of the window is executable */
/* For VIEW_READ: the image's GiB with the application's variables read-only, an entry of a PDPT. */
extern uint64_t vm_image_read_only;

/* An empty window without a quota: -ENOMEM. A part of memory is never given to windows (vm_reserve_pages()), so that
 * they cannot starve the application and the kernel. */
int vmspace_create_window(uint64_t view, struct vmspace **ret);
/* Counts vm's pages, those it has and those to come, in *used, which outlives it. -ENOMEM if they are above the limit. */
int vmspace_set_quota(struct vmspace *vm, uint64_t *used, uint64_t limit_pages);
uint64_t vm_reserve_pages(void);
void vmspace_get(struct vmspace *vm);
/* The last reference frees all pages, tables and areas; may call kernel_relax(). Not while vm is the active root. */
void vmspace_put(struct vmspace *vm);
/* fork: a copy in which writable private pages are shared until written; windows only. Calls kernel_relax(). -ENOMEM. */
int vmspace_fork(struct vmspace *from, struct vmspace **ret);
/* Brings the window's `user_root` up to date and returns it. It must be loaded right after. */
static inline uint64_t vm_user_root(struct vmspace *vm)
{
	/* The table below entry 0 comes and goes (pt_prune()); vm_entry_create() has made it. */
	*vm->user_first = *vm->first & ~VIEW_NO_SMEP;
	return vm->user_root.pa;
}
/* Loads the root into CR3 and makes it the current thread's. */
void vmspace_activate(struct vmspace *vm);

/* mmap. Addresses and lengths are checked here. -EINVAL, -ENOMEM, -EACCES (W^X), -EEXIST, -EPERM (sealed). `vnode` gets
 * a reference. Pages of a vnode whose file system may block come at once (-EFAULT beyond the end is not an error), and so
 * do executable ones, which go through vm_protect()'s scan. May block, and call kernel_relax(). */
int vm_map(struct vmspace *vm, uint64_t hint, uint64_t len, uint32_t prot, uint32_t flags, struct vnode *vnode,
	   uint64_t offset, const char *name, uint64_t *ret_addr);
int vm_unmap(struct vmspace *vm, uint64_t addr, uint64_t len);
/* A page that gains PROT_EXEC in a window is brought in, made private, scanned for WRPKRU together with its
 * neighbours' edges, and can never become writable again (-EACCES). -ENOMEM also for a hole in the range. When making
 * pages executable fails, they may have lost PROT_WRITE. May block, and call kernel_relax(). */
int vm_protect(struct vmspace *vm, uint64_t addr, uint64_t len, uint32_t prot);
/* mremap. -EFAULT: not one area, -EINVAL, -ENOMEM, -EACCES: executable pages do not move. */
int vm_remap(struct vmspace *vm, uint64_t addr, uint64_t old_len, uint64_t new_len, bool may_move, uint64_t fixed_addr,
	     uint64_t *ret_addr);
/* Brings in what can be had of the pages, for writing where the area allows it. May block, and call kernel_relax().
 * 0, or -ENOMEM (what came stays). */
int vm_populate(struct vmspace *vm, uint64_t addr, uint64_t len);
/* Sets VM_SEALED on the areas of the range, which vm_map() made. 0 or -ENOMEM. */
int vm_seal(struct vmspace *vm, uint64_t addr, uint64_t len);
uint64_t vm_brk(struct vmspace *vm, uint64_t addr); /* returns the break in force */
int vm_msync(struct vmspace *vm, uint64_t addr, uint64_t len);
int vm_advise_dontneed(struct vmspace *vm, uint64_t addr, uint64_t len);
struct vm_area *vm_find(struct vmspace *vm, uint64_t addr); /* NULL when unmapped */
/* True when areas cover the range, which may lie anywhere; an empty one is covered. */
bool vm_is_mapped(struct vmspace *vm, uint64_t addr, uint64_t len);
/* True when the page is in memory. */
bool vm_is_resident(struct vmspace *vm, uint64_t addr);

/* Brings a page in. `write` for a store. 0, or -EFAULT (no area, or rights), -ENOMEM (no frame or quota). Never blocks.
 * Not for protection-key faults: the rights here say nothing about keys. */
int vm_fault(struct vmspace *vm, uint64_t addr, bool write, bool exec);
/* Brings the page in (breaking copy-on-write if `write`) and returns its frame, for the kernel's own access through the
 * direct map to a space that need not be active (loader, /proc/PID/mem, backtraces). */
int vm_get_frame(struct vmspace *vm, uint64_t addr, bool write, struct paddr *ret);
int vm_read(struct vmspace *vm, uint64_t addr, void *to, size_t len);
int vm_write(struct vmspace *vm, uint64_t addr, const void *from, size_t len); /* read-only pages too: loader */

/* Where file pages come from: fs/ sets these at boot, since kernel/ may not name it.
 * get_page: the vnode's page `index` with a reference, shared (VM_SHARED) or as the source of a private copy. */
struct vm_file_ops {
	int (*get_page)(struct vnode *v, uint64_t index, bool for_write, struct paddr *ret);
	void (*page_dirty)(struct vnode *v, uint64_t index);
	int (*sync)(struct vnode *v, uint64_t first, uint64_t count);
	void (*get)(struct vnode *v);
	void (*put)(struct vnode *v);
	/* A mapping has gone: what it wrote is to go where the file lives, and the pages that nobody maps may go. May block.
	 * NULL: nothing to do. */
	void (*unmapped)(struct vnode *v);
	/* True: get_page never blocks for v, so pages may come on the first touch. NULL: false for all. */
	bool (*lazy)(struct vnode *v);
	/* True: v's frames never change, so executable pages may share them. */
	bool (*immutable)(struct vnode *v);
};
extern const struct vm_file_ops *vm_file_ops;


/* Looks for instructions that may not be executable (overlay/ sets it; NULL: nothing may): 0, or -EACCES. `before` and
 * `after` are the bytes next to the page (up to 2) where the neighbour is executable, too. */
extern int (*vm_exec_scan)(const void *page, const uint8_t *before, unsigned before_len, const uint8_t *after,
			   unsigned after_len);

#endif
