/* test_vm.c: what kernel/vm.h promises, on fake memory and a fake MMU: a walk of the real tables behind a TLB that forgets
 * nothing until it is told to, so that a missing invalidation shows. */
#include "tests/unit/frames.h"

#include "kernel/kmem.c"
#include "kernel/page.c"
#include "kernel/vm.c"
#include "kernel/vm_exec.c"
#include "kernel/vm_fork.c"
#undef RELAX_PAGES
#include "kernel/vm_map.c"
#define move vm_remap_move
#include "kernel/vm_remap.c"
#undef move
#undef ENTRIES
#include "kernel/vm_page.c"
#include "kernel/vm_window.c"

#include "tests/unit/test.h"

#define MIB (1024 * 1024ULL)
#define RW (PROT_READ | PROT_WRITE)
#define RX (PROT_READ | PROT_EXEC)
#define W0 0x20000000ULL /* a place in the window */

void panic(const char *fmt, ...)
{
	fprintf(stderr, "panic: %s\n", fmt);
	abort();
}

struct thread *current_thread;
char __arodata_start[1], __adata_end[1];

/* The MMU. */

#define TLB_SIZE 4096
static struct {
	uint64_t va, entry;
} tlb[TLB_SIZE];
static unsigned tlb_count;
static uint64_t cr3;
static void (*on_relax)(void);

uint64_t mmu_root(void)
{
	return cr3;
}

void mmu_load_root(uint64_t pa)
{
	cr3 = pa;
	tlb_count = 0;
}

void mmu_invalidate(uint64_t va)
{
	for (unsigned i = 0; i < tlb_count; i++) {
		if (tlb[i].va == PAGE_ALIGN_DOWN(va))
			tlb[i--] = tlb[--tlb_count];
	}
}

void mmu_invalidate_all(void)
{
	tlb_count = 0;
}

void kernel_relax(void)
{
	if (on_relax)
		on_relax();
}

/* The active space's byte at va, or NULL: fault. */
static uint8_t *access_once(uint64_t va, bool write, bool exec)
{
	struct pt pt = { .root = cr3, .base = DIRECT_MAP_BASE };
	uint64_t page = PAGE_ALIGN_DOWN(va), *e = NULL, entry = 0;

	for (unsigned i = 0; i < tlb_count && !entry; i++) {
		if (tlb[i].va == page)
			entry = tlb[i].entry;
	}
	if (!entry || (write && !(entry & PTE_D))) {
		uint64_t cached = entry;

		e = pt_entry(&pt, page);
		if (!cached) {
			if (!e || !(*e & PTE_P))
				return NULL;
			entry = *e;
		}
		if ((write && !(entry & PTE_W)) || (exec && (entry & PTE_NX))) {
			/* A fault drops the page's own translation: SDM vol. 3A, 4.10.4.1. */
			mmu_invalidate(page);
			return NULL;
		}
		assert_non_null(e);
		*e |= PTE_A | (write ? PTE_D : 0);
		mmu_invalidate(page);
		entry = *e;
		assert_true(tlb_count < TLB_SIZE);
		tlb[tlb_count].va = page;
		tlb[tlb_count++].entry = entry;
	}
	assert_true(entry & PTE_U);
	if ((write && !(entry & PTE_W)) || (exec && (entry & PTE_NX)))
		return NULL;
	assert_false((entry & PTE_W) && !(entry & PTE_NX)); /* W^X */
	return (uint8_t *) phys_to_virt((struct paddr){ entry & PTE_ADDR }) + (va & PAGE_MASK);
}

/* As the trap handler does it. */
static uint8_t *touch(struct vmspace *vm, uint64_t va, bool write, bool exec)
{
	uint8_t *p;

	if (vm->window && cr3 != vm->root.pa)
		mmu_load_root(vm->root.pa);
	p = access_once(va, write, exec);
	if (p)
		return p;
	if (vm_fault(vm, va, write, exec) < 0)
		return NULL;
	p = access_once(va, write, exec);
	assert_non_null(p);
	return p;
}

/* 0 or -EFAULT. */
static int poke(struct vmspace *vm, uint64_t va, uint8_t v)
{
	uint8_t *p = touch(vm, va, true, false);

	if (p)
		*p = v;
	return p ? 0 : -EFAULT;
}

/* The byte or -EFAULT. */
static int peek(struct vmspace *vm, uint64_t va)
{
	uint8_t *p = touch(vm, va, false, false);

	return p ? *p : -EFAULT;
}

static bool runs(struct vmspace *vm, uint64_t va)
{
	return touch(vm, va, false, true) != NULL;
}

/* No translation is kept that the tables would not give now. */
static void check_tlb(void)
{
	struct pt pt = { .root = cr3, .base = DIRECT_MAP_BASE };

	for (unsigned i = 0; i < tlb_count; i++) {
		uint64_t *e = pt_entry(&pt, tlb[i].va);

		assert_non_null(e);
		assert_true((tlb[i].entry & ~(PTE_A | PTE_D)) == (*e & ~(PTE_A | PTE_D)) ||
			    (tlb[i].entry & ~(PTE_A | PTE_D)) == (*e & ~(PTE_A | PTE_D | PTE_W)));
		assert_false((tlb[i].entry & PTE_D) && !(*e & PTE_D));
	}
}

/* Files. */

struct vnode {
	int refs;
	struct paddr page[64];
	unsigned pages;
	int dirty[64], synced;
	bool lazy;
};

