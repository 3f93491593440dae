/* vm.c: address spaces and their lists of areas. Pages are vm_page.c's, the calls on ranges vm_map.c's. */
#include "kernel/vm.h"

#include "kernel/kmem.h"
#include "kernel/page.h"
#include "kernel/panic.h"
#include "kernel/thread.h"
#include "kernel/vm_internal.h"

#define KERNEL_AREA_START 0xffffc00000000000ULL
#define RESERVE_MIN 32

struct vmspace app_vm;
struct list vm_windows = LIST_INIT(vm_windows);
const struct vm_file_ops *vm_file_ops;
int (*vm_exec_scan)(const void *page, const uint8_t *before, unsigned before_len, const uint8_t *after,
		    unsigned after_len);
int (*vm_protect_exec)(struct vmspace *vm, uint64_t addr, uint64_t end, uint32_t prot);

uint64_t vm_reserve_pages(void)
{
	struct page_stats s;

	page_get_stats(&s);
	return MAX(s.total / 16, RESERVE_MIN);
}

bool vm_may_take_frame(const struct vmspace *vm)
{
	struct page_stats s;

	if (!vm->window)
		return true;
	page_get_stats(&s);
	return s.free > vm_reserve_pages();
}

int vm_charge(struct vmspace *vm)
{
	if (!vm_may_take_frame(vm) || (vm->quota_used && *vm->quota_used >= vm->quota_limit))
		return -ENOMEM;
	vm->pages++;
	if (vm->quota_used)
		++*vm->quota_used;
	return 0;
}

void vm_uncharge(struct vmspace *vm)
{
	vm->pages--;
	if (vm->quota_used)
		--*vm->quota_used;
}

static int table_alloc(void *arg, uint64_t *ret_pa)
{
	struct paddr page;
	int r = vm_charge(arg);

	if (r < 0)
		return r;
	r = page_alloc_zeroed(&page);
	if (r < 0) {
		vm_uncharge(arg);
		return r;
	}
	*ret_pa = page.pa;
	return 0;
}

static void table_free(void *arg, uint64_t pa)
{
	page_put((struct paddr){ pa });
	vm_uncharge(arg);
}

struct pt vm_tables(struct vmspace *vm)
{
	return (struct pt){ vm->root.pa, DIRECT_MAP_BASE, table_alloc, table_free, vm };
}

int vm_entry_create(struct vmspace *vm, uint64_t va, uint64_t **ret)
{
	struct pt pt = vm_tables(vm);
	uint64_t before = *pt_root_entry(&pt, va), after;
	int r = pt_entry_create(&pt, va, ret);
	struct vmspace *w;

	/* Before ring 0 could run anything of it. */
	if (r == 0 && vm->window)
		*vm->first |= vm->view & VIEW_NO_SMEP;
	/* A new slot of the shared part: every window's root gets it, too. It stays for ever. */
	after = *pt_root_entry(&pt, va);
	if (before != after) {
		list_for_each(w, &vm_windows, window_node) {
			struct pt other = vm_tables(w);

			*pt_root_entry(&other, va) = after & ~(w->view & VIEW_NONE);
			other.root = w->user_root.pa;
			if (other.root)
				*pt_root_entry(&other, va) = after & ~w->view;
		}
	}
	return r;
}

/* SDM vol. 3A, 4.10.4.2: what was not present is not cached; anything else is, perhaps, in the active root. The
 * application's part is in every root. Entries of a root that is not loaded went when CR3 was loaded. */
void vm_flush(struct vmspace *vm, uint64_t va)
{
	if (!vm->window || mmu_root() == vm->root.pa)
		mmu_invalidate(va);
}

void vm_flush_all(struct vmspace *vm)
{
	if (!vm->window || mmu_root() == vm->root.pa)
		mmu_load_root(mmu_root());
}

void vm_init(void)
{
	struct pt pt;
	uint64_t *slot, *gib, pa;

	app_vm = (struct vmspace){
		.root = { mmu_root() },
		.low = APP_AREA_START,
		.high = APP_AREA_END,
		.brk_start = APP_AREA_START,
		.brk = APP_AREA_START,
		.refs = 1,
	};
	list_init(&app_vm.areas);
	list_init(&app_vm.window_node);
	pt = vm_tables(&app_vm);

	slot = pt_root_entry(&pt, KERNEL_AREA_START);
	if (!(*slot & PTE_P)) {
		if (table_alloc(&app_vm, &pa) < 0)
			panic("no memory for the kernel's address space");
		*slot = pa | PTE_P | PTE_W;
	}
	/* Entry 0 of the first PDPT is the window: each root has its own there. */
	slot = pt_root_entry(&pt, 0);
	if (*slot & PTE_P) {
		gib = phys_to_virt((struct paddr){ *slot & PTE_ADDR });
		gib[0] = 0;
		mmu_invalidate_all();
	}
}

