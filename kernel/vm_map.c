/* vm_map.c: mapping, unmapping and rights of ranges. */
#include "kernel/panic.h"
#include "kernel/thread.h"
#include "kernel/vm_internal.h"

#define RELAX_PAGES 256			/* so many pages between preemption points */
#define UNMAP_STEP (8 * PT_LARGE_SIZE)

bool vm_is_mapped(struct vmspace *vm, uint64_t addr, uint64_t len)
{
	uint64_t end = addr + len;
	struct vm_area *a;

	if (len == 0)
		return true;
	if (!vm_range_valid(vm, addr, len))
		return false;
	list_for_each(a, &vm->areas, node) {
		if (a->end <= addr)
			continue;
		if (a->start > addr)
			return false;
		addr = a->end;
		if (addr >= end)
			return true;
	}
	return false;
}

static int search_gap(struct vmspace *vm, uint64_t from, uint64_t to, uint64_t len, uint64_t *ret)
{
	struct vm_area *a;

	list_for_each(a, &vm->areas, node) {
		uint64_t start = a->start;

		if (a->end <= from)
			continue;

		/* A stack that runs over must not run into something. */
		if (a->flags & VM_STACK)
			start = start > from + STACK_GAP ? start - STACK_GAP : from;
		if (start > from && start - from >= len)
			break;
		from = a->end;
	}
	if (from >= to || len > to - from)
		return -ENOMEM;
	*ret = from;
	return 0;
}

int vm_find_gap(struct vmspace *vm, uint64_t hint, uint64_t len, uint64_t *ret)
{
	uint64_t base = vm->window ? WINDOW_MMAP_BASE : APP_MMAP_BASE;

	hint = PAGE_ALIGN_DOWN(hint);
	if (hint && vm_range_valid(vm, hint, len) && vm_range_free(vm, hint, hint + len)) {
		*ret = hint;
		return 0;
	}
	if (search_gap(vm, base, vm->high, len, ret) == 0)
		return 0;
	return search_gap(vm, vm->low, base, len, ret);
}

int vm_populate(struct vmspace *vm, uint64_t addr, uint64_t len)
{
	uint64_t end = addr + len;
	unsigned count = 0;

	for (uint64_t va = PAGE_ALIGN_DOWN(addr); va < end; va += PAGE_SIZE) {
		struct vm_area *a;
		struct paddr frame;
		int r;

		if (++count % RELAX_PAGES == 0)
			kernel_relax();
		a = vm_find(vm, va);
		if (!a || a->prot == PROT_NONE)
			continue;
		/* A file's page is copied by the first store, not in advance. */
		r = vm_page_in(vm, va, (a->prot & PROT_WRITE) && !a->vnode, &frame);
		if (r == -ENOMEM)
			return r;
	}
	return 0;
}

static bool populate_at_once(struct vmspace *vm, const struct vm_area *a)
{
	if (a->vnode)
		return !(vm_file_ops->lazy && vm_file_ops->lazy(a->vnode));
	/* fork shares the frames that are there: all must be. Only windows fork. */
	return (a->flags & VM_SHARED) && vm->window;
}

/* vm_populate(), for pages that later faults could not bring in. */
static int populate_all(struct vmspace *vm, uint64_t addr, uint64_t end)
{
	unsigned count = 0;

	for (uint64_t va = addr; va < end; va += PAGE_SIZE) {
		struct paddr frame;

		if (vm_page_in(vm, va, false, &frame) == -ENOMEM)
			return -ENOMEM;
		if (++count % RELAX_PAGES == 0)
			kernel_relax();
	}
	return 0;
}

