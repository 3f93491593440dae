/* test_pt.c: what arch/x86_64/pt.h promises. */
#include "arch/x86_64/pt.h"

#include "lib/errno.h"
#include "tests/unit/test.h"

static int tables, limit;

static int table_alloc(void *arg, uint64_t *ret_pa)
{
	void *p;

	if (tables == limit)
		return -ENOMEM;
	assert_ptr_equal(arg, &tables);
	p = aligned_alloc(4096, 4096);
	memset(p, 0, 4096);
	tables++;
	*ret_pa = (uint64_t) p;
	return 0;
}

static void table_free(void *arg, uint64_t pa)
{
	(void) arg;
	tables--;
	free((void *) pa);
}

static void destroy(uint64_t table, int level)
{
	for (int i = 0; level > 1 && i < 512; i++) {
		uint64_t e = ((uint64_t *) table)[i];

		if ((e & PTE_P) && !(e & PTE_PS))
			destroy(e & PTE_ADDR, level - 1);
	}
	table_free(&tables, table);
}

static struct pt create(void)
{
	struct pt pt = { 0, 0, table_alloc, table_free, &tables };

	tables = 0;
	limit = 1000;
	assert_int_equal(table_alloc(&tables, &pt.root), 0);
	return pt;
}

#define LOW 0x100000000000ULL
#define HIGH 0xffff800000000000ULL
#define RW (PTE_P | PTE_W | PTE_NX)

TEST(pt_maps_single_pages_and_finds_them_again)
{
	struct pt pt = create();
	uint64_t *e, *f, pa = 0;

	assert_null(pt_entry(&pt, LOW));
	assert_int_equal(pt_entry_create(&pt, LOW + 0x5000, &e), 0);
	assert_int_equal(tables, 4);
	*e = 0x1234000 | RW | PTE_U | PTE_KEY(1);
	assert_ptr_equal(pt_entry(&pt, LOW + 0x5000), e);
	assert_int_equal(pt_entry_create(&pt, LOW + 0x6000, &f), 0);
	assert_ptr_equal(f, e + 1);
	assert_int_equal(tables, 4);
	assert_int_equal(PTE_KEY_OF(pt_lookup(&pt, LOW + 0x5678, &pa)), 1);
	assert_int_equal(pa, 0x1234678);
	assert_int_equal(pt_lookup(&pt, LOW + 0x6000, &pa), 0);
	/* Tables of the lower half allow ring 3, those of the upper half do not. */
	assert_int_equal(*pt_root_entry(&pt, LOW) & (PTE_P | PTE_W | PTE_U | PTE_NX), PTE_P | PTE_W | PTE_U);
	assert_int_equal(pt_entry_create(&pt, HIGH, &f), 0);
	assert_int_equal(*pt_root_entry(&pt, HIGH) & (PTE_P | PTE_W | PTE_U | PTE_NX), PTE_P | PTE_W);
	destroy(pt.root, 4);
	assert_int_equal(tables, 0);
}

TEST(pt_uses_large_pages_where_both_addresses_allow_it)
{
	struct pt pt = create();
	uint64_t pa = 0, *e;

	assert_int_equal(pt_map_range(&pt, HIGH + 0x1ff000, 0x1ff000, 0x401000, RW, true), 0);
	assert_int_equal(tables, 4); /* root, PDPT, PD and one table for the first page */
	assert_true(pt_lookup(&pt, HIGH + 0x3fffff, &pa) & PTE_PS);
	assert_int_equal(pa, 0x3fffff);
	assert_false(pt_lookup(&pt, HIGH + 0x1ff000, &pa) & PTE_PS);
	assert_int_equal(pt_lookup(&pt, HIGH + 0x600000, &pa), 0);
	assert_null(pt_entry(&pt, HIGH + 0x200000));
	assert_int_equal(pt_entry_create(&pt, HIGH + 0x200000, &e), -EEXIST);
	assert_int_equal(pt_map_range(&pt, HIGH + 0x400000, 0, 0x200000, RW, true), -EEXIST);
	assert_int_equal(pt_map_range(&pt, HIGH + 0x40000000, 0x1000, 0x400000, RW, true), 0); /* not aligned alike */
	assert_false(pt_lookup(&pt, HIGH + 0x40200000, &pa) & PTE_PS);
	assert_int_equal(pa, 0x201000);
	assert_int_equal(pt_map_range(&pt, HIGH + 1, 0, 0x1000, RW, true), -EINVAL);
	assert_int_equal(pt_map_range(&pt, HIGH, 0, 0x1001, RW, true), -EINVAL);
	destroy(pt.root, 4);
}

TEST(pt_next_visits_entries_in_order_across_tables)
{
	static const uint64_t at[] = { LOW, LOW + 0x1000, LOW + 0x1ff000, LOW + 0x200000, LOW + 0x40000000,
		LOW + 0x8000000000ULL };
	struct pt pt = create();
	uint64_t *e, va = 0;

	for (unsigned i = 0; i < 6; i++) {
		assert_int_equal(pt_entry_create(&pt, at[i], &e), 0);
		*e = (i + 1) << 12 | PTE_HELD;
	}
	for (unsigned i = 0; i < 6; i++) {
		e = pt_next(&pt, &va, 1ULL << 47);
		assert_non_null(e);
		assert_int_equal(va, at[i]);
		assert_int_equal(*e >> 12, i + 1);
		va += 4096;
	}
	assert_null(pt_next(&pt, &va, 1ULL << 47));
	va = LOW;
	assert_null(pt_next(&pt, &va, LOW));
	va = LOW + 0x2000;
	assert_null(pt_next(&pt, &va, LOW + 0x1ff000));
	va = HIGH;
	assert_null(pt_next(&pt, &va, UINT64_MAX)); /* the end of the address space */
	destroy(pt.root, 4);
}

TEST(pt_prune_frees_empty_tables_only_and_never_the_pdpt)
{
	struct pt pt = create();
	uint64_t *a, *b;

	assert_int_equal(pt_entry_create(&pt, LOW, &a), 0);
	assert_int_equal(pt_entry_create(&pt, LOW + 0x200000, &b), 0);
	assert_int_equal(tables, 5);
	*a = *b = 0x1000 | RW;
	assert_int_equal(pt_prune(&pt, LOW), 0);
	*a = 0;
	assert_int_equal(pt_prune(&pt, LOW), 1);
	assert_int_equal(pt_prune(&pt, LOW), 0);
	assert_null(pt_entry(&pt, LOW));
	*b = 0;
	assert_int_equal(pt_prune(&pt, LOW + 0x200000), 2);
	assert_int_equal(tables, 2);
	assert_int_equal(pt_prune(&pt, LOW), 0);
	assert_int_equal(pt_prune(&pt, HIGH), 0);
	destroy(pt.root, 4);
}

TEST(pt_running_out_of_frames_leaves_no_tables_behind)
{
	struct pt pt = create();
	uint64_t *e, *keep;

	assert_int_equal(pt_entry_create(&pt, LOW, &keep), 0);
	*keep = 0x1000 | RW;
	for (limit = tables; limit < tables + 2; limit++) {
		e = (uint64_t *) 7;
		assert_int_equal(pt_entry_create(&pt, LOW + 0x40000000, &e), -ENOMEM);
		assert_ptr_equal(e, (uint64_t *) 7);
		assert_int_equal(tables, 4);
	}
	assert_int_equal(pt_entry_create(&pt, LOW + 0x40000000, &e), 0);
	assert_int_equal(*keep, 0x1000 | RW);
	destroy(pt.root, 4);
}

TEST_MAIN
