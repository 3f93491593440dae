/* vm_window.c: the life of a window, an overlay program's address space. */
#include "kernel/kmem.h"
#include "kernel/page.h"
#include "kernel/panic.h"
#include "kernel/thread.h"
#include "kernel/usercopy.h"
#include "kernel/vm_internal.h"

#define ENTRIES (PAGE_SIZE / sizeof(uint64_t))

uint64_t vm_image_read_only;

/* A root like the base root, but for entry 0 of the first PDPT and what `clear` takes out of the shared entries of the
 * application's half. Both tables are charged. */
static int make_root(struct vmspace *vm, uint64_t clear, struct paddr *ret_root, uint64_t **ret_first)
{
	const uint64_t *base = phys_to_virt(app_vm.root), *base_first;
	struct paddr pages[2];
	uint64_t *root, *first;

	if (page_alloc_zeroed(&pages[0]) < 0)
		return -ENOMEM;
	if (page_alloc_zeroed(&pages[1]) < 0) {
		page_put(pages[0]);
		return -ENOMEM;
	}
	vm->pages += 2;
	root = phys_to_virt(pages[0]);
	first = phys_to_virt(pages[1]);
	for (unsigned i = 0; i < ENTRIES; i++)
		root[i] = base[i] & ~(i < ENTRIES / 2 ? clear : 0);
	if (base[0] & PTE_P) {
		base_first = phys_to_virt((struct paddr){ base[0] & PTE_ADDR });
		for (unsigned i = 1; i < ENTRIES; i++)
			first[i] = base_first[i] & ~clear;
		if (clear & VIEW_READ)
			first[1] = vm_image_read_only;
	}
	root[0] = pages[1].pa | PTE_P | PTE_W | PTE_U;
	*ret_root = pages[0];
	*ret_first = first;
	return 0;
}

static void free_root(struct vmspace *vm, struct paddr root)
{
	uint64_t first;

	if (!root.pa)
		return;
	first = *(uint64_t *) phys_to_virt(root) & PTE_ADDR;
	page_put((struct paddr){ first });
	page_put(root);
	vm_uncharge(vm);
	vm_uncharge(vm);
}

int vmspace_create_window(uint64_t view, struct vmspace **ret)
{
	struct vmspace *vm = kzalloc(sizeof(*vm));
	int r = -ENOMEM;

	if (!vm)
		return -ENOMEM;
	vm->window = true;
	vm->low = WINDOW_START;
	vm->high = WINDOW_END - 0x10000; /* no code ends at WINDOW_END: see syscall_entry in arch/x86_64/entry.S */
	vm->refs = 1;
	list_init(&vm->areas);
	vm->view = view;
	if (vm_may_take_frame(vm))
		r = make_root(vm, view & VIEW_NONE, &vm->root, &vm->first);
	if (r == 0 && view & ~VIEW_NONE)
		r = make_root(vm, view & ~VIEW_NO_SMEP, &vm->user_root, &vm->user_first);
	if (r < 0) {
		free_root(vm, vm->root);
		kfree(vm);
		return r;
	}
	list_add_tail(&vm_windows, &vm->window_node);
	vm_protect_exec = vm_protect_exec_window;
	*ret = vm;
	return 0;
}

int vmspace_set_quota(struct vmspace *vm, uint64_t *used, uint64_t limit_pages)
{
	if (*used > limit_pages || vm->pages > limit_pages - *used)
		return -ENOMEM;
	if (vm->quota_used)
		*vm->quota_used -= vm->pages;
	*used += vm->pages;
	vm->quota_used = used;
	vm->quota_limit = limit_pages;
	return 0;
}

void vmspace_put(struct vmspace *vm)
{
	struct vm_area *a;

	kassert(vm->refs > 0);
	if (--vm->refs > 0)
		return;
	kassert(vm->window);
	if (mmu_root() == vm->root.pa)
		mmu_load_root(app_vm.root.pa);
	list_for_each(a, &vm->areas, node)
		a->flags &= ~(uint32_t) VM_REFUSE;
	vm_unmap(vm, vm->low, vm->high - vm->low);
	kassert(list_empty(&vm->areas));
	list_del(&vm->window_node);

	free_root(vm, vm->root);
	free_root(vm, vm->user_root);
	kassert(vm->pages == 0);
	kfree(vm);
}