int vm_map(struct vmspace *vm, uint64_t hint, uint64_t len, uint32_t prot, uint32_t flags, struct vnode *vnode,
	   uint64_t offset, const char *name, uint64_t *ret_addr)
{
	struct vm_area want = { .prot = prot & ~PROT_EXEC, .flags = flags & VM_KEPT, .vnode = vnode, .offset = offset };
	bool fixed = flags & (VM_FIXED | VM_FIXED_NOREPLACE);
	struct vm_area *a;
	uint64_t addr;
	int r;

	if (len == 0 || (offset & PAGE_MASK) || (vnode && offset > INT64_MAX) || (fixed && (hint & PAGE_MASK)))
		return -EINVAL;
	if (len > vm->high - vm->low)
		return -ENOMEM;
	len = PAGE_ALIGN_UP(len);
	if ((prot & PROT_WRITE) && (flags & VM_NOWRITE))
		return -EACCES;
	if ((prot & PROT_EXEC) && ((prot & PROT_WRITE) || (flags & VM_SHARED) || !vm->window))
		return -EACCES;
	if (name) {
		for (unsigned i = 0; i < sizeof(want.name) - 1 && name[i]; i++)
			want.name[i] = name[i];
	}

	addr = hint;
	if (fixed && !vm_range_valid(vm, hint, len))
		return -ENOMEM;
	if (flags & VM_FIXED_NOREPLACE) {
		if (!vm_range_free(vm, addr, addr + len))
			return -EEXIST;
	} else if (flags & VM_FIXED) {
		/* Unmapping may let others run, who may map. */
		while (!vm_range_free(vm, addr, addr + len)) {
			r = vm_unmap(vm, addr, len);
			if (r < 0)
				return r;
		}
	} else {
		r = vm_find_gap(vm, hint, len, &addr);
		if (r < 0)
			return r;
	}

	want.start = addr;
	want.end = addr + len;
	r = vm_area_create(vm, &want, &a);
	if (r < 0)
		return r;
	vm_area_link(vm, a);
	if (populate_at_once(vm, a))
		r = populate_all(vm, addr, addr + len);
	if (r == 0 && (prot & PROT_EXEC))
		r = vm_protect(vm, addr, len, prot);
	if (r < 0) {
		vm_unmap(vm, addr, len);
		return r;
	}
	vm_area_merge(vm, addr, addr + len);
	*ret_addr = addr;
	return 0;
}

static void area_gone(struct vmspace *vm, struct vm_area *a)
{
	struct vnode *v = a->vnode;

	if (v)
		vm_file_ops->get(v);
	vm_area_free(vm, a);
	if (v) {
		if (vm_file_ops->unmapped)
			vm_file_ops->unmapped(v);
		vm_file_ops->put(v);
		kernel_relax();
	}
}

int vm_unmap(struct vmspace *vm, uint64_t addr, uint64_t len)
{
	uint64_t end = addr + PAGE_ALIGN_UP(len);
	struct pt pt = vm_tables(vm);
	unsigned freed = 0;
	struct vm_area *a;
	int r;

	if (len == 0 || (addr & PAGE_MASK) || !vm_range_valid(vm, addr, len))
		return -EINVAL;
	if (vm_range_has(vm, addr, end, VM_REFUSE))
		return -EPERM;
	r = vm_area_isolate(vm, addr, end);
	if (r < 0)
		return r;
	/* From the front, some page tables' worth at a time: the list is true at each step. */
	while ((a = vm_area_from(vm, addr)) && a->start < end) {
		uint64_t from = MAX(a->start, addr), to = MIN(a->end, end), first = from;

		if (pt_next(&pt, &first, to))
			to = MIN(to, (first | (UNMAP_STEP - 1)) + 1);
		/* Others may have mapped something, which then joined what is still to go. */
		r = vm_area_isolate(vm, from, MIN(a->end, end));
		if (r < 0)
			return r;
		a = vm_find(vm, from);
		freed += vm_zap(vm, a, from, to);
		a->offset += to - from;
		a->start = to;
		if (a->start == a->end)
			area_gone(vm, a);
		addr = to;
		if (freed > RELAX_PAGES) {
			freed = 0;
			kernel_relax();
		}
	}
	return 0;
}

