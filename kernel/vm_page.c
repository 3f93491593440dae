/* vm_page.c: single pages: bringing them in, taking them out, their rights. */
#include "kernel/kmem.h"
#include "kernel/page.h"
#include "kernel/panic.h"
#include "kernel/vm_internal.h"

#define FLUSH_ALL_ABOVE 32 /* pages: reloading CR3 is then cheaper than one INVLPG each */

extern char __arodata_start[], __adata_end[];

uint64_t vm_leaf_flags(const struct vmspace *vm, const struct vm_area *a)
{
	uint64_t flags = PTE_U | (a->prot == PROT_NONE ? PTE_HELD : PTE_P);

	if (!(a->prot & PROT_EXEC) || !vm->window)
		flags |= PTE_NX;
	return flags | (vm->window ? PTE_KEY(WINDOW_KEY) : 0);
}

static struct paddr frame_of(uint64_t entry)
{
	return (struct paddr){ entry & PTE_ADDR };
}

static bool frame_shareable(struct paddr page)
{
	return page_refs(page) < FRAME_SHARES_MAX;
}

static int frame_copy(struct paddr from, struct paddr *ret)
{
	int r = page_alloc(ret);

	if (r == 0)
		memcpy(phys_to_virt(*ret), phys_to_virt(from), PAGE_SIZE);
	return r;
}

/* The page is there: for a write, makes it the area's own. */
static int present_for_write(struct vmspace *vm, struct vm_area *a, uint64_t va, uint64_t *entry)
{
	uint64_t old = *entry;
	struct paddr frame = frame_of(old), own = frame;

	if (a->flags & VM_SHARED) {
		if (a->vnode)
			vm_file_ops->page_dirty(a->vnode, vm_file_index(a, va));
	} else if (page_refs(frame) > 1) {
		bool unpaid = old & PTE_UNPAID;
		int r = unpaid ? vm_charge(vm) : vm_may_take_frame(vm) ? 0 : -ENOMEM;

		if (r < 0)
			return r;
		r = frame_copy(frame, &own);
		if (r < 0) {
			if (unpaid)
				vm_uncharge(vm);
			return r;
		}
		old &= ~PTE_UNPAID;
	}
	*entry = own.pa | (old & (PTE_A | PTE_D | PTE_UNPAID)) | vm_leaf_flags(vm, a) | (a->prot & PROT_WRITE ? PTE_W : 0);
	if ((old & PTE_P) && old != *entry)
		vm_flush(vm, va);
	if (own.pa != frame.pa)
		page_put(frame);
	return 0;
}

/* The file's page for an area, with a reference. The world may have changed when this returns. */
static int get_file_page(struct vm_area *a, uint64_t va, struct paddr *ret)
{
	/* A shared page that is only read now may be written later without asking the file system again. */
	bool for_write = (a->flags & VM_SHARED) && !(a->flags & VM_NOWRITE);
	struct vnode *v = a->vnode;
	int r;

	vm_file_ops->get(v);
	r = vm_file_ops->get_page(v, vm_file_index(a, va), for_write, ret);
	vm_file_ops->put(v);
	return r == -ENOMEM ? r : r < 0 ? -EFAULT : 0;
}

/* Puts a frame (its reference goes along on success) into the empty entry of va. */
static int install(struct vmspace *vm, struct vm_area *a, uint64_t va, struct paddr frame, bool writable, uint64_t unpaid)
{
	uint64_t *entry;
	int r = unpaid ? 0 : vm_charge(vm);

	if (r < 0)
		return r;
	r = vm_entry_create(vm, va, &entry);
	if (r < 0) {
		if (!unpaid)
			vm_uncharge(vm);
		return r;
	}
	*entry = frame.pa | unpaid | vm_leaf_flags(vm, a) | (writable && (a->prot & PROT_WRITE) ? PTE_W : 0);
	return 0;
}

static int absent_anonymous(struct vmspace *vm, struct vm_area *a, uint64_t va, struct paddr *ret)
{
	struct paddr frame;
	int r = page_alloc_zeroed(&frame);

	if (r < 0)
		return r;
	r = install(vm, a, va, frame, true, 0);
	if (r < 0) {
		page_put(frame);
		return r;
	}
	*ret = frame;
	return 0;
}