static int file_get_page(struct vnode *v, uint64_t index, bool for_write, struct paddr *ret)
{
	if (index >= v->pages)
		return -EINVAL;
	page_get(v->page[index]);
	*ret = v->page[index];
	return 0;
}
static void file_dirty(struct vnode *v, uint64_t index) { v->dirty[index]++; }
static int file_sync(struct vnode *v, uint64_t first, uint64_t count)
{
	v->synced += (int) count;
	return 0;
}
static void file_get(struct vnode *v) { v->refs++; }
static void file_put(struct vnode *v) { v->refs--; }
static bool file_lazy(struct vnode *v) { return v->lazy; }
static const struct vm_file_ops file_ops = {
	.get_page = file_get_page,
	.page_dirty = file_dirty,
	.sync = file_sync,
	.get = file_get,
	.put = file_put,
	.lazy = file_lazy,
};

static void file_make(struct vnode *v, unsigned pages)
{
	memset(v, 0, sizeof(*v));
	v->pages = pages;
	for (unsigned i = 0; i < pages; i++) {
		assert_int_equal(page_alloc(&v->page[i]), 0);
		memset(phys_to_virt(v->page[i]), (int) (0x10 + i), PAGE_SIZE);
	}
}
static uint8_t *file_at(struct vnode *v, uint64_t offset)
{
	return (uint8_t *) phys_to_virt(v->page[offset / PAGE_SIZE]) + offset % PAGE_SIZE;
}

/* The scan: 0f 01 ef anywhere, edges included. */
static int scans;
static int find_bad(const void *page, const uint8_t *before, unsigned before_len, const uint8_t *after, unsigned after_len)
{
	uint8_t all[PAGE_SIZE + 4];
	unsigned n = 0;

	scans++;
	memcpy(all, before ? before : (const uint8_t *) "", before_len);
	n += before_len;
	memcpy(all + n, page, PAGE_SIZE);
	n += PAGE_SIZE;
	memcpy(all + n, after ? after : (const uint8_t *) "", after_len);
	n += after_len;
	for (unsigned i = 0; i + 3 <= n; i++) {
		if (all[i] == 0x0f && all[i + 1] == 0x01 && all[i + 2] == 0xef)
			return -EACCES;
	}
	return 0;
}

static uint64_t free_now(void)
{
	struct page_stats s;

	page_get_stats(&s);
	return s.free;
}

static void setup(uint64_t mib)
{
	struct paddr root, first, image;
	uint64_t *r;

	frames_map(mib * MIB);
	page_init(mib * MIB);
	page_add_range(0, mib * MIB);
	memset(partial, 0, sizeof(partial));
	list_init(&vm_windows);
	/* What boot leaves: an identity map of the first GiB, the image above it. */
	assert_int_equal(page_alloc_zeroed(&root), 0);
	assert_int_equal(page_alloc_zeroed(&first), 0);
	assert_int_equal(page_alloc_zeroed(&image), 0);
	*(uint64_t *) phys_to_virt(root) = first.pa | PTE_P | PTE_W | PTE_U;
	r = phys_to_virt(first);
	r[0] = PTE_P | PTE_W | PTE_PS;
	r[1] = image.pa | PTE_P | PTE_W | PTE_U;
	mmu_load_root(root.pa);
	vm_file_ops = &file_ops;
	vm_exec_scan = find_bad;
	scans = 0;
	on_relax = NULL;
	vm_init();
	assert_int_equal(r[0], 0);
}

static struct vmspace *window(void)
{
	struct vmspace *vm = NULL;

	assert_int_equal(vmspace_create_window(0, &vm), 0);
	return vm;
}

static uint64_t map(struct vmspace *vm, uint64_t at, unsigned pages, uint32_t prot)
{
	uint64_t got = 0;

	assert_int_equal(vm_map(vm, at, pages * PAGE_SIZE, prot, at ? VM_FIXED : 0, NULL, 0, "", &got), 0);
	return got;
}

TEST(vm_anonymous_pages_come_zeroed_on_the_first_touch_and_go_with_the_area)
{
	uint64_t before, at;

	setup(8);
	before = free_now();
	at = map(&app_vm, 0, 100, RW);
	assert_true(at >= APP_AREA_START && at + 100 * PAGE_SIZE <= APP_AREA_END);
	assert_int_equal(app_vm.pages, 1); /* the kernel area's table */
	for (int i = 0; i < 100; i++) {
		assert_int_equal(peek(&app_vm, at + i * PAGE_SIZE), 0);
		assert_int_equal(poke(&app_vm, at + i * PAGE_SIZE + 5, (uint8_t) i), 0);
	}
	assert_int_equal(peek(&app_vm, at + 7 * PAGE_SIZE + 5), 7);
	assert_int_equal(peek(&app_vm, at - 1), -EFAULT);
	assert_int_equal(peek(&app_vm, at + 100 * PAGE_SIZE), -EFAULT);
	assert_int_equal(vm_unmap(&app_vm, at, 100 * PAGE_SIZE), 0);
	check_tlb();
	assert_int_equal(peek(&app_vm, at), -EFAULT);
	/* The shared part's PDPT stays for ever. */
	assert_int_equal(free_now(), before - 1);
	at = map(&app_vm, 0, 100, RW);
	poke(&app_vm, at, 1);
	vm_unmap(&app_vm, at, 100 * PAGE_SIZE);
	assert_int_equal(free_now(), before - 1);
}

