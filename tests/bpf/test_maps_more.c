/* test_maps_more.c: tries, ring buffers, stack traces and maps that hold maps and programs. */
#include "bpf/prog.h"
#include "bpf/ringbuf.h"
#include "bpf/stack_trace.h"
#include "lib/errno.h"
#include "tests/bpf/maps.h"

/* -- longest prefix -- */

struct prefix {
	uint32_t bits;
	uint8_t data[4];
};

static int route(struct bpf_map *map, uint32_t address, uint32_t bits, uint64_t value, uint64_t flags)
{
	struct prefix p = { bits, { address >> 24, address >> 16, address >> 8, address } };

	return bpf_map_update(map, &p, &value, flags);
}

static int unroute(struct bpf_map *map, uint32_t address, uint32_t bits)
{
	struct prefix p = { bits, { address >> 24, address >> 16, address >> 8, address } };

	return bpf_map_delete(map, &p);
}

static int64_t find(struct bpf_map *map, uint32_t address, uint32_t bits)
{
	struct prefix p = { bits, { address >> 24, address >> 16, address >> 8, address } };
	uint64_t value;
	int r = bpf_map_lookup(map, &p, &value);

	return r < 0 ? r : (int64_t)value;
}

static struct bpf_map *new_trie(uint32_t entries)
{
	return new_map(BPF_MAP_TYPE_LPM_TRIE, sizeof(struct prefix), 8, entries, BPF_F_NO_PREALLOC);
}

TEST(a_trie_finds_the_longest_prefix)
{
	struct bpf_map *map = new_trie(5);

	assert_int_equal(find(map, 0x0a000001, 32), -ENOENT);
	assert_int_equal(route(map, 0x0a000000, 8, 8, BPF_EXIST), -ENOENT);
	assert_int_equal(route(map, 0x0a000000, 8, 8, BPF_NOEXIST), 0);
	assert_int_equal(route(map, 0x0a000000, 8, 8, BPF_NOEXIST), -EEXIST);
	assert_int_equal(route(map, 0x0a010000, 16, 16, 0), 0);
	assert_int_equal(route(map, 0x0a010100, 24, 24, 0), 0);
	assert_int_equal(route(map, 0x0a020000, 16, 17, 0), 0);
	assert_int_equal(find(map, 0x0a010101, 32), 24);
	assert_int_equal(find(map, 0x0a010201, 32), 16);
	assert_int_equal(find(map, 0x0a020201, 32), 17);
	assert_int_equal(find(map, 0x0a030201, 32), 8);
	assert_int_equal(find(map, 0x0b030201, 32), -ENOENT);
	/* A shorter question finds no longer answer. */
	assert_int_equal(find(map, 0x0a010100, 16), 16);
	assert_int_equal(find(map, 0x0a010100, 7), -ENOENT);
	assert_int_equal(find(map, 0x0a010100, 33), -ENOENT);
	assert_int_equal(route(map, 0, 33, 0, 0), -EINVAL);
	assert_int_equal(unroute(map, 0, 33), -EINVAL);
	assert_int_equal(route(map, 0, 0, 1, 0), 0);
	assert_int_equal(find(map, 0x0b030201, 32), 1);
	assert_int_equal(route(map, 0x0c000000, 8, 1, 0), -ENOSPC);
	assert_int_equal(route(map, 0x0a010000, 16, 99, BPF_EXIST), 0);
	assert_int_equal(find(map, 0x0a010201, 32), 99);
	assert_int_equal(unroute(map, 0x0a010000, 15), -ENOENT);
	assert_int_equal(unroute(map, 0x0a010000, 16), 0);
	assert_int_equal(find(map, 0x0a010201, 32), 8);
	assert_int_equal(find(map, 0x0a010101, 32), 24);
	end_map(map);
}

static uint32_t next_random(uint32_t *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state >> 8;
}

static uint32_t mask_of(uint32_t bits)
{
	return bits ? ~0u << (32 - bits) : 0;
}

