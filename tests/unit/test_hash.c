/* test_hash.c: what lib/hash.h promises. */
#include "lib/hash.h"

#include "lib/errno.h"
#include "lib/list.h"
#include "tests/unit/test.h"

struct word {
	const char *text;
	struct hash_node node;
};

TEST(hash_is_fnv_1a)
{
	/* draft-eastlake-fnv, appendix C */
	assert_int_equal(hash_string(""), 0x811c9dc5u);
	assert_int_equal(hash_string("a"), 0xe40c292cu);
	assert_int_equal(hash_bytes("foobar", 6), 0xbf9cf968u);
}

TEST(hash_table_finds_what_was_added_and_not_what_was_deleted)
{
	struct hash_node *buckets[2];
	struct hash_table t;
	struct word w[4] = { { "one", { 0 } }, { "two", { 0 } }, { "three", { 0 } }, { "one", { 0 } } };
	struct hash_node *n;

	assert_int_equal(hash_table_init(&t, buckets, 3), -EINVAL);
	assert_int_equal(hash_table_init(&t, buckets, 2), 0);
	for (int i = 0; i < 4; i++)
		hash_table_add(&t, &w[i].node, hash_string(w[i].text));
	assert_int_equal(t.count, 4);
	n = hash_table_first(&t, hash_string("one"));
	assert_ptr_equal(container_of(n, struct word, node), &w[3]);
	n = hash_table_next(n);
	assert_ptr_equal(n, &w[0].node);
	assert_null(hash_table_next(n));
	assert_int_equal(hash_table_del(&t, &w[3].node), 0);
	assert_int_equal(hash_table_del(&t, &w[3].node), -ENOENT);
	assert_ptr_equal(hash_table_first(&t, hash_string("one")), &w[0].node);
	assert_null(hash_table_first(&t, hash_string("four")));
	assert_int_equal(t.count, 3);
}

TEST_MAIN