TEST(vm_unmap_in_the_middle_leaves_both_ends)
{
	uint64_t at;

	setup(8);
	at = map(&app_vm, 0, 10, RW);
	for (int i = 0; i < 10; i++)
		poke(&app_vm, at + i * PAGE_SIZE, (uint8_t) (i + 1));
	assert_int_equal(vm_unmap(&app_vm, at + 3 * PAGE_SIZE, 4 * PAGE_SIZE), 0);
	check_tlb();
	for (int i = 0; i < 10; i++)
		assert_int_equal(peek(&app_vm, at + i * PAGE_SIZE), i >= 3 && i < 7 ? -EFAULT : i + 1);
	assert_int_equal(app_vm.area_count, 2);
	assert_int_equal(map(&app_vm, at + 3 * PAGE_SIZE, 4, RW), at + 3 * PAGE_SIZE);
	assert_int_equal(app_vm.area_count, 1); /* alike again */
	assert_int_equal(peek(&app_vm, at + 3 * PAGE_SIZE), 0);
}

TEST(vm_map_honours_fixed_noreplace_and_hints)
{
	struct vmspace *vm;
	uint64_t at, other;

	setup(8);
	vm = window();
	at = map(vm, W0, 4, RW);
	assert_int_equal(at, W0);
	poke(vm, at, 9);
	assert_int_equal(vm_map(vm, W0 + PAGE_SIZE, PAGE_SIZE, RW, VM_FIXED_NOREPLACE, NULL, 0, "", &other), -EEXIST);
	assert_int_equal(vm_map(vm, W0 + 1, PAGE_SIZE, RW, VM_FIXED, NULL, 0, "", &other), -EINVAL);
	assert_int_equal(vm_map(vm, W0, PAGE_SIZE, RW, 0, NULL, 0, "", &other), 0); /* taken: elsewhere */
	assert_int_equal(other, WINDOW_MMAP_BASE);
	assert_int_equal(vm_map(vm, 0x500000, PAGE_SIZE, RW, 0, NULL, 0, "", &other), 0);
	assert_int_equal(other, 0x500000);
	map(vm, W0, 1, RW);
	check_tlb();
	assert_int_equal(peek(vm, W0), 0); /* replaced */
	/* Nothing outside the window, no wrapping. */
	assert_int_equal(vm_map(vm, 0, PAGE_SIZE, RW, VM_FIXED, NULL, 0, "", &other), -ENOMEM);
	assert_int_equal(vm_map(vm, WINDOW_END, PAGE_SIZE, RW, VM_FIXED, NULL, 0, "", &other), -ENOMEM);
	assert_int_equal(vm_map(vm, WINDOW_END - PAGE_SIZE, 2 * PAGE_SIZE, RW, VM_FIXED, NULL, 0, "", &other), -ENOMEM);
	assert_int_equal(vm_map(vm, W0, UINT64_MAX - 5, RW, VM_FIXED, NULL, 0, "", &other), -ENOMEM);
	assert_int_equal(vm_map(vm, 0, 2 * WINDOW_END, RW, 0, NULL, 0, "", &other), -ENOMEM);
	assert_int_equal(vm_map(vm, 0, 0, RW, 0, NULL, 0, "", &other), -EINVAL);
	assert_int_equal(vm_unmap(vm, APP_AREA_START, PAGE_SIZE), -EINVAL);
	assert_int_equal(vm_unmap(vm, W0, UINT64_MAX - 5), -EINVAL);
	assert_int_equal(vm_protect(vm, UINT64_MAX & ~PAGE_MASK, PAGE_SIZE, RW), -ENOMEM);
	vmspace_put(vm);
}

TEST(vm_rights_are_enforced_and_change)
{
	uint64_t at;

	setup(8);
	at = map(&app_vm, 0, 3, RW);
	for (int i = 0; i < 3; i++)
		poke(&app_vm, at + i * PAGE_SIZE, (uint8_t) (40 + i));
	assert_int_equal(vm_protect(&app_vm, at + PAGE_SIZE, PAGE_SIZE, PROT_READ), 0);
	check_tlb();
	assert_int_equal(poke(&app_vm, at + PAGE_SIZE, 1), -EFAULT);
	assert_int_equal(peek(&app_vm, at + PAGE_SIZE), 41);
	assert_int_equal(vm_protect(&app_vm, at, 3 * PAGE_SIZE, PROT_NONE), 0);
	check_tlb();
	assert_int_equal(peek(&app_vm, at), -EFAULT);
	assert_int_equal(poke(&app_vm, at, 1), -EFAULT);
	assert_int_equal(vm_protect(&app_vm, at, 3 * PAGE_SIZE, RW), 0);
	for (int i = 0; i < 3; i++)
		assert_int_equal(peek(&app_vm, at + i * PAGE_SIZE), 40 + i);
	assert_int_equal(poke(&app_vm, at + PAGE_SIZE, 1), 0);
	assert_int_equal(app_vm.area_count, 1);
	assert_int_equal(vm_protect(&app_vm, at, 4 * PAGE_SIZE, PROT_READ), -ENOMEM); /* a hole at the end */
	assert_int_equal(vm_protect(&app_vm, at + 1, PAGE_SIZE, PROT_READ), -EINVAL);
}