TEST(a_trie_agrees_with_a_list_through_random_changes)
{
	struct {
		uint32_t address, bits;
		uint64_t value;
	} list[200];
	struct bpf_map *map = new_trie(200);
	uint32_t state = 3;
	size_t count = 0;

	for (int i = 0; i < 20000; i++) {
		uint32_t bits = next_random(&state) % 33;
		/* Few different bits, so that prefixes meet. */
		uint32_t address = (next_random(&state) & 0x3) * 0x41104021 << (next_random(&state) % 8) & mask_of(bits);
		size_t k;

		for (k = 0; k < count; k++)
			if (list[k].bits == bits && list[k].address == address)
				break;
		switch (next_random(&state) % 3) {
		case 0:
			if (k == count && count == 200) {
				assert_int_equal(route(map, address, bits, i, 0), -ENOSPC);
				break;
			}
			assert_int_equal(route(map, address, bits, i, k == count ? BPF_NOEXIST : BPF_EXIST), 0);
			list[k].address = address;
			list[k].bits = bits;
			list[k].value = i;
			count += k == count;
			break;
		case 1:
			assert_int_equal(unroute(map, address, bits), k < count ? 0 : -ENOENT);
			if (k < count)
				list[k] = list[--count];
			break;
		default: {
			int64_t want = -ENOENT;
			int best = -1;

			for (k = 0; k < count; k++) {
				if (list[k].bits <= bits && !((list[k].address ^ address) & mask_of(list[k].bits)) &&
				    (int)list[k].bits > best) {
					best = (int)list[k].bits;
					want = (int64_t)list[k].value;
				}
			}
			assert_int_equal(find(map, address, bits), want);
		}
		}
		if (i % 500 == 0) {
			struct prefix p;
			size_t n = 0;

			for (int r = bpf_map_next_key(map, NULL, &p); r == 0; r = bpf_map_next_key(map, &p, &p))
				n++;
			assert_int_equal(n, count);
		}
	}
	end_map(map);
}

TEST(a_trie_lists_longer_prefixes_first)
{
	struct bpf_map *map = new_trie(5);
	struct prefix p;

	route(map, 0x0a000000, 8, 8, 0);
	route(map, 0x0a010000, 16, 16, 0);
	route(map, 0x0a020000, 16, 17, 0);
	assert_int_equal(bpf_map_next_key(map, NULL, &p), 0);
	assert_int_equal(p.data[1], 1);
	assert_int_equal(bpf_map_next_key(map, &p, &p), 0);
	assert_int_equal(p.data[1], 2);
	assert_int_equal(bpf_map_next_key(map, &p, &p), 0);
	assert_int_equal(p.bits, 8);
	assert_int_equal(bpf_map_next_key(map, &p, &p), -ENOENT);
	end_map(map);
}

TEST(a_trie_has_keys_of_5_to_260_bytes)
{
	assert_int_equal(try_map(BPF_MAP_TYPE_LPM_TRIE, 4, 8, 1, BPF_F_NO_PREALLOC), -EINVAL);
	assert_int_equal(try_map(BPF_MAP_TYPE_LPM_TRIE, 5, 8, 1, BPF_F_NO_PREALLOC), 0);
	assert_int_equal(try_map(BPF_MAP_TYPE_LPM_TRIE, 260, 8, 1, BPF_F_NO_PREALLOC), 0);
	assert_int_equal(try_map(BPF_MAP_TYPE_LPM_TRIE, 261, 8, 1, BPF_F_NO_PREALLOC), -EINVAL);
	assert_int_equal(try_map(BPF_MAP_TYPE_LPM_TRIE, 8, 8, 1, 0), -EINVAL);
}

/* -- ring buffers -- */

static int notified;

static void notify(struct bpf_map *map)
{
	notified++;
}

static struct bpf_map *new_ring(uint32_t size)
{
	struct bpf_map *map = new_map(BPF_MAP_TYPE_RINGBUF, 0, 0, size, 0);

	map->notify = notify;
	notified = 0;
	return map;
}

/* The oldest record as a number, which is then gone; -1: none. */
static int64_t take(struct bpf_map *map)
{
	const void *data;
	uint32_t size;
	uint64_t value = 0;

	if (bpf_ringbuf_peek(map, &data, &size) < 0)
		return -1;
	memcpy(&value, data, size < 8 ? size : 8);
	bpf_ringbuf_next(map);
	return (int64_t)value;
}

TEST(a_ring_buffer_is_some_pages)
{
	assert_int_equal(try_map(BPF_MAP_TYPE_RINGBUF, 0, 0, 4096, 0), 0);
	assert_int_equal(try_map(BPF_MAP_TYPE_RINGBUF, 0, 0, 0, 0), -EINVAL);
	assert_int_equal(try_map(BPF_MAP_TYPE_RINGBUF, 0, 0, 2048, 0), -EINVAL);
	assert_int_equal(try_map(BPF_MAP_TYPE_RINGBUF, 0, 0, 12288, 0), -EINVAL);
	assert_int_equal(try_map(BPF_MAP_TYPE_RINGBUF, 4, 0, 4096, 0), -EINVAL);
	assert_int_equal(try_map(BPF_MAP_TYPE_RINGBUF, 0, 0, 4096, BPF_F_RDONLY_PROG), -EINVAL);
}

