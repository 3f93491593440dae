/* test_domain.c: what a window's roots let ring 3 and ring 0 do, with each back end and each grant: the real tables, read as
 * the CPU reads them (SDM vol. 3A, 4.6.1: the rights of all levels count together). */
#include "tests/unit/frames.h"

#include "kernel/kmem.c"
#include "kernel/page.c"
#include "kernel/vm.c"
#include "kernel/vm_exec.c"
#include "kernel/vm_fork.c"
#undef RELAX_PAGES
#include "kernel/vm_map.c"
#include "kernel/vm_page.c"
#undef ENTRIES
static int alloc_or_fail(struct paddr *ret);
#define page_alloc_zeroed alloc_or_fail
#include "kernel/vm_window.c"
#undef page_alloc_zeroed
#undef ENTRIES
#include "overlay/domain_mpk.c"
#include "overlay/domain_pt.c"

#include "tests/unit/test.h"

#define MIB (1024 * 1024ULL)
#define IMAGE 0x40000000ULL
#define TEXT (IMAGE + 0x100000)
#define KERNEL_DATA (IMAGE + 0x101000)
#define CONSTANTS (IMAGE + 0x102000)
#define VARIABLES (IMAGE + 0x103000)
#define BIG_VARIABLES (IMAGE + 0x400000)
#define HEAP APP_AREA_START
#define FAR (APP_AREA_START + (3ULL << 39)) /* in a slot of the root that nobody has used */
#define WINDOW 0x20000000ULL

enum { R = 1, W = 2, X = 4 };

struct thread *current_thread;
char __arodata_start[1], __adata_end[1];
static uint64_t cr3;
static int allocs_left = -1; /* then there is no frame for a root; negative: always one */

static int alloc_or_fail(struct paddr *ret)
{
	if (allocs_left == 0)
		return -ENOMEM;
	allocs_left -= allocs_left > 0;
	return page_alloc_zeroed(ret);
}

void panic(const char *fmt, ...)
{
	fprintf(stderr, "panic: %s\n", fmt);
	abort();
}
uint64_t mmu_root(void)
{
	return cr3;
}
void mmu_load_root(uint64_t pa)
{
	cr3 = pa;
}
void mmu_invalidate(uint64_t va)
{
}
void mmu_invalidate_all(void)
{
}
void kernel_relax(void)
{
}
int vm_remap(struct vmspace *vm, uint64_t addr, uint64_t old_len, uint64_t new_len, bool may_move, uint64_t fixed_addr,
	     uint64_t *ret_addr)
{
	return -ENOSYS;
}
static int nothing_bad(const void *page, const uint8_t *before, unsigned before_len, const uint8_t *after, unsigned after_len)
{
	return 0;
}

/* What code of a ring may do with the page under a root. Ring 0 has CR0.WP=1 and no SMAP. */
static int may(struct paddr root, uint64_t va, bool ring3, bool smep)
{
	uint64_t *table = phys_to_virt(root), entry = 0, all = PTE_U | PTE_W, nx = 0;

	for (int shift = 39; shift >= 12; shift -= 9) {
		entry = table[va >> shift & 511];
		if (!(entry & PTE_P))
			return 0;
		all &= entry;
		nx |= entry & PTE_NX;
		if (shift == 12 || entry & PTE_PS)
			break;
		table = phys_to_virt((struct paddr){ entry & PTE_ADDR });
	}
	if (ring3 && !(all & PTE_U))
		return 0;
	return R | (all & PTE_W ? W : 0) | (nx || (!ring3 && smep && all & PTE_U) ? 0 : X);
}
static struct paddr ring3_root(const struct vmspace *vm)
{
	return vm->user_root.pa ? vm->user_root : vm->root;
}

static void map_image(uint64_t va, uint64_t len, uint64_t flags)
{
	struct pt pt = vm_tables(&app_vm);

	assert_int_equal(pt_map_range(&pt, va, va - IMAGE, len, flags | PTE_P, true), 0);
}