TEST(vm_nothing_is_ever_writable_and_executable)
{
	struct vmspace *vm;
	struct vnode f;
	uint64_t at;

	setup(8);
	vm = window();
	file_make(&f, 2);
	assert_int_equal(vm_map(vm, 0, PAGE_SIZE, RW | PROT_EXEC, 0, NULL, 0, "", &at), -EACCES);
	at = map(vm, W0, 1, RW);
	assert_int_equal(vm_protect(vm, at, PAGE_SIZE, RW | PROT_EXEC), -EACCES);
	assert_int_equal(vm_map(vm, 0, PAGE_SIZE, RX, VM_SHARED, &f, 0, "", &at), -EACCES);
	assert_int_equal(vm_map(vm, 0, PAGE_SIZE, PROT_READ, VM_SHARED, &f, 0, "", &at), 0);
	assert_int_equal(vm_protect(vm, at, PAGE_SIZE, RX), -EACCES);
	assert_int_equal(vm_map(&app_vm, 0, PAGE_SIZE, RX, 0, NULL, 0, "", &at), -EACCES);
	at = map(&app_vm, 0, 1, RW);
	assert_int_equal(vm_protect(&app_vm, at, PAGE_SIZE, RX), -EACCES);
	vm_exec_scan = NULL;
	assert_int_equal(vm_map(vm, 0, PAGE_SIZE, RX, 0, NULL, 0, "", &at), -EACCES);
	vmspace_put(vm);
	assert_int_equal(f.refs, 0);
}

TEST(vm_code_is_scanned_and_never_becomes_writable_again)
{
	struct vmspace *vm;
	uint64_t at, other;
	uint8_t nop = 0x90;

	setup(8);
	vm = window();
	at = map(vm, W0, 2, RW);
	poke(vm, at + 100, 0xc3);
	assert_false(runs(vm, at));
	assert_int_equal(vm_protect(vm, at, 2 * PAGE_SIZE, RX), 0);
	check_tlb();
	assert_true(scans >= 2);
	assert_true(runs(vm, at + 100));
	assert_true(runs(vm, at + PAGE_SIZE));
	assert_int_equal(peek(vm, at + 100), 0xc3);
	assert_int_equal(poke(vm, at + 100, 0), -EFAULT);
	assert_int_equal(vm_protect(vm, at, PAGE_SIZE, RW), -EACCES);
	assert_int_equal(vm_protect(vm, at, PAGE_SIZE, PROT_READ), 0);
	assert_int_equal(vm_protect(vm, at, PAGE_SIZE, RW), -EACCES); /* still */
	assert_int_equal(vm_protect(vm, at, PAGE_SIZE, RX), 0);
	assert_int_equal(vm_write(vm, at, &nop, 1), -EFAULT);
	assert_int_equal(vm_remap(vm, at, PAGE_SIZE, 2 * PAGE_SIZE, true, 0, &other), -EACCES);
	assert_int_equal(vm_advise_dontneed(vm, at, PAGE_SIZE), -EINVAL);
	/* Other pages in its place are new ones. */
	map(vm, at, 2, RW);
	check_tlb();
	assert_int_equal(poke(vm, at + 100, 1), 0);
	assert_false(runs(vm, at));
	vmspace_put(vm);
}

static void plant(struct vmspace *vm, uint64_t at, const char *bytes, size_t n)
{
	assert_int_equal(vm_write(vm, at, bytes, n), 0);
}

TEST(vm_code_with_a_forbidden_instruction_stays_data)
{
	struct vmspace *vm;

	setup(8);
	vm = window();
	map(vm, W0, 3, RW);
	plant(vm, W0 + PAGE_SIZE + 77, "\x0f\x01\xef", 3);
	assert_int_equal(vm_protect(vm, W0, 3 * PAGE_SIZE, RX), -EACCES);
	check_tlb();
	for (int i = 0; i < 3; i++)
		assert_false(runs(vm, W0 + i * PAGE_SIZE));
	assert_int_equal(vm_unmap(vm, W0, 3 * PAGE_SIZE), 0); /* not stuck */
	vmspace_put(vm);
}

TEST(vm_code_is_scanned_across_page_borders_in_whichever_order_pages_turn_executable)
{
	for (int cut = 1; cut <= 2; cut++) {
		for (int first = 0; first < 3; first++) {
			struct vmspace *vm;

			setup(8);
			vm = window();
			map(vm, W0, 2, RW);
			plant(vm, W0 + PAGE_SIZE - cut, "\x0f\x01\xef", 3);
			if (first == 2) { /* both at once */
				assert_int_equal(vm_protect(vm, W0, 2 * PAGE_SIZE, RX), -EACCES);
			} else {
				assert_int_equal(vm_protect(vm, W0 + first * PAGE_SIZE, PAGE_SIZE, RX), 0);
				assert_int_equal(vm_protect(vm, W0 + !first * PAGE_SIZE, PAGE_SIZE, RX), -EACCES);
				assert_true(runs(vm, W0 + first * PAGE_SIZE));
				assert_false(runs(vm, W0 + !first * PAGE_SIZE));
			}
			vmspace_put(vm);
		}
	}
}

static struct vmspace *racer;
static int race_result = 1;

static void race(void)
{
	uint64_t at;
	uint8_t b = 0;

	/* Another thread of the program, while its pages are looked at. */
	on_relax = NULL;
	race_result = poke(racer, W0, 1);
	assert_int_equal(race_result, -EFAULT);
	assert_int_equal(vm_protect(racer, W0, PAGE_SIZE, RW), -EPERM);
	assert_int_equal(vm_unmap(racer, W0, PAGE_SIZE), -EPERM);
	assert_int_equal(vm_map(racer, W0, PAGE_SIZE, RW, VM_FIXED, NULL, 0, "", &at), -EPERM);
	assert_int_equal(vm_remap(racer, W0, PAGE_SIZE, PAGE_SIZE, true, W0 + MIB, &at), -EPERM);
	assert_int_equal(vm_advise_dontneed(racer, W0, PAGE_SIZE), -EINVAL);
	assert_int_equal(vm_write(racer, W0, &b, 1), -EFAULT);
	/* The page behind turns executable in the meantime. */
	assert_int_equal(vm_protect(racer, W0 + 40 * PAGE_SIZE, PAGE_SIZE, RX), 0);
}