void vmspace_get(struct vmspace *vm)
{
	vm->refs++;
}

void vmspace_activate(struct vmspace *vm)
{
	struct thread *t = current();

	if (t) {
		t->window = vm->window ? vm : NULL;
		t->cr3 = vm->window ? vm->root.pa : 0;
	}
	if (mmu_root() != vm->root.pa)
		mmu_load_root(vm->root.pa);
}

/* Areas. */

struct vm_area *vm_area_from(struct vmspace *vm, uint64_t addr)
{
	struct vm_area *a;

	list_for_each(a, &vm->areas, node) {
		if (a->end > addr)
			return a;
	}
	return NULL;
}

struct vm_area *vm_find(struct vmspace *vm, uint64_t addr)
{
	struct vm_area *a = vm_area_from(vm, addr);

	return a && a->start <= addr ? a : NULL;
}

bool vm_range_free(struct vmspace *vm, uint64_t addr, uint64_t end)
{
	struct vm_area *a = vm_area_from(vm, addr);

	return !a || a->start >= end;
}

bool vm_range_has(struct vmspace *vm, uint64_t addr, uint64_t end, uint32_t flags)
{
	struct vm_area *a;

	list_for_each(a, &vm->areas, node) {
		if (a->end > addr && a->start < end && (a->flags & flags))
			return true;
	}
	return false;
}

int vm_area_create(struct vmspace *vm, const struct vm_area *like, struct vm_area **ret)
{
	struct vm_area *a;

	if (vm->area_count >= (vm->window ? AREAS_MAX_WINDOW : AREAS_MAX_APP))
		return -ENOMEM;
	a = kmalloc(sizeof(*a));
	if (!a)
		return -ENOMEM;
	*a = *like;
	list_init(&a->node);
	if (a->vnode)
		vm_file_ops->get(a->vnode);
	vm->area_count++;
	*ret = a;
	return 0;
}

void vm_area_link(struct vmspace *vm, struct vm_area *a)
{
	struct vm_area *next = vm_area_from(vm, a->start);

	list_insert_before(next ? &next->node : &vm->areas, &a->node);
}

void vm_area_free(struct vmspace *vm, struct vm_area *a)
{
	struct vnode *v = a->vnode;

	list_del(&a->node);
	vm->area_count--;
	kfree(a);
	if (v) /* last: this may block */
		vm_file_ops->put(v);
}

static int split_at(struct vmspace *vm, uint64_t addr)
{
	struct vm_area *a = vm_find(vm, addr), *b;
	int r;

	if (!a || a->start == addr)
		return 0;
	r = vm_area_create(vm, a, &b);
	if (r < 0)
		return r;
	b->start = addr;
	b->offset = a->offset + (addr - a->start);
	a->end = addr;
	list_insert_before(a->node.next, &b->node);
	return 0;
}

int vm_area_isolate(struct vmspace *vm, uint64_t addr, uint64_t end)
{
	int r = split_at(vm, addr);

	return r < 0 ? r : split_at(vm, end);
}

static bool mergeable(const struct vm_area *a, const struct vm_area *b)
{
	return a->end == b->start && a->prot == b->prot && a->flags == b->flags && a->vnode == b->vnode &&
	       (!a->vnode || a->offset + (a->end - a->start) == b->offset) && !strcmp(a->name, b->name);
}

void vm_area_merge(struct vmspace *vm, uint64_t addr, uint64_t end)
{
	struct vm_area *a = vm_area_from(vm, addr ? addr - 1 : 0);

	while (a && a->node.next != &vm->areas && a->start <= end) {
		struct vm_area *next = container_of(a->node.next, struct vm_area, node);

		if (mergeable(a, next)) {
			a->end = next->end;
			vm_area_free(vm, next); /* a holds the vnode, too: its last reference does not go here */
		} else {
			a = next;
		}
	}
}
