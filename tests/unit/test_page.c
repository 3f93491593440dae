/* test_page.c: what kernel/page.h promises. */
#include "tests/unit/frames.h"

#include "kernel/page.c"

#include "tests/unit/test.h"

static jmp_buf panicked;
static int panic_expected;

void panic(const char *fmt, ...)
{
	if (!panic_expected) {
		fprintf(stderr, "panic: %s\n", fmt);
		abort();
	}
	longjmp(panicked, 1);
}

#define assert_panics(statement)                                                                                       \
	do {                                                                                                           \
		panic_expected = 1;                                                                                    \
		if (!setjmp(panicked)) {                                                                               \
			statement;                                                                                     \
			fail_msg("no panic: %s", #statement);                                                          \
		}                                                                                                      \
		panic_expected = 0;                                                                                    \
	} while (0)

#define MIB (1024 * 1024ULL)

static uint64_t free_now(void)
{
	struct page_stats s;

	page_get_stats(&s);
	return s.free;
}

static void setup(uint64_t mib)
{
	frames_map(mib * MIB);
	page_init(mib * MIB);
	page_add_range(0, mib * MIB);
}

TEST(page_tables_for_frames_are_small)
{
	struct page_stats s;

	setup(4);
	page_get_stats(&s);
	/* Frame 0 and one frame of tables are not handed out. */
	assert_int_equal(s.total, 1022);
	assert_int_equal(s.free, s.total);
}

TEST(page_alloc_hands_out_every_frame_once_and_takes_them_back)
{
	struct paddr p[1100];
	uint64_t before;
	int n = 0;

	setup(4);
	before = free_now();
	while (page_alloc(&p[n]) == 0) {
		assert_int_equal(p[n].pa % PAGE_SIZE, 0);
		assert_true(p[n].pa != 0);
		if (n > 0)
			assert_true(p[n].pa > p[n - 1].pa);
		memset(phys_to_virt(p[n]), n, PAGE_SIZE);
		n++;
	}
	assert_int_equal(n, before);
	assert_int_equal(free_now(), 0);
	p[n].pa = 77;
	assert_int_equal(page_alloc(&p[n]), -ENOMEM);
	assert_int_equal(p[n].pa, 77);
	while (n > 0)
		page_put(p[--n]);
	assert_int_equal(free_now(), before);
}

TEST(page_alloc_zeroed_clears_what_was_there)
{
	struct paddr p;

	setup(4);
	assert_int_equal(page_alloc(&p), 0);
	memset(phys_to_virt(p), 0xaa, PAGE_SIZE);
	page_put(p);
	assert_int_equal(page_alloc_zeroed(&p), 0);
	for (unsigned i = 0; i < PAGE_SIZE; i++)
		assert_int_equal(((uint8_t *) phys_to_virt(p))[i], 0);
}

TEST(page_references_keep_a_frame)
{
	struct paddr p;
	uint64_t before;

	setup(4);
	before = free_now();
	assert_int_equal(page_alloc(&p), 0);
	page_get(p);
	assert_int_equal(page_refs(p), 2);
	page_put(p);
	assert_int_equal(free_now(), before - 1);
	page_put(p);
	assert_int_equal(free_now(), before);
	assert_panics(page_put(p));
	assert_panics(page_get(p));
	assert_panics(page_put((struct paddr){ 1 << 30 }));
	assert_panics(page_put((struct paddr){ 0 }));
}

TEST(page_contiguous_runs_are_found_between_used_frames)
{
	struct paddr p[1022], run;
	uint64_t before;

	setup(4);
	before = free_now();
	for (int i = 0; i < 1022; i++)
		assert_int_equal(page_alloc(&p[i]), 0);
	assert_int_equal(page_alloc_contig(1, &run), -ENOMEM);
	for (int i = 100; i < 164; i++)
		page_put(p[i]);
	for (int i = 200; i < 331; i++)
		page_put(p[i]);
	assert_int_equal(page_alloc_contig(132, &run), -ENOMEM);
	memset(phys_to_virt(p[250]), 0xff, PAGE_SIZE);
	assert_int_equal(page_alloc_contig(131, &run), 0);
	assert_int_equal(run.pa, p[200].pa);
	assert_int_equal(*(uint8_t *) phys_to_virt(p[250]), 0);
	assert_int_equal(page_refs(p[330]), 1);
	page_put_contig(run, 131);
	assert_int_equal(page_alloc_contig(64, &run), 0);
	assert_int_equal(run.pa, p[100].pa);
	page_put_contig(run, 64);
	assert_int_equal(page_alloc_contig(0, &run), -ENOMEM);
	assert_int_equal(page_alloc_contig(257, &run), -ENOMEM);
	for (int i = 0; i < 1022; i++) {
		if (!((i >= 100 && i < 164) || (i >= 200 && i < 331)))
			page_put(p[i]);
	}
	assert_int_equal(free_now(), before);
	assert_int_equal(page_alloc_contig(256, &run), 0);
}

TEST(page_ranges_that_cannot_hold_the_tables_wait_for_one_that_can)
{
	struct page_stats s;

	frames_map(4096 * MIB);
	page_init(4096 * MIB);
	page_add_range(0x1000, 0x9f000); /* too small for 2 MiB of counts */
	page_get_stats(&s);
	assert_int_equal(s.total, 0);
	page_add_range(16 * MIB + 5, 64 * MIB);
	page_get_stats(&s);
	assert_true(s.total > 158 + 45 * 256);
	assert_true(s.total < 158 + 48 * 256);
	page_add_range(4000 * MIB, 5000 * MIB); /* beyond the end: cut */
	page_get_stats(&s);
	assert_true(s.total > 158 + (45 + 96) * 256);
	assert_panics(page_add_range(20 * MIB, 21 * MIB));
}

/* Ranges that begin and end within a word of the map, and whole words between: each frame once, none beside them. */
TEST(page_ranges_with_any_ends_are_taken_up_exactly)
{
	static const struct {
		unsigned from, to; /* frames */
	} ranges[] = {{1, 70}, {100, 128}, {128, 192}, {200, 333}, {384, 512}};
	bool mine[512] = {false};
	struct paddr p;
	unsigned wanted = 0, taken = 0;

	frames_map(2 * MIB);
	page_init(2 * MIB);
	for (unsigned i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		page_add_range(ranges[i].from * PAGE_SIZE, ranges[i].to * PAGE_SIZE);
		for (unsigned f = ranges[i].from; f < ranges[i].to; f++, wanted++)
			mine[f] = true;
	}
	while (page_alloc(&p) == 0) {
		assert_true(mine[p.pa / PAGE_SIZE]);
		mine[p.pa / PAGE_SIZE] = false;
		taken++;
	}
	assert_int_equal(taken, wanted - 1); /* one holds the tables */
}

TEST(page_least_free_is_remembered)
{
	struct page_stats s;
	struct paddr a, b;

	setup(4);
	page_alloc(&a);
	page_alloc(&b);
	page_put(a);
	page_get_stats(&s);
	assert_int_equal(s.free, s.total - 1);
	assert_int_equal(s.min_free, s.total - 2);
}

TEST_MAIN