TEST(vm_code_cannot_be_changed_while_it_is_scanned)
{
	setup(8);
	racer = window();
	map(racer, W0, 41, RW);
	plant(racer, W0 + 40 * PAGE_SIZE - 1, "\x0f\x01\xef", 3);
	on_relax = race;
	assert_int_equal(vm_protect(racer, W0, 40 * PAGE_SIZE, RX), -EACCES);
	assert_int_equal(race_result, -EFAULT);
	assert_false(runs(racer, W0 + 39 * PAGE_SIZE));
	assert_true(runs(racer, W0 + 40 * PAGE_SIZE));
	vmspace_put(racer);
}

TEST(vm_code_from_a_file_is_a_copy_that_no_other_mapping_writes)
{
	struct vmspace *vm;
	struct vnode f;
	uint64_t shared, code, before;

	setup(8);
	before = free_now();
	for (int lazy = 0; lazy < 2; lazy++) {
		file_make(&f, 3);
		f.lazy = lazy;
		vm = window();
		assert_int_equal(vm_map(vm, 0, 2 * PAGE_SIZE, RW, VM_SHARED, &f, PAGE_SIZE, "", &shared), 0);
		assert_int_equal(vm_map(vm, 0, 2 * PAGE_SIZE, RX, 0, &f, PAGE_SIZE, "", &code), 0);
		assert_int_equal(peek(vm, code), 0x11);
		assert_true(runs(vm, code + PAGE_SIZE));
		assert_int_equal(poke(vm, shared, 0xcc), 0);
		*file_at(&f, 2 * PAGE_SIZE) = 0xcc;
		assert_int_equal(peek(vm, code), 0x11);
		assert_int_equal(peek(vm, code + PAGE_SIZE), 0x12);
		/* Beyond the end there is nothing to run. */
		assert_int_equal(vm_map(vm, 0, 2 * PAGE_SIZE, RX, 0, &f, 2 * PAGE_SIZE, "", &code), -EACCES);
		vmspace_put(vm);
		assert_int_equal(f.refs, 0);
		for (int i = 0; i < 3; i++)
			page_put(f.page[i]);
		assert_int_equal(free_now(), before);
	}
}

TEST(vm_fork_copies_on_write_in_both_directions)
{
	struct vmspace *a, *b, *c;
	uint64_t before, used = 0;

	setup(8);
	before = free_now();
	a = window();
	assert_int_equal(vmspace_set_quota(a, &used, 1000), 0);
	map(a, W0, 4, RW);
	for (int i = 0; i < 3; i++)
		poke(a, W0 + i * PAGE_SIZE, (uint8_t) (1 + i));
	assert_int_equal(vmspace_fork(a, &b), 0);
	check_tlb();
	assert_int_equal(vmspace_fork(b, &c), 0);
	assert_int_equal(poke(a, W0, 11), 0);
	assert_int_equal(poke(b, W0 + PAGE_SIZE, 22), 0);
	assert_int_equal(poke(c, W0 + 3 * PAGE_SIZE, 44), 0);
	assert_int_equal(peek(a, W0), 11);
	assert_int_equal(peek(b, W0), 1);
	assert_int_equal(peek(c, W0), 1);
	assert_int_equal(peek(a, W0 + PAGE_SIZE), 2);
	assert_int_equal(peek(b, W0 + PAGE_SIZE), 22);
	assert_int_equal(peek(c, W0 + PAGE_SIZE), 2);
	assert_int_equal(peek(a, W0 + 3 * PAGE_SIZE), 0);
	assert_int_equal(peek(c, W0 + 3 * PAGE_SIZE), 44);
	vmspace_put(a);
	assert_int_equal(poke(c, W0 + 2 * PAGE_SIZE, 33), 0);
	assert_int_equal(peek(b, W0 + 2 * PAGE_SIZE), 3);
	vmspace_put(b);
	assert_int_equal(poke(c, W0, 7), 0); /* the last owner */
	vmspace_put(c);
	assert_int_equal(used, 0);
	assert_int_equal(free_now(), before);
	assert_int_equal(cr3, app_vm.root.pa);
}

TEST(vm_fork_shares_shared_memory_and_code)
{
	struct vmspace *a, *b;
	uint64_t shared;

	setup(8);
	a = window();
	assert_int_equal(vm_map(a, 0, 3 * PAGE_SIZE, RW, VM_SHARED, NULL, 0, "", &shared), 0);
	map(a, W0, 1, RW);
	poke(a, W0, 0xc3);
	assert_int_equal(vm_protect(a, W0, PAGE_SIZE, RX), 0);
	assert_int_equal(vmspace_fork(a, &b), 0);
	assert_int_equal(poke(a, shared, 1), 0);
	assert_int_equal(poke(b, shared + 2 * PAGE_SIZE, 2), 0);
	assert_int_equal(peek(b, shared), 1);
	assert_int_equal(peek(a, shared + 2 * PAGE_SIZE), 2);
	assert_int_equal(vm_advise_dontneed(a, shared, 3 * PAGE_SIZE), 0);
	assert_int_equal(peek(a, shared + 2 * PAGE_SIZE), 2);
	assert_true(runs(b, W0));
	assert_int_equal(poke(b, W0, 0), -EFAULT);
	assert_int_equal(vm_protect(b, W0, PAGE_SIZE, RW), -EACCES);
	vmspace_put(a);
	assert_int_equal(vm_protect(b, W0, PAGE_SIZE, RW), -EACCES);
	assert_int_equal(poke(b, W0, 0), -EFAULT);
	vmspace_put(b);
}