int vm_protect(struct vmspace *vm, uint64_t addr, uint64_t len, uint32_t prot)
{
	uint64_t end = addr + PAGE_ALIGN_UP(len);
	struct vm_area *a;
	int r;

	if ((addr & PAGE_MASK) || (prot & ~(uint32_t) (PROT_READ | PROT_WRITE | PROT_EXEC)))
		return -EINVAL;
	if (!vm_range_valid(vm, addr, len))
		return -ENOMEM;
	if (len == 0)
		return 0;
	if (!vm_is_mapped(vm, addr, len))
		return -ENOMEM;
	if (vm_range_has(vm, addr, end, VM_REFUSE))
		return -EPERM;
	if ((prot & PROT_WRITE) && ((prot & PROT_EXEC) || vm_range_has(vm, addr, end, VM_NOWRITE | VM_EXEC_OK)))
		return -EACCES;
	if (prot & PROT_EXEC)
		return vm_protect_exec ? vm_protect_exec(vm, addr, end, prot) : -EACCES;

	r = vm_area_isolate(vm, addr, end);
	if (r < 0)
		return r;
	for (a = vm_area_from(vm, addr); a && a->start < end; a = vm_area_from(vm, a->end)) {
		a->prot = prot;
		vm_apply_prot(vm, a, a->start, a->end);
	}
	vm_area_merge(vm, addr, end);
	return 0;
}

int vm_seal(struct vmspace *vm, uint64_t addr, uint64_t len)
{
	uint64_t end = addr + PAGE_ALIGN_UP(len);
	struct vm_area *a;
	int r = vm_area_isolate(vm, addr, end);

	if (r < 0)
		return r;
	for (a = vm_area_from(vm, addr); a && a->start < end; a = vm_area_from(vm, a->end))
		a->flags |= VM_SEALED;
	return 0;
}

uint64_t vm_brk(struct vmspace *vm, uint64_t addr)
{
	uint64_t from = PAGE_ALIGN_UP(vm->brk), to = PAGE_ALIGN_UP(addr), at;

	if (addr < vm->brk_start || addr > vm->high)
		return vm->brk;
	if (to > from && vm_map(vm, from, to - from, PROT_READ | PROT_WRITE, VM_FIXED_NOREPLACE | VM_HEAP, NULL, 0, "",
				&at) < 0)
		return vm->brk;
	if (to < from && vm_unmap(vm, to, from - to) < 0)
		return vm->brk;
	vm->brk = addr;
	return addr;
}

int vm_advise_dontneed(struct vmspace *vm, uint64_t addr, uint64_t len)
{
	uint64_t end = addr + PAGE_ALIGN_UP(len);
	struct vm_area *a;

	if ((addr & PAGE_MASK) || !vm_range_valid(vm, addr, len))
		return -EINVAL;
	if (vm_range_has(vm, addr, end, VM_REFUSE | VM_EXEC_OK))
		return -EINVAL;
	while (addr < end && (a = vm_area_from(vm, addr)) && a->start < end) {
		uint64_t from = MAX(a->start, addr), to = MIN(a->end, end);

		if (!(a->flags & VM_SHARED)) {
			bool again = populate_at_once(vm, a);

			vm_zap(vm, a, from, to);
			if (again && populate_all(vm, from, to) < 0)
				return -ENOMEM;
			kernel_relax();
		}
		addr = to;
	}
	return 0;
}

int vm_msync(struct vmspace *vm, uint64_t addr, uint64_t len)
{
	uint64_t end = addr + PAGE_ALIGN_UP(len);
	struct pt pt = vm_tables(vm);
	struct vm_area *a;
	int r = 0;

	if ((addr & PAGE_MASK) || !vm_range_valid(vm, addr, len))
		return -EINVAL;
	if (!vm_is_mapped(vm, addr, len))
		return -ENOMEM;
	while (r == 0 && addr < end && (a = vm_area_from(vm, addr)) && a->start < end) {
		uint64_t from = MAX(a->start, addr), to = MIN(a->end, end), *entry;
		struct vnode *v = a->vnode;

		addr = to;
		if (!v || !(a->flags & VM_SHARED))
			continue;
		for (uint64_t va = from; (entry = pt_next(&pt, &va, to)); va += PAGE_SIZE) {
			if (*entry & PTE_D) {
				vm_file_ops->page_dirty(v, vm_file_index(a, va));
				*entry &= ~PTE_D;
				vm_flush(vm, va); /* else the CPU would not set it again */
			}
		}
		if (vm_file_ops->sync) {
			vm_file_ops->get(v);
			r = vm_file_ops->sync(v, vm_file_index(a, from), (to - from) / PAGE_SIZE);
			vm_file_ops->put(v);
		}
	}
	return r;
}
