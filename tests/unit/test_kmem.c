/* test_kmem.c: what kernel/kmem.h promises. */
#include "tests/unit/frames.h"

#include "kernel/kmem.c"
#include "kernel/page.c"

#include "tests/unit/test.h"

#define MIB (1024 * 1024ULL)

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

static uint64_t free_now(void)
{
	struct page_stats s;

	page_get_stats(&s);
	return s.free;
}

static void setup(void)
{
	frames_map(8 * MIB);
	page_init(8 * MIB);
	page_add_range(0, 8 * MIB);
	memset(partial, 0, sizeof(partial));
	bytes_used = frames_used = 0;
}

TEST(kmalloc_gives_aligned_memory_of_every_size_up_to_the_limit)
{
	uint64_t before, bytes, frames;

	setup();
	before = free_now();
	for (size_t size = 0; size <= KMEM_MAX; size = size < 4200 ? size + 1 : size + 997) {
		uint8_t *p = kmalloc(size);

		assert_non_null(p);
		assert_int_equal((uint64_t) p % 16, 0);
		memset(p, 0x5a, size);
		kfree(p);
		assert_int_equal(free_now(), before);
	}
	assert_null(kmalloc(KMEM_MAX + 1));
	assert_null(kmalloc(SIZE_MAX));
	kmem_get_stats(&bytes, &frames);
	assert_int_equal(bytes, 0);
	assert_int_equal(frames, 0);
}

TEST(kmalloc_objects_do_not_overlap_and_all_memory_returns)
{
	static struct {
		uint8_t *p;
		size_t size;
		uint8_t mark;
	} live[500];
	uint64_t before;

	setup();
	before = free_now();
	srand(7);
	for (int i = 0; i < 200000; i++) {
		int n = rand() % 500;

		if (live[n].p) {
			for (size_t k = 0; k < live[n].size; k++)
				assert_true(live[n].p[k] == live[n].mark);
			if (rand() % 4 == 0) {
				size_t size = (size_t) rand() % 3000;
				uint8_t *p = krealloc(live[n].p, size);

				assert_non_null(p);
				for (size_t k = 0; k < MIN(size, live[n].size); k++)
					assert_true(p[k] == live[n].mark);
				live[n].p = p;
				live[n].size = size;
				memset(p, live[n].mark, size);
				continue;
			}
			kfree(live[n].p);
			live[n].p = NULL;
		} else {
			live[n].size = (size_t) (rand() % 20 ? rand() % 300 : rand() % 9000);
			live[n].mark = (uint8_t) rand();
			live[n].p = kmalloc(live[n].size);
			assert_non_null(live[n].p);
			memset(live[n].p, live[n].mark, live[n].size);
		}
	}
	for (int n = 0; n < 500; n++) {
		kfree(live[n].p);
		live[n].p = NULL;
	}
	assert_int_equal(free_now(), before);
}

TEST(kmalloc_fails_cleanly_when_memory_is_out)
{
	void **chain = NULL, **p;
	uint64_t before;

	setup();
	before = free_now();
	while ((p = kmalloc(100))) {
		*p = chain;
		chain = p;
	}
	assert_int_equal(free_now(), 0);
	assert_null(kzalloc(5000));
	while (chain) {
		p = *chain;
		kfree(chain);
		chain = p;
	}
	assert_int_equal(free_now(), before);
}

TEST(kfree_notices_what_is_not_from_the_heap)
{
	struct paddr page;
	uint8_t *a, *b, *big;

	setup();
	a = kmalloc(64);
	b = kmalloc(64);
	big = kmalloc(10000);
	kfree(NULL);
	assert_panics(kfree(a + 8));
	assert_panics(kfree(a + 64 * 3));
	assert_panics(kfree(big + PAGE_SIZE));
	assert_panics(kfree(big + 16));
	page_alloc(&page);
	assert_panics(kfree(phys_to_virt(page)));
	kfree(a);
	assert_panics(kfree(a));
	kfree(b);
	assert_panics(kfree(b)); /* its frame went back */
	kfree(big);
	assert_panics(kfree(big));
}

TEST(kstrdup_copies_with_the_end)
{
	char *s;

	setup();
	s = kstrdup("hello");
	assert_string_equal(s, "hello");
	kfree(s);
	s = kstrndup("hello", 3);
	assert_string_equal(s, "hel");
	kfree(s);
	s = kstrndup("hi", 100);
	assert_string_equal(s, "hi");
	kfree(s);
}

TEST_MAIN