TEST(records_come_out_in_the_order_of_their_reservation)
{
	struct bpf_map *map = new_ring(4096);
	uint32_t *a = bpf_ringbuf_reserve(map, 4);
	uint32_t *b = bpf_ringbuf_reserve(map, 4);
	uint32_t *c = bpf_ringbuf_reserve(map, 4);

	*a = 1;
	*b = 2;
	*c = 3;
	bpf_ringbuf_submit(c, 0);
	assert_int_equal(take(map), -1);
	assert_int_equal(notified, 0);
	bpf_ringbuf_submit(a, 0);
	assert_int_equal(notified, 1);
	assert_int_equal(take(map), 1);
	assert_int_equal(take(map), -1);
	bpf_ringbuf_discard(b, BPF_RB_NO_WAKEUP);
	assert_int_equal(notified, 1);
	assert_int_equal(take(map), 3);
	assert_int_equal(take(map), -1);
	end_map(map);
}

TEST(the_owner_is_told_once_until_it_reads)
{
	struct bpf_map *map = new_ring(4096);
	uint64_t v = 5;

	bpf_ringbuf_output(map, &v, 8, 0);
	bpf_ringbuf_output(map, &v, 8, 0);
	assert_int_equal(notified, 1);
	bpf_ringbuf_output(map, &v, 8, BPF_RB_FORCE_WAKEUP);
	assert_int_equal(notified, 2);
	assert_int_equal(bpf_ringbuf_output(map, &v, 8, 4), -EINVAL);
	while (take(map) >= 0)
		;
	bpf_ringbuf_output(map, &v, 8, BPF_RB_NO_WAKEUP);
	assert_int_equal(notified, 2);
	end_map(map);
}

TEST(a_ring_buffer_fills_up_and_counts_what_is_lost)
{
	struct bpf_map *map = new_ring(4096);
	uint64_t v = 5;
	int n = 0;

	while (bpf_ringbuf_output(map, &v, 8, 0) == 0)
		n++;
	assert_int_equal(n, 4096 / 16);
	assert_int_equal(bpf_ringbuf_output(map, &v, 8, 0), -EAGAIN);
	assert_int_equal(bpf_ringbuf_lost(map), 2);
	assert_int_equal(bpf_ringbuf_query(map, BPF_RB_AVAIL_DATA), 4096);
	assert_int_equal(bpf_ringbuf_query(map, BPF_RB_RING_SIZE), 4096);
	assert_int_equal(bpf_ringbuf_query(map, BPF_RB_PROD_POS), 4096);
	take(map);
	assert_int_equal(bpf_ringbuf_query(map, BPF_RB_CONS_POS), 16);
	assert_int_equal(bpf_ringbuf_output(map, &v, 8, 0), 0);
	end_map(map);
}

TEST(a_record_may_be_as_long_as_the_ring)
{
	struct bpf_map *map = new_ring(4096);
	uint64_t v = 5;
	void *record;

	assert_null(bpf_ringbuf_reserve(map, 4089));
	assert_null(bpf_ringbuf_reserve(map, UINT64_MAX));
	assert_null(bpf_ringbuf_reserve(map, UINT32_MAX));
	/* From anywhere in the ring, if it is empty. */
	for (int i = 0; i < 20; i++) {
		bpf_ringbuf_output(map, &v, 8, 0);
		assert_int_equal(take(map), 5);
		record = bpf_ringbuf_reserve(map, 4088);
		assert_non_null(record);
		memset(record, 7, 4088);
		bpf_ringbuf_submit(record, 0);
		assert_int_equal(take(map), 0x0707070707070707);
	}
	end_map(map);
}

TEST(records_of_all_sizes_survive_many_rounds)
{
	struct bpf_map *map = new_ring(4096);
	uint32_t state = 5, in = 0, out = 0;
	uint8_t bytes[600];
	const void *data;
	uint32_t size;

	for (int i = 0; i < 30000; i++) {
		if (next_random(&state) % 2) {
			uint32_t n = 4 + next_random(&state) % 500;

			memset(bytes, (int)(in & 0xff), n);
			memcpy(bytes, &in, 4);
			if (bpf_ringbuf_output(map, bytes, n, 0) == 0)
				in++;
		} else if (bpf_ringbuf_peek(map, &data, &size) == 0) {
			assert_int_equal(*(const uint32_t *)data, out);
			for (uint32_t k = 4; k < size; k++)
				assert_int_equal(((const uint8_t *)data)[k], out & 0xff);
			bpf_ringbuf_next(map);
			out++;
		}
	}
	assert_true(out > 5000);
	while (take(map) >= 0)
		out++;
	assert_int_equal(in, out);
	end_map(map);
}