TEST(vm_file_mappings_share_or_copy)
{
	struct vmspace *vm;
	struct vnode f;
	uint64_t priv, shared, ro;
	uint8_t b = 5;

	setup(8);
	for (int lazy = 0; lazy < 2; lazy++) {
		file_make(&f, 3);
		f.lazy = lazy;
		vm = window();
		assert_int_equal(vm_map(vm, 0, 4 * PAGE_SIZE, RW, 0, &f, 0, "", &priv), 0);
		assert_int_equal(vm_map(vm, 0, 3 * PAGE_SIZE, RW, VM_SHARED, &f, 0, "", &shared), 0);
		assert_int_equal(vm_map(vm, 0, PAGE_SIZE, PROT_READ, VM_SHARED | VM_NOWRITE, &f, 0, "", &ro), 0);
		assert_int_equal(peek(vm, priv + PAGE_SIZE), 0x11);
		assert_int_equal(poke(vm, priv + PAGE_SIZE, 0xaa), 0);
		assert_int_equal(*file_at(&f, PAGE_SIZE), 0x11);
		assert_int_equal(peek(vm, priv + 3 * PAGE_SIZE), -EFAULT); /* beyond the end */
		assert_int_equal(peek(vm, shared), 0x10);
		assert_int_equal(f.dirty[0], 0);
		assert_int_equal(poke(vm, shared, 0xbb), 0);
		assert_true(f.dirty[0] > 0);
		assert_int_equal(*file_at(&f, 0), 0xbb);
		assert_int_equal(peek(vm, ro), 0xbb);
		assert_int_equal(vm_protect(vm, ro, PAGE_SIZE, RW), -EACCES);
		assert_int_equal(vm_write(vm, ro, &b, 1), -EFAULT);
		assert_int_equal(vm_msync(vm, shared, 3 * PAGE_SIZE), 0);
		assert_int_equal(f.synced, 3);
		f.dirty[0] = 0;
		check_tlb();
		assert_int_equal(poke(vm, shared + 1, 0xbc), 0); /* writable all along, and noticed by its D bit */
		assert_int_equal(vm_unmap(vm, shared, 3 * PAGE_SIZE), 0);
		assert_int_equal(f.dirty[0], 1);
		/* Dropped private pages come from the file again. */
		assert_int_equal(vm_advise_dontneed(vm, priv, 3 * PAGE_SIZE), 0);
		assert_int_equal(peek(vm, priv + PAGE_SIZE), 0x11);
		vmspace_put(vm);
		assert_int_equal(f.refs, 0);
		for (int i = 0; i < 3; i++)
			assert_int_equal(page_refs(f.page[i]), 1);
	}
}

TEST(vm_remap_keeps_the_content)
{
	struct vmspace *vm;
	uint64_t before, at, moved;

	setup(8);
	before = free_now();
	vm = window();
	at = map(vm, W0, 4, RW);
	for (int i = 0; i < 4; i++)
		poke(vm, at + i * PAGE_SIZE, (uint8_t) (1 + i));
	assert_int_equal(vm_remap(vm, at, 4 * PAGE_SIZE, 6 * PAGE_SIZE, false, 0, &moved), 0);
	assert_int_equal(moved, at);
	assert_int_equal(poke(vm, at + 5 * PAGE_SIZE, 6), 0);
	map(vm, at + 6 * PAGE_SIZE, 1, PROT_READ);
	assert_int_equal(vm_remap(vm, at, 6 * PAGE_SIZE, 900 * PAGE_SIZE, false, 0, &moved), -ENOMEM);
	assert_int_equal(vm_remap(vm, at, 6 * PAGE_SIZE, 900 * PAGE_SIZE, true, 0, &moved), 0);
	check_tlb();
	assert_true(moved != at);
	assert_int_equal(peek(vm, at), -EFAULT);
	for (int i = 0; i < 4; i++)
		assert_int_equal(peek(vm, moved + i * PAGE_SIZE), 1 + i);
	assert_int_equal(peek(vm, moved + 899 * PAGE_SIZE), 0);
	/* A piece from the middle, to a fixed place, over something. */
	map(vm, W0 + 64 * MIB, 3, RW);
	poke(vm, W0 + 64 * MIB, 99);
	assert_int_equal(vm_remap(vm, moved + PAGE_SIZE, 2 * PAGE_SIZE, 2 * PAGE_SIZE, true, W0 + 64 * MIB, &at), 0);
	check_tlb();
	assert_int_equal(peek(vm, at), 2);
	assert_int_equal(peek(vm, at + PAGE_SIZE), 3);
	assert_int_equal(peek(vm, moved + PAGE_SIZE), -EFAULT);
	assert_int_equal(peek(vm, moved + 3 * PAGE_SIZE), 4);
	assert_int_equal(vm_remap(vm, moved, 4 * PAGE_SIZE, PAGE_SIZE, true, 0, &at), -EFAULT); /* a hole in it */
	assert_int_equal(vm_remap(vm, moved + 3 * PAGE_SIZE, 10 * PAGE_SIZE, PAGE_SIZE, false, 0, &at), 0); /* shrinks */
	assert_int_equal(peek(vm, moved + 4 * PAGE_SIZE), -EFAULT);
	assert_int_equal(vm_remap(vm, moved, 0, PAGE_SIZE, true, 0, &at), -EINVAL);
	assert_int_equal(vm_remap(vm, moved, PAGE_SIZE, PAGE_SIZE, true, APP_AREA_START, &at), -EINVAL);
	assert_int_equal(vm_remap(vm, moved + 3 * PAGE_SIZE, PAGE_SIZE, 2 * PAGE_SIZE, true, moved + 2 * PAGE_SIZE, &at),
			 -EINVAL);
	vmspace_put(vm);
	assert_int_equal(free_now(), before);
}

