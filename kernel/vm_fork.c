/* vm_fork.c: a copy of a window whose private pages are copied when written. */
#include "kernel/page.h"
#include "kernel/panic.h"
#include "kernel/thread.h"
#include "kernel/vm_internal.h"

#define FORK_CHUNK (256 * PAGE_SIZE) /* between preemption points */

static int share_page(struct vmspace *from, struct vmspace *to, const struct vm_area *a, uint64_t va, uint64_t *entry)
{
	struct paddr frame = { *entry & PTE_ADDR };
	uint64_t *copy;
	int r;

	if (page_refs(frame) >= FRAME_SHARES_MAX)
		return -ENOMEM;
	r = *entry & PTE_UNPAID ? 0 : vm_charge(to);
	if (r < 0)
		return r;
	r = vm_entry_create(to, va, &copy);
	if (r < 0) {
		if (!(*entry & PTE_UNPAID))
			vm_uncharge(to);
		return r;
	}
	if (!(a->flags & VM_SHARED) && (*entry & PTE_W)) {
		*entry &= ~PTE_W;
		vm_flush(from, va);
	}
	page_get(frame);
	*copy = *entry & ~(a->flags & VM_SHARED ? PTE_D : 0ULL);
	return 0;
}

/* [start, end) of an area of `from` as an area of `to`. */
static int copy_chunk(struct vmspace *from, struct vmspace *to, struct vm_area *a, uint64_t start, uint64_t end)
{
	struct pt pt = vm_tables(from);
	struct vm_area like = *a, *copy;
	uint64_t *entry;
	int r;

	like.start = start;
	like.end = end;
	like.offset += start - a->start;
	like.flags &= ~VM_SCANNING;
	r = vm_area_create(to, &like, &copy);
	if (r < 0)
		return r;
	vm_area_link(to, copy);
	for (uint64_t va = start; (entry = pt_next(&pt, &va, end)); va += PAGE_SIZE) {
		r = share_page(from, to, copy, va, entry);
		if (r < 0)
			return r;
	}
	vm_area_merge(to, start, end);
	return 0;
}

int vmspace_fork(struct vmspace *from, struct vmspace **ret)
{
	struct vmspace *to;
	struct vm_area *a;
	uint64_t at = from->low;
	int r;

	if (!from->window)
		return -ENOSYS;
	r = vmspace_create_window(from->view, &to);
	if (r < 0)
		return r;
	if (from->quota_used)
		r = vmspace_set_quota(to, from->quota_used, from->quota_limit);
	to->brk_start = from->brk_start;
	to->brk = from->brk;
	/* Other threads of the program may change the list while we relax: go on by address. */
	while (r == 0 && (a = vm_area_from(from, at))) {
		uint64_t start = MAX(a->start, at), end = a->end;

		if (from->pages > FORK_CHUNK / PAGE_SIZE)
			end = MIN(end, start + FORK_CHUNK);
		r = copy_chunk(from, to, a, start, end);
		at = end;
		if (r == 0 && from->pages > FORK_CHUNK / PAGE_SIZE)
			kernel_relax();
	}
	if (r < 0) {
		vmspace_put(to);
		return r;
	}
	*ret = to;
	return 0;
}
