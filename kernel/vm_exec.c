/* vm_exec.c: pages of a window that become executable. They are brought in as frames of the area's own or of an immutable file, lose PROT_WRITE
 * for good, are scanned, and only then lose NX. What is refused (protection-key writes) may span a page border, so a scan
 * sees the edges of executable neighbours. */
#include "kernel/page.h"
#include "kernel/panic.h"
#include "kernel/thread.h"
#include "kernel/vm_internal.h"

#define EDGE 2 /* bytes of a neighbour that matter: the instruction in question has three */
#define RELAX_SCANS 16

/* The page at va if it is (or with `pending`, is to become) executable, else NULL. */
static const uint8_t *exec_page(struct vmspace *vm, uint64_t va, uint64_t pending_from, uint64_t pending_to)
{
	struct vm_area *a = vm_find(vm, va);
	struct pt pt = vm_tables(vm);
	uint64_t *entry = pt_entry(&pt, va);

	if (!a || !entry || !*entry)
		return NULL;
	if (!(a->prot & PROT_EXEC) && (va < pending_from || va >= pending_to))
		return NULL;
	return phys_to_virt((struct paddr){ *entry & PTE_ADDR });
}

static int scan(struct vmspace *vm, uint64_t va, uint64_t from, uint64_t to)
{
	const uint8_t *page = exec_page(vm, va, from, to);
	const uint8_t *before = exec_page(vm, va - PAGE_SIZE, from, to);
	const uint8_t *after = exec_page(vm, va + PAGE_SIZE, from, to);

	if (!page)
		return -EFAULT;
	return vm_exec_scan(page, before ? before + PAGE_SIZE - EDGE : NULL, before ? EDGE : 0, after, after ? EDGE : 0);
}

/* Brings all pages in as private frames. Areas are marked, so nobody changes them meanwhile. */
static int gather(struct vmspace *vm, uint64_t addr, uint64_t end)
{
	unsigned count = 0;

	for (uint64_t va = addr; va < end; va += PAGE_SIZE) {
		struct vm_area *a = vm_find(vm, va);
		struct paddr frame;
		int r;

		/* Scanned before, immutable wherever it is mapped: fork's child may share it. */
		if (a->flags & VM_EXEC_OK)
			continue;
		/* A frame that nobody can write any more may be shared with the file, and so with other programs. */
		r = vm_page_in(vm, va, !(a->vnode && vm_file_ops->immutable && vm_file_ops->immutable(a->vnode)), &frame);
		if (r < 0)
			return r == -EFAULT ? -EACCES : r;
		if (++count % RELAX_SCANS == 0)
			kernel_relax();
	}
	return 0;
}

int vm_protect_exec_window(struct vmspace *vm, uint64_t addr, uint64_t end, uint32_t prot)
{
	unsigned count = 0;
	struct vm_area *a;
	int r;

	if (!vm->window || !vm_exec_scan || vm_range_has(vm, addr, end, VM_SHARED))
		return -EACCES;
	r = vm_area_isolate(vm, addr, end);
	if (r < 0)
		return r;
	for (a = vm_area_from(vm, addr); a && a->start < end; a = vm_area_from(vm, a->end)) {
		a->flags |= VM_SCANNING;
		a->prot &= ~(uint32_t) (PROT_WRITE | PROT_EXEC);
		vm_apply_prot(vm, a, a->start, a->end);
	}

	r = gather(vm, addr, end);
	for (uint64_t va = addr; r == 0 && va < end; va += PAGE_SIZE) {
		r = scan(vm, va, addr, end);
		if (++count % RELAX_SCANS == 0)
			kernel_relax();
	}
	/* The neighbours outside may have become executable meanwhile; from here on nothing else runs. */
	if (r == 0)
		r = scan(vm, addr, addr, end);
	if (r == 0)
		r = scan(vm, end - PAGE_SIZE, addr, end);

	for (a = vm_area_from(vm, addr); a && a->start < end; a = vm_area_from(vm, a->end)) {
		a->flags &= ~VM_SCANNING;
		if (r == 0) {
			a->flags |= VM_EXEC_OK;
			a->prot = prot;
			vm_apply_prot(vm, a, a->start, a->end);
		}
	}
	vm_area_merge(vm, addr, end);
	return r;
}