TEST(vm_brk_grows_and_shrinks)
{
	uint64_t start;

	setup(8);
	start = vm_brk(&app_vm, 0);
	assert_int_equal(start, APP_AREA_START);
	assert_int_equal(vm_brk(&app_vm, start + 10), start + 10);
	assert_int_equal(vm_brk(&app_vm, start + 5000), start + 5000);
	assert_int_equal(poke(&app_vm, start + 8191, 1), 0);
	assert_int_equal(poke(&app_vm, start + 8192, 1), -EFAULT);
	assert_int_equal(app_vm.area_count, 1);
	assert_int_equal(vm_brk(&app_vm, start + 100), start + 100);
	check_tlb();
	assert_int_equal(poke(&app_vm, start + 4096, 1), -EFAULT);
	assert_int_equal(vm_brk(&app_vm, start - 1), start + 100);
	assert_int_equal(vm_brk(&app_vm, UINT64_MAX), start + 100);
	map(&app_vm, start + 3 * PAGE_SIZE, 1, RW);
	assert_int_equal(vm_brk(&app_vm, start + 5 * PAGE_SIZE), start + 100); /* something is in the way */
}

TEST(vm_quota_and_reserve_stop_a_memory_bomb)
{
	struct vmspace *vm;
	uint64_t before, used = 0, i;
	struct page_stats s;

	setup(8);
	before = free_now();
	vm = window();
	assert_int_equal(vmspace_set_quota(vm, &used, 1), -ENOMEM);
	assert_int_equal(vmspace_set_quota(vm, &used, 50), 0);
	map(vm, W0, 4000, RW);
	for (i = 0; poke(vm, W0 + i * PAGE_SIZE, 1) == 0; i++)
		;
	assert_int_equal(used, 50);
	assert_int_equal(i, 46); /* root, PDPT, PD, table */
	vmspace_put(vm);
	assert_int_equal(used, 0);
	vm = window(); /* no quota: the reserve holds */
	map(vm, W0, 4000, RW);
	for (i = 0; poke(vm, W0 + i * PAGE_SIZE, 1) == 0; i++)
		;
	page_get_stats(&s);
	assert_in_range(s.free, s.total / 16, s.total / 16 + 1);
	assert_int_equal(poke(&app_vm, map(&app_vm, 0, 1, RW), 1), 0); /* the application goes on */
	vm_unmap(&app_vm, APP_MMAP_BASE, PAGE_SIZE);
	vmspace_put(vm);
	assert_int_equal(free_now(), before - 1); /* the application's PDPT */
}

TEST(vm_number_of_areas_is_limited)
{
	struct vmspace *vm;
	uint64_t at;
	int r = 0, i;

	setup(8);
	vm = window();
	for (i = 0; r == 0; i++)
		r = vm_map(vm, W0 + 2 * i * PAGE_SIZE, PAGE_SIZE, RW, VM_FIXED, NULL, 0, "", &at);
	assert_int_equal(r, -ENOMEM);
	assert_int_equal(i - 1, AREAS_MAX_WINDOW);
	vmspace_put(vm);
}

TEST(vm_windows_see_the_shared_part_and_not_each_other)
{
	struct vmspace *a, *b;
	uint64_t at;

	setup(8);
	a = window();
	/* The application maps for the first time, also far away, after a's root was made. */
	at = map(&app_vm, 0, 1, RW);
	poke(&app_vm, at, 77);
	map(&app_vm, APP_AREA_END - PAGE_SIZE, 1, RW);
	poke(&app_vm, APP_AREA_END - PAGE_SIZE, 78);
	b = window();
	map(a, W0, 1, RW);
	poke(a, W0, 5);
	assert_int_equal(*access_once(at, false, false), 77);
	assert_int_equal(*access_once(APP_AREA_END - PAGE_SIZE, false, false), 78);
	assert_int_equal(peek(b, W0), -EFAULT);
	assert_int_equal(*access_once(at, false, false), 77);
	/* Image and kernel area are the base root's own tables. */
	assert_int_equal(((uint64_t *) phys_to_virt(a->root))[384], ((uint64_t *) phys_to_virt(app_vm.root))[384]);
	assert_true(((uint64_t *) phys_to_virt(a->root))[384] & PTE_P);
	vmspace_put(a);
	vmspace_put(b);
}

TEST(vm_sealed_areas_stay)
{
	struct vmspace *vm;
	uint64_t at, other;

	setup(8);
	vm = window();
	at = map(vm, W0, 3, RW);
	assert_int_equal(vm_seal(vm, at + PAGE_SIZE, PAGE_SIZE), 0);
	assert_int_equal(vm_unmap(vm, at, 3 * PAGE_SIZE), -EPERM);
	assert_int_equal(vm_protect(vm, at + PAGE_SIZE, PAGE_SIZE, PROT_READ), -EPERM);
	assert_int_equal(vm_map(vm, at, 2 * PAGE_SIZE, RW, VM_FIXED, NULL, 0, "", &other), -EPERM);
	assert_int_equal(vm_remap(vm, at + PAGE_SIZE, PAGE_SIZE, 2 * PAGE_SIZE, true, 0, &other), -EPERM);
	assert_int_equal(poke(vm, at + PAGE_SIZE, 1), 0);
	assert_int_equal(vm_unmap(vm, at, PAGE_SIZE), 0);
	vmspace_put(vm);
}