TEST(events_go_through_the_ring_of_their_array)
{
	struct bpf_map *map = new_map(BPF_MAP_TYPE_PERF_EVENT_ARRAY, 4, 4, 2, 0);
	uint64_t v = 77;

	assert_int_equal(bpf_event_output(map, BPF_F_CURRENT_CPU, &v, 8), 0);
	assert_int_equal(bpf_event_output(map, 0, &v, 8), 0);
	assert_int_equal(bpf_event_output(map, 1, &v, 8), -ENOENT);
	assert_int_equal(bpf_event_output(map, 2, &v, 8), -E2BIG);
	assert_int_equal(bpf_event_output(map, 1ull << 32, &v, 8), -EINVAL);
	assert_int_equal(take(map), 77);
	assert_int_equal(take(map), 77);
	assert_int_equal(take(map), -1);
	while (bpf_event_output(map, 0, &v, 8) == 0)
		;
	assert_int_equal(bpf_event_output(map, 0, &v, 8), -ENOSPC);
	end_map(map);
}

TEST(a_reservation_in_the_middle_of_another_is_lost)
{
	struct bpf_map *map = new_ring(4096);

	assert_true(bpf_map_enter(map));
	assert_null(bpf_ringbuf_reserve(map, 8));
	bpf_map_leave(map);
	assert_int_equal(bpf_ringbuf_lost(map), 1);
	assert_non_null(bpf_ringbuf_reserve(map, 8));
	end_map(map);
}

/* -- stack traces -- */

TEST(equal_chains_have_equal_numbers)
{
	struct bpf_map *map = new_map(BPF_MAP_TYPE_STACK_TRACE, 4, 4 * 8, 1000, 0);
	uint64_t a[] = { 1, 2, 3, 4, 5, 6 }, b[] = { 1, 2, 3 }, got[4];
	int64_t ia = bpf_stack_trace_put(map, a, 6, 0), ib = bpf_stack_trace_put(map, b, 3, 0);
	uint32_t key, next;

	assert_in_range(ia, 0, 1023);
	assert_in_range(ib, 0, 1023);
	assert_true(ia != ib);
	assert_int_equal(bpf_stack_trace_put(map, a, 6, 0), ia);
	assert_int_equal(bpf_stack_trace_put(map, a, 4, BPF_F_FAST_STACK_CMP), ia);
	assert_int_equal(bpf_stack_trace_put(map, a, 0, 0), -EFAULT);
	assert_int_equal(bpf_stack_trace_put(map, a, 1, 1 << 11), -EINVAL);
	key = (uint32_t)ib;
	assert_int_equal(bpf_map_lookup(map, &key, got), 0);
	assert_int_equal(got[2], 3);
	assert_int_equal(got[3], 0);
	assert_int_equal(bpf_map_next_key(map, NULL, &next), 0);
	assert_int_equal(next, ia < ib ? ia : ib);
	assert_int_equal(bpf_map_next_key(map, &next, &next), 0);
	assert_int_equal(bpf_map_next_key(map, &next, &next), -ENOENT);
	assert_int_equal(bpf_map_delete(map, &key), 0);
	assert_int_equal(bpf_map_delete(map, &key), -ENOENT);
	assert_int_equal(bpf_map_lookup(map, &key, got), -ENOENT);
	assert_int_equal(bpf_map_update(map, &key, got, 0), -EINVAL);
	key = 5000;
	assert_int_equal(bpf_map_delete(map, &key), -E2BIG);
	end_map(map);
}

TEST(a_chain_takes_anothers_place_only_if_it_may)
{
	struct bpf_map *map = new_map(BPF_MAP_TYPE_STACK_TRACE, 4, 8, 1, 0);
	uint64_t a = 1, b = 2, got;
	uint32_t key = 0;

	assert_int_equal(bpf_stack_trace_put(map, &a, 1, 0), 0);
	assert_int_equal(bpf_stack_trace_put(map, &b, 1, 0), -EEXIST);
	assert_int_equal(bpf_stack_trace_put(map, &b, 1, BPF_F_REUSE_STACKID), 0);
	assert_int_equal(bpf_map_lookup(map, &key, &got), 0);
	assert_int_equal(got, 2);
	end_map(map);
	assert_int_equal(try_map(BPF_MAP_TYPE_STACK_TRACE, 4, 12, 1, 0), -EINVAL);
	assert_int_equal(try_map(BPF_MAP_TYPE_STACK_TRACE, 4, 128 * 8, 1, 0), -EINVAL);
}