static uint64_t free_now(void)
{
	struct page_stats s;

	page_get_stats(&s);
	return s.free;
}

static void setup(void)
{
	struct paddr root;

	frames_map(64 * MIB);
	page_init(64 * MIB);
	page_add_range(16 * MIB, 64 * MIB);
	memset(partial, 0, sizeof(partial));
	list_init(&vm_windows);
	assert_int_equal(page_alloc_zeroed(&root), 0);
	mmu_load_root(root.pa);
	vm_exec_scan = nothing_bad;
	vm_image_read_only = 0;
	allocs_left = -1;
	vm_init();
	map_image(TEXT, PAGE_SIZE, 0);
	map_image(KERNEL_DATA, PAGE_SIZE, PTE_W | PTE_NX);
	map_image(CONSTANTS, PAGE_SIZE, PTE_U | PTE_NX);
	map_image(VARIABLES, PAGE_SIZE, PTE_U | PTE_W | PTE_NX);
	map_image(BIG_VARIABLES, 2 * MIB, PTE_U | PTE_W | PTE_NX);
}

static void map(struct vmspace *vm, uint64_t at, uint32_t prot)
{
	struct paddr frame;
	uint64_t got;

	assert_int_equal(vm_map(vm, at, PAGE_SIZE, prot & PROT_EXEC ? PROT_READ : prot, VM_FIXED, NULL, 0, "", &got), 0);
	assert_int_equal(vm_page_in(vm, at, prot & PROT_WRITE, &frame), 0);
	if (prot & PROT_EXEC)
		assert_int_equal(vm_protect(vm, at, PAGE_SIZE, prot), 0);
}

/* As the way to ring 3 does it. */
static void enter(struct vmspace *vm)
{
	if (vm->user_root.pa)
		assert_int_equal(vm_user_root(vm), vm->user_root.pa);
}

static void check(struct vmspace *vm, uint32_t grants, bool smep)
{
	int data = grants & GRANT_WRITE ? R | W : grants & GRANT_READ ? R : 0;
	struct paddr user;

	enter(vm);
	user = ring3_root(vm);
	assert_int_equal(may(user, HEAP, true, smep), data);
	assert_int_equal(may(user, FAR, true, smep), data);
	assert_int_equal(may(user, VARIABLES, true, smep), data);
	assert_int_equal(may(user, BIG_VARIABLES, true, smep), data);
	assert_int_equal(may(user, CONSTANTS, true, smep), data & R);
	assert_int_equal(may(user, TEXT, true, smep), 0);
	assert_int_equal(may(user, KERNEL_DATA, true, smep), 0);
	assert_int_equal(may(user, WINDOW, true, smep), R | X);
	assert_int_equal(may(user, WINDOW + PAGE_SIZE, true, smep), R | W);
	/* An exception begins on ring 3's root: the kernel's own memory must be as ever. */
	for (int i = 0; i < 2; i++) {
		struct paddr root = i ? user : vm->root;

		assert_int_equal(may(root, TEXT, false, smep), R | X);
		assert_int_equal(may(root, KERNEL_DATA, false, smep), R | W);
	}
	/* The kernel and gated calls have all of the application's, and run nothing of the program's. */
	assert_int_equal(may(vm->root, HEAP, false, smep), R | W);
	assert_int_equal(may(vm->root, FAR, false, smep), R | W);
	assert_int_equal(may(vm->root, VARIABLES, false, smep), R | W);
	assert_int_equal(may(vm->root, BIG_VARIABLES, false, smep), R | W);
	assert_int_equal(may(vm->root, CONSTANTS, false, smep), R);
	assert_int_equal(may(vm->root, WINDOW, false, smep), R);
	assert_int_equal(may(vm->root, WINDOW + PAGE_SIZE, false, smep), R | W);
}

static const uint32_t kinds[] = { 0, GRANT_READ, GRANT_READ | GRANT_WRITE, GRANT_CALL };

