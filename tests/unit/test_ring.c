/* test_ring.c: what lib/ring.h promises. */
#include "lib/ring.h"

#include "lib/errno.h"
#include "tests/unit/test.h"

TEST(ring_refuses_a_size_that_is_no_power_of_two)
{
	struct ring r;
	char buffer[8];

	assert_int_equal(ring_init(&r, buffer, 0), -EINVAL);
	assert_int_equal(ring_init(&r, buffer, 6), -EINVAL);
	assert_int_equal(ring_init(&r, buffer, (size_t)1 << 32), -EINVAL);
	assert_int_equal(ring_init(&r, buffer, 8), 0);
}

TEST(ring_gives_back_bytes_in_order_across_the_wrap)
{
	struct ring r;
	char buffer[8], out[8];

	assert_int_equal(ring_init(&r, buffer, sizeof(buffer)), 0);
	r.head = r.tail = UINT32_MAX - 2; /* the counters wrap soon, too */
	assert_int_equal(ring_put(&r, "abcdef", 6), 6);
	assert_int_equal(ring_get(&r, out, 4), 4);
	assert_memory_equal(out, "abcd", 4);
	assert_int_equal(ring_put(&r, "ghijklmn", 8), 6);
	assert_int_equal(ring_space(&r), 0);
	assert_int_equal(ring_used(&r), 8);
	assert_int_equal(ring_put(&r, "x", 1), 0);
	assert_int_equal(ring_peek(&r, 2, out, 8), 6);
	assert_memory_equal(out, "ghijkl", 6);
	assert_int_equal(ring_used(&r), 8);
	assert_int_equal(ring_get(&r, out, 8), 8);
	assert_memory_equal(out, "efghijkl", 8);
	assert_int_equal(ring_get(&r, out, 8), 0);
}

TEST(ring_span_and_drop_walk_the_content_without_copying)
{
	struct ring r;
	char buffer[4];
	const uint8_t *p = NULL;

	assert_int_equal(ring_init(&r, buffer, 4), 0);
	assert_int_equal(ring_span(&r, &p), 0);
	assert_null(p);
	ring_put(&r, "abc", 3);
	ring_drop(&r, 2);
	ring_put(&r, "def", 3);
	assert_int_equal(ring_span(&r, &p), 2);
	assert_memory_equal(p, "cd", 2);
	assert_int_equal(ring_drop(&r, 2), 2);
	assert_int_equal(ring_span(&r, &p), 2);
	assert_memory_equal(p, "ef", 2);
	assert_int_equal(ring_drop(&r, 9), 2);
}

TEST_MAIN