/* `source` is a reference to the file's page, kept or dropped here. */
static int absent_file(struct vmspace *vm, struct vm_area *a, uint64_t va, bool write, struct paddr source,
		       struct paddr *ret)
{
	bool shared = a->flags & VM_SHARED;
	/* Programs that run the same file pay for what they change. */
	uint64_t unpaid = vm->window && vm_file_ops->immutable && vm_file_ops->immutable(a->vnode) ? PTE_UNPAID : 0;
	struct paddr frame = source;
	int r = 0;

	if (!frame_shareable(source) || (write && !shared)) {
		if (shared)
			r = -ENOMEM;
		else
			r = frame_copy(source, &frame);
		if (r == 0)
			page_put(source);
		unpaid = 0;
	}
	if (r == 0)
		r = install(vm, a, va, frame, write, unpaid);
	if (r < 0) {
		page_put(frame);
		return r;
	}
	if (write && shared)
		vm_file_ops->page_dirty(a->vnode, vm_file_index(a, va));
	*ret = frame;
	return 0;
}

int vm_page_in(struct vmspace *vm, uint64_t va, bool write, struct paddr *ret)
{
	for (;;) {
		struct vm_area *a = vm_find(vm, va);
		struct pt pt = vm_tables(vm);
		struct paddr source;
		struct vnode *v;
		uint64_t *entry, index;
		int r;

		if (!a)
			return -EFAULT;
		entry = pt_entry(&pt, va);
		if (entry && *entry) {
			r = write ? present_for_write(vm, a, va, entry) : 0;
			if (r == 0)
				*ret = frame_of(*entry);
			return r;
		}
		if (a->flags & VM_EXEC_OK) /* was scanned when it was there: nothing comes in later */
			return -EFAULT;
		if (!a->vnode)
			return absent_anonymous(vm, a, va, ret);

		v = a->vnode;
		index = vm_file_index(a, va);
		r = get_file_page(a, va, &source);
		if (r < 0)
			return r;
		/* That may have blocked: look again before acting. */
		a = vm_find(vm, va);
		entry = pt_entry(&pt, va);
		if (a && a->vnode == v && vm_file_index(a, va) == index && !(a->flags & VM_EXEC_OK) &&
		    !(entry && *entry))
			return absent_file(vm, a, va, write, source, ret);
		page_put(source);
	}
}

int vm_fault(struct vmspace *vm, uint64_t addr, bool write, bool exec)
{
	uint64_t va = PAGE_ALIGN_DOWN(addr), *entry;
	struct vm_area *a = vm_find(vm, va);
	struct pt pt = vm_tables(vm);
	struct paddr frame;

	if (!a || a->prot == PROT_NONE || (write && !(a->prot & PROT_WRITE)) ||
	    (exec && (!vm->window || !(a->prot & PROT_EXEC))))
		return -EFAULT;
	/* A file system that may block has its pages brought in by vm_map(): what is missing now is beyond the end. */
	entry = pt_entry(&pt, va);
	if (a->vnode && !(entry && *entry) && !(vm_file_ops->lazy && vm_file_ops->lazy(a->vnode)))
		return -EFAULT;
	return vm_page_in(vm, va, write, &frame);
}