TEST(vm_read_and_write_reach_spaces_that_are_not_active)
{
	struct vmspace *vm;
	char buf[100];

	setup(8);
	vm = window();
	map(vm, W0, 2, PROT_READ);
	assert_int_equal(vm_write(vm, W0 + PAGE_SIZE - 50, "x marks the spot where the pages meet, is it not so, dear reader?", 66),
			 0);
	assert_int_equal(vm_read(vm, W0 + PAGE_SIZE - 50, buf, 66), 0);
	assert_string_equal(buf, "x marks the spot where the pages meet, is it not so, dear reader?");
	assert_int_equal(vm_read(vm, W0 + 2 * PAGE_SIZE - 1, buf, 2), -EFAULT);
	assert_int_equal(peek(vm, W0 + PAGE_SIZE - 50), 'x');
	assert_int_equal(poke(vm, W0, 1), -EFAULT);
	vmspace_put(vm);
}

/* A random walk against a plain model. */

#define MODEL_PAGES 1200
#define SPACES 3
static struct {
	struct vmspace *vm;
	struct {
		bool mapped;
		uint32_t prot;
		int value;
	} page[MODEL_PAGES];
} model[SPACES];

static void model_check(int s, int i)
{
	uint64_t va = W0 + i * PAGE_SIZE;
	bool readable = model[s].page[i].mapped && model[s].page[i].prot != PROT_NONE;

	assert_int_equal(peek(model[s].vm, va), readable ? model[s].page[i].value : -EFAULT);
}

TEST(vm_random_operations_agree_with_a_model)
{
	static const uint32_t prots[] = { PROT_NONE, PROT_READ, RW, RW };
	uint64_t before, used = 0;

	setup(64);
	before = free_now();
	srand(11);
	memset(model, 0, sizeof(model));
	for (int step = 0; step < 60000; step++) {
		int s = rand() % SPACES, i = rand() % MODEL_PAGES, n = 1 + rand() % (rand() % 8 ? 12 : 600), what = rand() % 20;
		uint64_t va = W0 + i * PAGE_SIZE, at;
		bool all = true, one_prot = true;

		n = MIN(n, MODEL_PAGES - i);
		if (!model[s].vm) {
			model[s].vm = window();
			assert_int_equal(vmspace_set_quota(model[s].vm, &used, 1 << 20), 0);
			for (int k = 0; k < MODEL_PAGES; k++)
				model[s].page[k].mapped = false;
		}
		for (int k = i; k < i + n; k++) {
			all &= model[s].page[k].mapped;
			one_prot &= model[s].page[k].prot == model[s].page[i].prot;
		}
		if (what < 8) {
			bool ok = model[s].page[i].mapped && (model[s].page[i].prot & PROT_WRITE);
			uint8_t v = (uint8_t) rand();

			assert_int_equal(poke(model[s].vm, va, v), ok ? 0 : -EFAULT);
			if (ok)
				model[s].page[i].value = v;
		} else if (what < 12) {
			model_check(s, i);
		} else if (what < 14) {
			uint32_t prot = prots[rand() % 4];

			assert_int_equal(vm_map(model[s].vm, va, n * PAGE_SIZE, prot, VM_FIXED, NULL, 0, "", &at), 0);
			for (int k = i; k < i + n; k++) {
				model[s].page[k].mapped = true;
				model[s].page[k].prot = prot;
				model[s].page[k].value = 0;
			}
		} else if (what < 15) {
			assert_int_equal(vm_unmap(model[s].vm, va, n * PAGE_SIZE), 0);
			for (int k = i; k < i + n; k++)
				model[s].page[k].mapped = false;
		} else if (what < 17) {
			uint32_t prot = prots[rand() % 4];

			assert_int_equal(vm_protect(model[s].vm, va, n * PAGE_SIZE, prot), all ? 0 : -ENOMEM);
			for (int k = i; all && k < i + n; k++)
				model[s].page[k].prot = prot;
		} else if (what == 17) {
			assert_int_equal(vm_advise_dontneed(model[s].vm, va, n * PAGE_SIZE), 0);
			for (int k = i; k < i + n; k++)
				model[s].page[k].value = 0;
		} else if (what == 18) {
			int to = rand() % MODEL_PAGES;

			n = MIN(n, MODEL_PAGES - to);
			all = all && one_prot;
			if (to + n <= i || i + n <= to) {
				int r = vm_remap(model[s].vm, va, n * PAGE_SIZE, n * PAGE_SIZE, true, W0 + to * PAGE_SIZE, &at);

				if (all)
					assert_int_equal(r, 0);
				for (int k = 0; r == 0 && k < n; k++) {
					model[s].page[to + k] = model[s].page[i + k];
					model[s].page[i + k].mapped = false;
				}
			}
		} else if (rand() % 8 == 0) {
			int t = (s + 1) % SPACES;

			if (model[t].vm)
				vmspace_put(model[t].vm);
			model[t].vm = NULL;
			if (rand() % 2) {
				assert_int_equal(vmspace_fork(model[s].vm, &model[t].vm), 0);
				memcpy(model[t].page, model[s].page, sizeof(model[s].page));
			}
		}
		check_tlb();
		if (step % 500 == 0) {
			for (int k = 0; model[s].vm && k < MODEL_PAGES; k++)
				model_check(s, k);
		}
	}
	for (int s = 0; s < SPACES; s++) {
		if (model[s].vm)
			vmspace_put(model[s].vm);
	}
	assert_int_equal(used, 0);
	assert_int_equal(free_now(), before);
}

TEST_MAIN
