/* test_list.c: what lib/list.h promises. */
#include "lib/list.h"

#include "tests/unit/test.h"

struct item {
	int value;
	struct list link;
};

TEST(list_keeps_the_order_of_insertion_at_either_end)
{
	struct item a = { 1, LIST_INIT(a.link) }, b = { 2, LIST_INIT(b.link) }, c = { 3, LIST_INIT(c.link) };
	struct list head = LIST_INIT(head);
	struct item *i;
	int seen = 0;

	assert_true(list_empty(&head));
	assert_null(list_first(&head, struct item, link));
	list_add_tail(&head, &b.link);
	list_add_tail(&head, &c.link);
	list_add_head(&head, &a.link);
	list_for_each(i, &head, link)
		seen = seen * 10 + i->value;
	assert_int_equal(seen, 123);
	assert_ptr_equal(list_first(&head, struct item, link), &a);
	assert_ptr_equal(list_last(&head, struct item, link), &c);
}

TEST(list_element_may_be_deleted_while_iterating_and_twice)
{
	struct item items[4];
	struct list head;
	struct item *i, *save;

	list_init(&head);
	for (int n = 0; n < 4; n++) {
		items[n].value = n;
		list_add_tail(&head, &items[n].link);
	}
	list_for_each_safe(i, save, &head, link) {
		if (i->value == 1 || i->value == 2)
			list_del(&i->link);
	}
	list_del(&items[1].link);
	assert_true(list_empty(&items[1].link));
	assert_ptr_equal(items[0].link.next, &items[3].link);
	assert_ptr_equal(head.prev, &items[3].link);
}

TEST_MAIN