static void page_tables(bool smep)
{
	for (unsigned i = 0; i < ARRAY_SIZE(kinds); i++) {
		struct vmspace *vm, *child;
		struct domain_rights r;
		uint64_t before;

		setup();
		domain_pt_prepare(smep);
		map(&app_vm, HEAP, PROT_READ | PROT_WRITE);
		r = domain_pt.rights(kinds[i]);
		assert_int_equal(r.pkru, 0);
		assert_int_equal(vmspace_create_window(r.view, &vm), 0);
		map(vm, WINDOW, PROT_READ | PROT_EXEC);
		map(vm, WINDOW + PAGE_SIZE, PROT_READ | PROT_WRITE);
		map(&app_vm, FAR, PROT_READ | PROT_WRITE); /* a new slot while the window is there */
		before = free_now();
		check(vm, kinds[i], smep);
		assert_int_equal(vmspace_fork(vm, &child), 0);
		map(child, WINDOW + PAGE_SIZE, PROT_READ | PROT_WRITE);
		check(child, kinds[i], smep);
		vmspace_put(child);
		assert_int_equal(free_now(), before);
		vmspace_put(vm);
	}
}

TEST(domain_pt_gives_each_ring_what_the_grants_say)
{
	page_tables(true);
}

TEST(domain_pt_keeps_ring_0_from_a_windows_code_without_smep)
{
	page_tables(false);
}

TEST(domain_pt_needs_a_second_root_for_read_alone)
{
	setup();
	domain_pt_prepare(true);
	for (unsigned i = 0; i < ARRAY_SIZE(kinds); i++) {
		struct vmspace *vm;

		assert_int_equal(vmspace_create_window(domain_pt.rights(kinds[i]).view, &vm), 0);
		assert_int_equal(vm->user_root.pa != 0, kinds[i] == GRANT_READ);
		vmspace_put(vm);
	}
}

TEST(domain_pt_follows_the_windows_tables_that_come_and_go)
{
	struct vmspace *vm;

	setup();
	domain_pt_prepare(true);
	assert_int_equal(vmspace_create_window(VIEW_READ, &vm), 0);
	enter(vm);
	assert_int_equal(may(vm->user_root, WINDOW, true, true), 0);
	map(vm, WINDOW, PROT_READ | PROT_WRITE);
	enter(vm);
	assert_int_equal(may(vm->user_root, WINDOW, true, true), R | W);
	assert_int_equal(vm_unmap(vm, WINDOW, PAGE_SIZE), 0);
	enter(vm);
	assert_int_equal(*vm->user_first, 0);
	vmspace_put(vm);
}

TEST(domain_windows_leave_nothing_when_there_is_no_memory_for_their_roots)
{
	struct vmspace *vm = NULL;
	uint64_t before;

	setup();
	assert_int_equal(vmspace_create_window(VIEW_READ, &vm), 0);
	vmspace_put(vm);
	before = free_now();
	for (allocs_left = 0; allocs_left < 4; allocs_left += 1) {
		int n = allocs_left;

		vm = NULL;
		assert_int_equal(vmspace_create_window(VIEW_READ, &vm), -ENOMEM);
		assert_null(vm);
		assert_true(list_empty(&vm_windows));
		assert_int_equal(free_now(), before);
		allocs_left = n;
	}
}

TEST(domain_mpk_is_a_register)
{
	setup();
	for (unsigned i = 0; i < ARRAY_SIZE(kinds); i++) {
		struct domain_rights r = domain_mpk.rights(kinds[i]);
		bool read = kinds[i] & GRANT_READ, write = kinds[i] & GRANT_WRITE;

		assert_int_equal(r.view, VIEW_ALL);
		assert_int_equal(r.pkru & 3, (read ? 0 : 1) | (write ? 0 : 2));
		assert_int_equal(r.pkru >> 2 & 3, 0);
		assert_int_equal(r.pkru >> 4, UINT32_MAX >> 4);
	}
}

TEST_MAIN
