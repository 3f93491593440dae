/* test_virtqueue.c: what drivers/virtqueue.h promises, against a device that the test plays. */
#include "drivers/virtqueue.h"

#include "lib/errno.h"
#include "tests/unit/test.h"

#define SIZE 8

struct fixture {
	struct virtqueue vq;
	struct vq_slot slots[SIZE];
	uint16_t device_seen; /* avail->idx as far as the device has looked */
	void *memory;
};

static void start(struct fixture *f, bool event_idx)
{
	memset(f, 0, sizeof(*f));
	f->memory = aligned_alloc(16, (vq_memory_size(SIZE) + 15) & ~15UL);
	assert_int_equal(vq_init(&f->vq, SIZE, f->memory, f->slots, event_idx), 0);
}

static void end(struct fixture *f)
{
	free(f->memory);
}

/* The device takes the next buffer: its head, or -1. */
static int device_take(struct fixture *f)
{
	if (f->device_seen == f->vq.avail->idx)
		return -1;
	return f->vq.avail->ring[f->device_seen++ % SIZE];
}

static void device_use(struct fixture *f, uint32_t id, uint32_t len)
{
	f->vq.used->ring[f->vq.used->idx % SIZE] = (struct vq_used_elem){ id, len };
	f->vq.used->idx++;
}

static int add(struct fixture *f, unsigned count, void *token)
{
	struct vq_segment s[SIZE + 1];

	for (unsigned i = 0; i < count; i++)
		s[i] = (struct vq_segment){ .addr = 0x1000 * (i + 1), .len = 16, .device_writes = i > 0 };
	return vq_add(&f->vq, s, count, token);
}

static int collect(struct fixture *f)
{
	void *token;
	uint32_t len;

	return vq_collect(&f->vq, &token, &len);
}

static char a, b, c;

TEST(queue_refuses_a_size_that_is_no_power_of_two)
{
	struct virtqueue vq;

	assert_int_equal(vq_init(&vq, 0, NULL, NULL, false), -EINVAL);
	assert_int_equal(vq_init(&vq, 6, NULL, NULL, false), -EINVAL);
	assert_int_equal(vq_init(&vq, 65535, NULL, NULL, false), -EINVAL);
}

TEST(layout_is_that_of_the_specification)
{
	/* virtio 1.2, 2.7: 16 * N; 6 + 2 * N; 6 + 8 * N at a multiple of 4. */
	assert_int_equal(vq_avail_offset(8), 128);
	assert_int_equal(vq_used_offset(8), 128 + 24);
	assert_int_equal(vq_memory_size(8), 152 + 6 + 64);
	assert_int_equal(vq_used_offset(1) % 4, 0);
}

TEST(chain_reaches_the_device_as_it_was_added)
{
	struct fixture f;
	struct vq_segment s[3] = { { 0x10, 1, false }, { 0x20, 2, true }, { 0x30, 3, true } };
	const struct vq_desc *d;

	start(&f, false);
	assert_int_equal(vq_add(&f.vq, s, 3, &a), 0);
	d = &f.vq.desc[device_take(&f)];
	assert_int_equal(d->addr, 0x10);
	assert_int_equal(d->flags, 1);
	d = &f.vq.desc[d->next];
	assert_int_equal(d->addr, 0x20);
	assert_int_equal(d->len, 2);
	assert_int_equal(d->flags, 3);
	d = &f.vq.desc[d->next];
	assert_int_equal(d->len, 3);
	assert_int_equal(d->flags, 2);
	assert_int_equal(device_take(&f), -1);
	end(&f);
}