unsigned vm_zap(struct vmspace *vm, struct vm_area *a, uint64_t from, uint64_t to)
{
	struct pt pt = vm_tables(vm);
	unsigned total = 0;

	while (from < to) {
		/* One page table at a time. */
		uint64_t end = MIN(to, (from | (PT_LARGE_SIZE - 1)) + 1), va = from;
		unsigned count = 0, present = 0;
		uint64_t *entry;

		while ((entry = pt_next(&pt, &va, end))) {
			uint64_t old = *entry;

			*entry = 0;
			count++;
			if (old & PTE_P) {
				present++;
				if (present <= FLUSH_ALL_ABOVE)
					vm_flush(vm, va);
			}
			if (a->vnode && (a->flags & VM_SHARED) && (old & PTE_D))
				vm_file_ops->page_dirty(a->vnode, vm_file_index(a, va));
			/* Nothing runs before the flush below, so the frame is not used again before it. */
			page_put(frame_of(old));
			if (!(old & PTE_UNPAID))
				vm_uncharge(vm);
			va += PAGE_SIZE;
		}
		if (count > 0 && pt_prune(&pt, from) > 0 && present == 0)
			vm_flush(vm, from);
		if (present > 0)
			present > FLUSH_ALL_ABOVE ? vm_flush_all(vm) : vm_flush(vm, from);
		total += count;
		/* A whole empty GiB costs one step, not 512. */
		if (count == 0) {
			va = end;
			from = pt_next(&pt, &va, to) ? va : to;
		} else {
			from = end;
		}
	}
	return total;
}

void vm_apply_prot(struct vmspace *vm, struct vm_area *a, uint64_t from, uint64_t to)
{
	struct pt pt = vm_tables(vm);
	uint64_t keep = PTE_ADDR | PTE_A | PTE_D | PTE_UNPAID | (a->prot & PROT_WRITE ? PTE_W : 0);
	unsigned changed = 0;
	uint64_t *entry;

	for (uint64_t va = from; (entry = pt_next(&pt, &va, to)); va += PAGE_SIZE) {
		uint64_t old = *entry, new = (old & keep) | vm_leaf_flags(vm, a);

		/* What was held without rights is looked at by the next write fault. */
		if (!(old & PTE_P) || a->prot == PROT_NONE)
			new &= ~PTE_W;
		*entry = new;
		if ((old & PTE_P) && old != new && ++changed <= FLUSH_ALL_ABOVE)
			vm_flush(vm, va);
	}
	if (changed > FLUSH_ALL_ABOVE)
		vm_flush_all(vm);
}

int vm_get_frame(struct vmspace *vm, uint64_t addr, bool write, struct paddr *ret)
{
	uint64_t va = PAGE_ALIGN_DOWN(addr), entry;
	struct vm_area *a = vm_find(vm, va);
	struct pt pt = vm_tables(vm);
	struct paddr frame;

	if (a) {
		if (write && ((a->flags & (VM_EXEC_OK | VM_SCANNING | VM_NOWRITE)) || (a->prot & PROT_EXEC)))
			return -EFAULT;
		return vm_page_in(vm, va, write, ret);
	}
	/* The application's constants and variables are in the image, mapped by boot. */
	if (vm->window || va < PAGE_ALIGN_DOWN(__arodata_start) || va >= PAGE_ALIGN_UP(__adata_end))
		return -EFAULT;
	entry = pt_lookup(&pt, va, &frame.pa);
	if (!(entry & PTE_U) || (write && !(entry & PTE_W)))
		return -EFAULT;
	*ret = frame;
	return 0;
}

bool vm_is_resident(struct vmspace *vm, uint64_t addr)
{
	struct pt pt = vm_tables(vm);
	uint64_t *entry = pt_entry(&pt, addr);

	return entry && *entry;
}

static int access(struct vmspace *vm, uint64_t addr, uint8_t *to, const uint8_t *from, size_t len)
{
	while (len > 0) {
		size_t offset = addr & PAGE_MASK, n = MIN(len, PAGE_SIZE - offset);
		struct paddr frame;
		uint8_t *p;
		int r = vm_get_frame(vm, addr, from != NULL, &frame);

		if (r < 0)
			return r;
		p = (uint8_t *) phys_to_virt(frame) + offset;
		if (from) {
			memcpy(p, from, n);
			from += n;
		} else {
			memcpy(to, p, n);
			to += n;
		}
		addr += n;
		len -= n;
	}
	return 0;
}

int vm_read(struct vmspace *vm, uint64_t addr, void *to, size_t len)
{
	return access(vm, addr, to, NULL, len);
}

int vm_write(struct vmspace *vm, uint64_t addr, const void *from, size_t len)
{
	return access(vm, addr, NULL, from, len);
}
