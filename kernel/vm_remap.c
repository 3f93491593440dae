/* vm_remap.c: mremap: a mapping that shrinks, grows or moves. */
#include "kernel/panic.h"
#include "kernel/vm_internal.h"

/* Carries the entries of [from, from+len) over to `to`; tables may be missing there. All or nothing. */
static int move_entries(struct vmspace *vm, uint64_t from, uint64_t to, uint64_t len)
{
	struct pt pt = vm_tables(vm);
	uint64_t *src, *dst, last;
	int r = 0;

	for (uint64_t va = from; (src = pt_next(&pt, &va, from + len)); va += PAGE_SIZE) {
		r = vm_entry_create(vm, va - from + to, &dst);
		if (r < 0)
			break;
		*dst = *src;
		*src = 0;
		vm_flush(vm, va);
	}
	if (r < 0) { /* the tables that they came from are still there */
		for (uint64_t va = to; (dst = pt_next(&pt, &va, to + len)); va += PAGE_SIZE) {
			src = pt_entry(&pt, va - to + from);
			*src = *dst;
			*dst = 0;
			vm_flush(vm, va);
		}
	}
	last = (r < 0 ? to : from) + len;
	for (uint64_t va = r < 0 ? to : from; va < last; va = (va | (PT_LARGE_SIZE - 1)) + 1) {
		if (pt_prune(&pt, va) > 0)
			vm_flush(vm, va);
	}
	return r;
}

static int move(struct vmspace *vm, uint64_t addr, uint64_t old_len, uint64_t to, uint64_t new_len)
{
	struct vm_area *a, *b, want;
	int r = vm_area_isolate(vm, addr, addr + old_len);

	if (r < 0)
		return r;
	a = vm_find(vm, addr);
	want = *a;
	want.start = to;
	want.end = to + new_len;
	r = vm_area_create(vm, &want, &b);
	if (r < 0)
		return r;
	r = move_entries(vm, addr, to, old_len);
	if (r < 0) {
		vm_area_free(vm, b);
		return r;
	}
	vm_area_link(vm, b);
	vm_area_free(vm, a); /* b holds the vnode: this does not block */
	return 0;
}

int vm_remap(struct vmspace *vm, uint64_t addr, uint64_t old_len, uint64_t new_len, bool may_move, uint64_t fixed_addr,
	     uint64_t *ret_addr)
{
	uint64_t to = addr;
	struct vm_area *a;
	bool populate;
	int r;

	if ((addr & PAGE_MASK) || old_len == 0 || new_len == 0 || old_len > vm->high || new_len > vm->high)
		return -EINVAL;
	old_len = PAGE_ALIGN_UP(old_len);
	new_len = PAGE_ALIGN_UP(new_len);
	if (fixed_addr) {
		if ((fixed_addr & PAGE_MASK) || !may_move || !vm_range_valid(vm, fixed_addr, new_len) ||
		    (fixed_addr < addr + old_len && addr < fixed_addr + new_len))
			return -EINVAL;
	}
	a = vm_find(vm, addr);
	if (!a || old_len > a->end - addr)
		return -EFAULT;
	if (a->flags & VM_REFUSE)
		return -EPERM;
	if ((a->flags & VM_EXEC_OK) || (a->prot & PROT_EXEC))
		return -EACCES;

	if (new_len < old_len) {
		r = vm_unmap(vm, addr + new_len, old_len - new_len);
		if (r < 0)
			return r;
		old_len = new_len;
	}
	if (fixed_addr) {
		while (!vm_range_free(vm, fixed_addr, fixed_addr + new_len)) {
			r = vm_unmap(vm, fixed_addr, new_len);
			if (r < 0)
				return r;
		}
		a = vm_find(vm, addr); /* unmapping may have let others run */
		if (!a || old_len > a->end - addr || (a->flags & (VM_REFUSE | VM_EXEC_OK)))
			return -EFAULT;
		to = fixed_addr;
	} else if (new_len > old_len) {
		if (a->end == addr + old_len && vm_range_valid(vm, addr, new_len) &&
		    vm_range_free(vm, a->end, addr + new_len)) {
			a->end = addr + new_len;
		} else if (!may_move) {
			return -ENOMEM;
		} else {
			r = vm_find_gap(vm, 0, new_len, &to);
			if (r < 0)
				return r;
		}
	}
	if (to != addr) {
		r = move(vm, addr, old_len, to, new_len);
		if (r < 0)
			return r;
	}
	a = vm_find(vm, to);
	populate = new_len > old_len && (a->vnode || (a->flags & VM_SHARED));
	vm_area_merge(vm, to, to + new_len);
	if (populate)
		vm_populate(vm, to + old_len, new_len - old_len);
	*ret_addr = to;
	return 0;
}