TEST(buffers_come_back_in_the_order_in_which_the_device_used_them)
{
	struct fixture f;
	void *token = NULL;
	uint32_t len = 0;
	int heads[2];

	start(&f, false);
	assert_int_equal(collect(&f), 0);
	assert_int_equal(add(&f, 2, &a), 0);
	assert_int_equal(add(&f, 3, &b), 0);
	heads[0] = device_take(&f);
	heads[1] = device_take(&f);
	device_use(&f, heads[1], 32);
	device_use(&f, heads[0], 7);
	assert_true(vq_pending(&f.vq));
	assert_int_equal(vq_collect(&f.vq, &token, &len), 1);
	assert_ptr_equal(token, &b);
	assert_int_equal(len, 32);
	assert_int_equal(vq_collect(&f.vq, &token, &len), 1);
	assert_ptr_equal(token, &a);
	assert_int_equal(len, 7);
	assert_int_equal(collect(&f), 0);
	assert_false(vq_pending(&f.vq));
	end(&f);
}

TEST(full_queue_says_so_and_descriptors_are_used_again)
{
	struct fixture f;

	start(&f, true);
	for (unsigned round = 0; round < 70000; round++) { /* the 16-bit indices wrap */
		assert_int_equal(add(&f, 3, &a), 0);
		assert_int_equal(add(&f, 5, &b), 0);
		assert_int_equal(add(&f, 1, &c), -ENOSPC);
		device_use(&f, device_take(&f), 0);
		assert_int_equal(collect(&f), 1);
		assert_int_equal(add(&f, 4, &c), -ENOSPC);
		device_use(&f, device_take(&f), 0);
		assert_int_equal(collect(&f), 1);
	}
	assert_int_equal(add(&f, SIZE + 1, &a), -ENOSPC);
	assert_int_equal(add(&f, SIZE, &a), 0);
	end(&f);
}

TEST(bad_segment_lists_are_refused)
{
	struct fixture f;
	struct vq_segment backwards[2] = { { 0x10, 1, true }, { 0x20, 2, false } };
	struct vq_segment empty = { 0x10, 0, false };
	struct vq_segment huge[2] = { { 0x10, UINT32_MAX, true }, { 0x20, 1, true } };

	start(&f, false);
	assert_int_equal(vq_add(&f.vq, backwards, 2, &a), -EINVAL);
	assert_int_equal(vq_add(&f.vq, &empty, 1, &a), -EINVAL);
	assert_int_equal(vq_add(&f.vq, huge, 2, &a), -EINVAL);
	assert_int_equal(vq_add(&f.vq, huge, 0, &a), -EINVAL);
	assert_int_equal(vq_add(&f.vq, huge, 1, NULL), -EINVAL);
	assert_int_equal(device_take(&f), -1);
	end(&f);
}

TEST(buffer_that_the_device_lost_can_be_taken_back)
{
	struct fixture f;

	start(&f, false);
	add(&f, 3, &a);
	add(&f, 5, &b);
	assert_int_equal(vq_forget(&f.vq, &c), -ENOENT);
	assert_int_equal(vq_forget(&f.vq, &a), 0);
	assert_int_equal(vq_forget(&f.vq, &a), -ENOENT);
	assert_int_equal(add(&f, 3, &c), 0);
	assert_int_equal(add(&f, 1, &a), -ENOSPC);
	end(&f);
}

static void expect_broken(struct fixture *f)
{
	assert_int_equal(collect(f), -EBADMSG);
	assert_true(f->vq.broken);
	assert_int_equal(collect(f), -EBADMSG);
	assert_int_equal(add(f, 1, &a), -EBADMSG);
	assert_false(vq_kick_needed(&f->vq));
	end(f);
}

TEST(used_id_out_of_range_breaks_the_queue)
{
	struct fixture f;

	start(&f, false);
	add(&f, 1, &a);
	device_use(&f, SIZE, 0);
	expect_broken(&f);
}

TEST(used_id_that_is_not_outstanding_breaks_the_queue)
{
	struct fixture f;

	start(&f, false);
	add(&f, 2, &a);
	device_use(&f, 1, 0); /* the middle of the chain */
	expect_broken(&f);
}

