/* vm_window.c: the life of a window, an overlay program's address space. */
#include "kernel/kmem.h"
#include "kernel/page.h"
#include "kernel/panic.h"
#include "kernel/thread.h"
#include "kernel/usercopy.h"
#include "kernel/vm_internal.h"

#define ENTRIES (PAGE_SIZE / sizeof(uint64_t))

/* A root like the base root, but for entry 0 of the first PDPT. Both tables are charged. */
static int make_root(struct vmspace *vm)
{
	const uint64_t *base = phys_to_virt(app_vm.root), *base_first;
	struct paddr first;
	uint64_t *root, *gib;
	int r;

	if (!vm_may_take_frame(vm))
		return -ENOMEM;
	r = page_alloc_zeroed(&vm->root);
	if (r < 0)
		return r;
	r = page_alloc_zeroed(&first);
	if (r < 0) {
		page_put(vm->root);
		return r;
	}
	vm->pages = 2;
	root = phys_to_virt(vm->root);
	gib = phys_to_virt(first);
	memcpy(root, base, PAGE_SIZE);
	if (base[0] & PTE_P) {
		base_first = phys_to_virt((struct paddr){ base[0] & PTE_ADDR });
		for (unsigned i = 1; i < ENTRIES; i++)
			gib[i] = base_first[i];
	}
	root[0] = first.pa | PTE_P | PTE_W | PTE_U;
	return 0;
}

int vmspace_create_window(struct vmspace **ret)
{
	struct vmspace *vm = kzalloc(sizeof(*vm));
	int r;

	if (!vm)
		return -ENOMEM;
	vm->window = true;
	vm->low = WINDOW_START;
	vm->high = WINDOW_END - 0x10000; /* no code ends at WINDOW_END: see syscall_entry in arch/x86_64/entry.S */
	vm->refs = 1;
	list_init(&vm->areas);
	r = make_root(vm);
	if (r < 0) {
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
	uint64_t first;
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

	first = *(uint64_t *) phys_to_virt(vm->root) & PTE_ADDR;
	page_put((struct paddr){ first });
	page_put(vm->root);
	vm_uncharge(vm);
	vm_uncharge(vm);
	kassert(vm->pages == 0);
	kfree(vm);
}