/* -- maps and programs in maps -- */

static struct bpf_map *inner_map(struct bpf_mem *mem, uint32_t entries, uint32_t flags)
{
	struct bpf_map_def def = { BPF_MAP_TYPE_ARRAY, 4, 8, entries, flags };
	struct bpf_map *map;

	assert_int_equal(bpf_map_create(&def, mem, &map), 0);
	return map;
}

TEST(maps_of_maps_hold_maps_of_one_shape)
{
	for (int hash = 0; hash < 2; hash++) {
		struct bpf_mem mem = engine_mem(1 << 20);
		struct bpf_map *template = inner_map(&mem, 4, 0), *a = inner_map(&mem, 4, 0), *b = inner_map(&mem, 5, 0);
		struct bpf_map_def def = { hash ? BPF_MAP_TYPE_HASH_OF_MAPS : BPF_MAP_TYPE_ARRAY_OF_MAPS, 4, 4, 2, 0 };
		struct bpf_map *outer;
		uint32_t key = 1, next;

		assert_int_equal(bpf_map_create(&def, &mem, &outer), -EINVAL);
		def.inner = template;
		assert_int_equal(bpf_map_create(&def, &mem, &outer), 0);
		bpf_map_put(template);
		assert_null(outer->ops->lookup(outer, &key));
		assert_int_equal(bpf_map_set_object(outer, &key, b, 0), -EINVAL);
		assert_int_equal(bpf_map_set_object(outer, &key, a, 0), 0);
		assert_int_equal(a->refs, 2);
		assert_int_equal(bpf_map_set_object(outer, &key, a, 0), 0);
		assert_int_equal(a->refs, 2);
		assert_ptr_equal(outer->ops->lookup(outer, &key), a);
		assert_int_equal(bpf_map_next_key(outer, NULL, &next), 0);
		assert_int_equal(bpf_map_set_object(outer, &key, NULL, 0), 0);
		assert_int_equal(bpf_map_set_object(outer, &key, NULL, 0), -ENOENT);
		assert_int_equal(a->refs, 1);
		key = 2;
		assert_int_equal(bpf_map_set_object(outer, &key, a, 0), hash ? 0 : -E2BIG);
		key = 0;
		assert_int_equal(bpf_map_set_object(outer, &key, a, 0), 0);
		assert_int_equal(bpf_map_update(outer, &key, &next, 0), -ENOTSUPP);
		bpf_map_put(a);
		bpf_map_put(b);
		bpf_map_put(outer);
		assert_int_equal(mem.used, 0);
	}
}

TEST(arrays_as_inner_maps_may_differ_in_size_if_they_say_so)
{
	struct bpf_mem mem = engine_mem(1 << 20);
	struct bpf_map *a = inner_map(&mem, 4, BPF_F_INNER_MAP), *b = inner_map(&mem, 5, BPF_F_INNER_MAP);

	assert_true(bpf_map_same_shape(a, b));
	bpf_map_put(a);
	bpf_map_put(b);
}

static int released;

static void release(struct bpf_prog *prog)
{
	released++;
}

TEST(a_program_array_keeps_programs_alive)
{
	struct bpf_map *map = new_map(BPF_MAP_TYPE_PROG_ARRAY, 4, 4, 2, 0);
	struct bpf_prog p = { .refs = 1, .release = release };
	uint32_t key = 1;

	released = 0;
	assert_int_equal(bpf_map_set_object(map, &key, &p, 0), 0);
	bpf_prog_put(&p);
	assert_int_equal(released, 0);
	assert_ptr_equal(bpf_map_get_object(map, &key), &p);
	assert_int_equal(bpf_map_delete(map, &key), 0);
	assert_int_equal(released, 1);
	assert_int_equal(bpf_map_delete(map, &key), -ENOENT);
	assert_int_equal(get(map, 0), -ENOTSUPP);
	p.refs = 1;
	assert_int_equal(bpf_map_set_object(map, &key, &p, 0), 0);
	bpf_prog_put(&p);
	end_map(map);
	assert_int_equal(released, 2);
}

TEST_MAIN