TEST(used_id_that_comes_twice_breaks_the_queue)
{
	struct fixture f;

	start(&f, false);
	add(&f, 1, &a);
	add(&f, 1, &b);
	device_use(&f, 0, 0);
	device_use(&f, 0, 0);
	assert_int_equal(collect(&f), 1);
	expect_broken(&f);
}

TEST(used_length_above_the_writable_length_breaks_the_queue)
{
	struct fixture f;

	start(&f, false);
	add(&f, 3, &a);
	device_use(&f, 0, 33);
	expect_broken(&f);
}

TEST(used_index_that_runs_ahead_breaks_the_queue)
{
	struct fixture f;

	start(&f, false);
	add(&f, 1, &a);
	f.vq.used->idx = 2;
	expect_broken(&f);
}

TEST(used_index_that_runs_back_breaks_the_queue)
{
	struct fixture f;

	start(&f, false);
	add(&f, 1, &a);
	f.vq.used->idx = UINT16_MAX;
	expect_broken(&f);
}

TEST(kick_follows_the_no_notify_flag)
{
	struct fixture f;

	start(&f, false);
	assert_false(vq_kick_needed(&f.vq));
	add(&f, 1, &a);
	assert_true(vq_kick_needed(&f.vq));
	assert_false(vq_kick_needed(&f.vq));
	f.vq.used->flags = 1;
	add(&f, 1, &b);
	assert_false(vq_kick_needed(&f.vq));
	end(&f);
}

TEST(kick_follows_avail_event)
{
	struct fixture f;
	uint16_t *avail_event;

	start(&f, true);
	avail_event = (uint16_t *) &f.vq.used->ring[SIZE];
	add(&f, 1, &a);
	assert_true(vq_kick_needed(&f.vq)); /* event 0, and element 0 was added */
	add(&f, 1, &b);
	assert_false(vq_kick_needed(&f.vq));
	*avail_event = 3;
	add(&f, 1, &c);
	assert_false(vq_kick_needed(&f.vq)); /* element 2 */
	add(&f, 1, &c);
	add(&f, 1, &c);
	assert_true(vq_kick_needed(&f.vq)); /* elements 3 and 4 */
	end(&f);
}

/* Whether the device would interrupt after its idx went from `from` to `to` (virtio 1.2, 2.7.7.2). */
static bool device_interrupts(struct fixture *f, uint16_t from, uint16_t to)
{
	uint16_t event = f->vq.avail->ring[SIZE];

	return (uint16_t) (to - event - 1) < (uint16_t) (to - from);
}

TEST(interrupt_wish_is_told_by_used_event)
{
	struct fixture f;

	start(&f, true);
	for (int i = 0; i < 4; i++)
		add(&f, 1, &a);
	assert_true(device_interrupts(&f, 0, 1)); /* on from the start */
	device_use(&f, 0, 0);
	assert_int_equal(collect(&f), 1);
	assert_true(device_interrupts(&f, 1, 2)); /* and stays on */
	assert_false(vq_interrupts(&f.vq, false));
	assert_false(device_interrupts(&f, 1, 2));
	device_use(&f, 1, 0);
	assert_int_equal(collect(&f), 1);
	assert_false(device_interrupts(&f, 2, 3));
	device_use(&f, 2, 0);
	assert_true(vq_interrupts(&f.vq, true)); /* one was used meanwhile */
	assert_int_equal(collect(&f), 1);
	assert_false(vq_interrupts(&f.vq, true));
	assert_true(device_interrupts(&f, 3, 4));
	end(&f);
}

TEST(interrupt_wish_is_told_by_the_flag_without_event_idx)
{
	struct fixture f;

	start(&f, false);
	assert_int_equal(f.vq.avail->flags, 0);
	vq_interrupts(&f.vq, false);
	assert_int_equal(f.vq.avail->flags, 1);
	assert_false(vq_interrupts(&f.vq, true));
	assert_int_equal(f.vq.avail->flags, 0);
	end(&f);
}

TEST_MAIN
