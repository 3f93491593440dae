/* test_maps.c: arrays, hashes, LRU hashes, queues and stacks, and what all maps have in common. */
#include "lib/errno.h"
#include "tests/bpf/maps.h"

/* -- all maps -- */

TEST(a_map_keeps_to_its_budget)
{
	struct bpf_map_def def = { BPF_MAP_TYPE_ARRAY, 4, 8, 1000, 0 };
	struct bpf_mem mem = engine_mem(8000);
	struct bpf_map *map;

	assert_int_equal(bpf_map_create(&def, &mem, &map), -ENOMEM);
	def.type = BPF_MAP_TYPE_HASH;
	assert_int_equal(bpf_map_create(&def, &mem, &map), -ENOMEM);
	def.type = BPF_MAP_TYPE_QUEUE;
	def.key_size = 0;
	assert_int_equal(bpf_map_create(&def, &mem, &map), -ENOMEM);
	assert_int_equal(mem.used, 0);
	/* What is allocated later counts, too. */
	def = (struct bpf_map_def){ BPF_MAP_TYPE_HASH, 8, 64, 100, BPF_F_NO_PREALLOC };
	assert_int_equal(bpf_map_create(&def, &mem, &map), 0);
	for (uint64_t i = 0;; i++) {
		uint8_t value[64] = { 0 };
		int r = bpf_map_update(map, &i, value, 0);

		assert_in_range(i, 0, 99);
		if (r == 0)
			continue;
		assert_int_equal(r, -ENOMEM);
		assert_true(i >= 32);
		break;
	}
	assert_true(mem.used <= mem.budget);
	bpf_map_put(map);
	assert_int_equal(mem.used, 0);
}

TEST(a_map_has_a_known_type_and_flags)
{
	assert_int_equal(try_map(0, 4, 4, 1, 0), -EINVAL);
	assert_int_equal(try_map(BPF_MAP_TYPE_MAX_KNOWN, 4, 4, 1, 0), -EINVAL);
	assert_int_equal(try_map(14, 4, 4, 1, 0), -EINVAL);
	assert_int_equal(try_map(UINT32_MAX, 4, 4, 1, 0), -EINVAL);
	assert_int_equal(try_map(BPF_MAP_TYPE_ARRAY, 4, 4, 1, 1u << 30), -EINVAL);
	assert_int_equal(try_map(BPF_MAP_TYPE_ARRAY, 4, 4, 1, BPF_F_NO_PREALLOC), -EINVAL);
	assert_int_equal(try_map(BPF_MAP_TYPE_HASH, 4, 4, 1, BPF_F_RDONLY_PROG | BPF_F_WRONLY_PROG), -EINVAL);
	assert_int_equal(try_map(BPF_MAP_TYPE_HASH, 4, 4, 1, BPF_F_RDONLY | BPF_F_WRONLY), -EINVAL);
	assert_int_equal(try_map(BPF_MAP_TYPE_ARRAY_OF_MAPS, 4, 4, 1, 0), -EINVAL);
	assert_string_equal(bpf_map_type_name(9), "lru_hash");
	assert_string_equal(bpf_map_type_name(14), "devmap");
	assert_string_equal(bpf_map_type_name(30), "bloom_filter");
	assert_null(bpf_map_type_name(BPF_MAP_TYPE_MAX_KNOWN));
}

TEST(sizes_are_checked_as_linux_does)
{
	assert_int_equal(try_map(BPF_MAP_TYPE_ARRAY, 8, 4, 1, 0), -EINVAL);
	assert_int_equal(try_map(BPF_MAP_TYPE_ARRAY, 4, 0, 1, 0), -EINVAL);
	assert_int_equal(try_map(BPF_MAP_TYPE_ARRAY, 4, 4, 0, 0), -EINVAL);
	assert_int_equal(try_map(BPF_MAP_TYPE_ARRAY, 4, 0x400000, 1, 0), -E2BIG);
	assert_int_equal(try_map(BPF_MAP_TYPE_ARRAY, 4, 4096, UINT32_MAX, 0), -E2BIG);
	assert_int_equal(try_map(BPF_MAP_TYPE_HASH, 0, 4, 1, 0), -EINVAL);
	assert_int_equal(try_map(BPF_MAP_TYPE_HASH, 4, 0, 1, 0), -EINVAL);
	assert_int_equal(try_map(BPF_MAP_TYPE_HASH, 4, 4, 0, 0), -EINVAL);
	assert_int_equal(try_map(BPF_MAP_TYPE_HASH, 513, 4, 1, 0), -E2BIG);
	assert_int_equal(try_map(BPF_MAP_TYPE_HASH, 4, 4, UINT32_MAX, 0), -E2BIG);
	assert_int_equal(try_map(BPF_MAP_TYPE_LRU_HASH, 4, 4, 1, BPF_F_NO_PREALLOC), -ENOTSUPP);
	assert_int_equal(try_map(BPF_MAP_TYPE_QUEUE, 4, 4, 1, 0), -EINVAL);
	assert_int_equal(try_map(BPF_MAP_TYPE_STACK, 0, 0, 1, 0), -EINVAL);
}

TEST(an_owner_may_do_what_the_flags_say)
{
	struct bpf_map *map = new_map(BPF_MAP_TYPE_ARRAY, 4, 8, 1, BPF_F_RDONLY);

	assert_int_equal(put(map, 0, 1, 0), -EPERM);
	assert_int_equal(get(map, 0), 0);
	end_map(map);
	map = new_map(BPF_MAP_TYPE_HASH, 4, 8, 1, BPF_F_WRONLY);
	assert_int_equal(put(map, 0, 1, 0), 0);
	assert_int_equal(get(map, 0), -EPERM);
	assert_int_equal(bpf_map_freeze(map), 0);
	assert_int_equal(bpf_map_freeze(map), -EBUSY);
	assert_int_equal(put(map, 0, 1, 0), -EPERM);
	assert_int_equal(drop(map, 0), -EPERM);
	end_map(map);
}

TEST(names_are_cut)
{
	struct bpf_map_def def = { BPF_MAP_TYPE_ARRAY, 4, 8, 1, 0, "a_name_of_more_than_15" };
	struct bpf_mem mem = engine_mem(1000);
	struct bpf_map *map;

	assert_int_equal(bpf_map_create(&def, &mem, &map), 0);
	assert_string_equal(map->name, "a_name_of_more_");
	bpf_map_put(map);
}

TEST(an_interrupt_may_look_into_a_map_that_is_being_changed_but_not_change_it)
{
	struct bpf_map *map = new_map(BPF_MAP_TYPE_HASH, 8, 8, 10, 0);
	struct bpf_helpers helpers = { 0 };
	uint64_t key = 1, value = 2;

	bpf_helpers_add_pure(&helpers);
	put(map, 1, 2, 0);
	assert_true(bpf_map_enter(map));
	assert_int_equal(get(map, 1), 2);
	assert_int_equal(put(map, 2, 3, 0), -EBUSY);
	assert_int_equal(drop(map, 1), -EBUSY);
	assert_int_equal((int64_t)helpers.fn[2]((uint64_t)map, (uint64_t)&key, (uint64_t)&value, 0, 0), -EBUSY);
	assert_int_equal((int64_t)helpers.fn[3]((uint64_t)map, (uint64_t)&key, 0, 0, 0), -EBUSY);
	bpf_map_leave(map);
	assert_int_equal(drop(map, 1), 0);
	end_map(map);
}

/* -- arrays -- */

static void check_array(uint32_t type)
{
	struct bpf_map *map = new_map(type, 4, 5, 3, 0);
	uint8_t value[5] = { 1, 2, 3, 4, 5 }, got[5];
	uint32_t key = 2, next;

	assert_int_equal(bpf_map_lookup(map, &key, got), 0);
	assert_memory_equal(got, "\0\0\0\0\0", 5);
	assert_int_equal(bpf_map_update(map, &key, value, BPF_ANY), 0);
	assert_int_equal(bpf_map_update(map, &key, value, BPF_EXIST), 0);
	assert_int_equal(bpf_map_update(map, &key, value, BPF_NOEXIST), -EEXIST);
	assert_int_equal(bpf_map_update(map, &key, value, 3), -EINVAL);
	assert_int_equal(bpf_map_lookup(map, &key, got), 0);
	assert_memory_equal(got, value, 5);
	key = 1;
	assert_int_equal(bpf_map_lookup(map, &key, got), 0);
	assert_memory_equal(got, "\0\0\0\0\0", 5);
	key = 3;
	assert_int_equal(bpf_map_lookup(map, &key, got), -ENOENT);
	assert_int_equal(bpf_map_update(map, &key, value, BPF_ANY), -E2BIG);
	assert_int_equal(bpf_map_delete(map, &key), -EINVAL);
	assert_int_equal(bpf_map_next_key(map, NULL, &next), 0);
	assert_int_equal(next, 0);
	assert_int_equal(bpf_map_next_key(map, &next, &next), 0);
	assert_int_equal(next, 1);
	key = 2;
	assert_int_equal(bpf_map_next_key(map, &key, &next), -ENOENT);
	key = 77;
	assert_int_equal(bpf_map_next_key(map, &key, &next), 0);
	assert_int_equal(next, 0);
	assert_int_equal(bpf_map_push(map, value, 0), -ENOTSUPP);
	end_map(map);
}

TEST(arrays_have_all_their_values_from_the_start)
{
	check_array(BPF_MAP_TYPE_ARRAY);
	check_array(BPF_MAP_TYPE_PERCPU_ARRAY);
}

TEST(only_an_array_of_one_has_an_address)
{
	struct bpf_map *map = new_map(BPF_MAP_TYPE_ARRAY, 4, 16, 1, 0);
	uint32_t key = 0;
	uint64_t address;

	assert_int_equal(bpf_map_value_address(map, 15, &address), 0);
	assert_int_equal(address, (uint64_t)map->ops->lookup(map, &key) + 15);
	assert_int_equal(bpf_map_value_address(map, 16, &address), -EINVAL);
	end_map(map);
	map = new_map(BPF_MAP_TYPE_ARRAY, 4, 16, 2, 0);
	assert_int_equal(bpf_map_value_address(map, 0, &address), -EINVAL);
	end_map(map);
}

/* -- hashes -- */

static void check_hash(uint32_t type, uint32_t flags)
{
	struct bpf_map *map = new_map(type, 8, 8, 2, flags);

	assert_int_equal(get(map, 1), -ENOENT);
	assert_int_equal(put(map, 1, 10, BPF_EXIST), -ENOENT);
	assert_int_equal(put(map, 1, 10, BPF_NOEXIST), 0);
	assert_int_equal(put(map, 1, 11, BPF_NOEXIST), -EEXIST);
	assert_int_equal(put(map, 1, 12, BPF_EXIST), 0);
	assert_int_equal(put(map, 1, 12, BPF_F_LOCK), -EINVAL);
	assert_int_equal(get(map, 1), 12);
	assert_int_equal(put(map, 2, 20, BPF_ANY), 0);
	assert_int_equal(drop(map, 3), -ENOENT);
	assert_int_equal(drop(map, 1), 0);
	assert_int_equal(drop(map, 1), -ENOENT);
	assert_int_equal(get(map, 1), -ENOENT);
	assert_int_equal(get(map, 2), 20);
	end_map(map);
}

TEST(hashes_tell_what_is_there)
{
	check_hash(BPF_MAP_TYPE_HASH, 0);
	check_hash(BPF_MAP_TYPE_HASH, BPF_F_NO_PREALLOC);
	check_hash(BPF_MAP_TYPE_HASH, BPF_F_ZERO_SEED);
	check_hash(BPF_MAP_TYPE_PERCPU_HASH, 0);
	check_hash(BPF_MAP_TYPE_LRU_HASH, 0);
	check_hash(BPF_MAP_TYPE_LRU_PERCPU_HASH, BPF_F_NO_COMMON_LRU);
}

TEST(a_full_hash_takes_no_more)
{
	for (int i = 0; i < 2; i++) {
		struct bpf_map *map = new_map(BPF_MAP_TYPE_HASH, 8, 8, 2, i ? BPF_F_NO_PREALLOC : 0);

		assert_int_equal(put(map, 1, 1, 0), 0);
		assert_int_equal(put(map, 2, 2, 0), 0);
		assert_int_equal(put(map, 3, 3, 0), -E2BIG);
		assert_int_equal(put(map, 2, 4, 0), 0);
		assert_int_equal(drop(map, 1), 0);
		assert_int_equal(put(map, 3, 3, 0), 0);
		assert_int_equal(get(map, 3), 3);
		end_map(map);
	}
}

TEST(a_preallocated_hash_allocates_nothing_later)
{
	struct bpf_map *map = new_map(BPF_MAP_TYPE_HASH, 8, 8, 1000, 0);
	size_t used = test_mem.used;

	for (uint64_t round = 0; round < 3; round++) {
		for (uint64_t i = 0; i < 1000; i++)
			assert_int_equal(put(map, i * 77 + round, i, 0), 0);
		assert_int_equal(test_mem.used, used);
		for (uint64_t i = 0; i < 1000; i++)
			assert_int_equal(drop(map, i * 77 + round), 0);
	}
	end_map(map);
}

TEST(an_element_stays_where_it_is)
{
	struct bpf_map *map = new_map(BPF_MAP_TYPE_HASH, 8, 8, 1000, BPF_F_NO_PREALLOC);
	uint64_t key = 5;
	uint64_t *value;

	put(map, key, 55, 0);
	value = map->ops->lookup(map, &key);
	for (uint64_t i = 100; i < 900; i++)
		put(map, i, i, 0);
	assert_ptr_equal(map->ops->lookup(map, &key), value);
	/* Even deleted it is no one else's memory but this map's. */
	drop(map, key);
	*value = 1;
	end_map(map);
}

/* Keys of all sizes, against what must be there; keys differ in one byte only. */
TEST(keys_of_every_size_are_told_apart)
{
	for (uint32_t size = 1; size <= 40; size++) {
		struct bpf_map *map = new_map(BPF_MAP_TYPE_HASH, size, 4, 64, 0);
		uint8_t key[40] = { 0 };

		for (uint32_t i = 0; i < size; i++) {
			key[i] = 7;
			assert_int_equal(bpf_map_update(map, key, &i, BPF_NOEXIST), 0);
			key[i] = 0;
		}
		for (uint32_t i = 0; i < size; i++) {
			uint32_t value = 99;

			key[i] = 7;
			assert_int_equal(bpf_map_lookup(map, key, &value), 0);
			assert_int_equal(value, i);
			key[i] = 0;
		}
		assert_int_equal(bpf_map_delete(map, key), -ENOENT);
		end_map(map);
	}
}

static uint32_t next_random(uint32_t *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state >> 8;
}

TEST(a_hash_agrees_with_a_table_through_random_changes)
{
	static uint64_t there[512];

	for (int flags = 0; flags < 2; flags++) {
		struct bpf_map *map = new_map(BPF_MAP_TYPE_HASH, 4, 8, 300, flags ? BPF_F_NO_PREALLOC : 0);
		uint32_t state = 1, count = 0;

		memset(there, 0, sizeof(there));
		for (int i = 0; i < 20000; i++) {
			uint32_t key = next_random(&state) % 512;
			uint64_t value = next_random(&state) + 1ull;

			if (next_random(&state) % 2) {
				int want = there[key] || count < 300 ? 0 : -E2BIG;

				assert_int_equal(put(map, key, value, 0), want);
				if (want == 0) {
					count += !there[key];
					there[key] = value;
				}
			} else {
				assert_int_equal(drop(map, key), there[key] ? 0 : -ENOENT);
				count -= there[key] != 0;
				there[key] = 0;
			}
		}
		for (uint32_t key = 0; key < 512; key++)
			assert_int_equal(get(map, key), there[key] ? (int64_t)there[key] : -ENOENT);
		end_map(map);
	}
}

TEST(next_key_goes_over_all_keys_once)
{
	struct bpf_map *map = new_map(BPF_MAP_TYPE_HASH, 8, 8, 200, BPF_F_NO_PREALLOC);
	uint64_t key, sum = 0, count = 0;

	assert_int_equal(bpf_map_next_key(map, NULL, &key), -ENOENT);
	for (uint64_t i = 1; i <= 100; i++)
		put(map, i, i, 0);
	for (int r = bpf_map_next_key(map, NULL, &key); r == 0; r = bpf_map_next_key(map, &key, &key)) {
		sum += key;
		count++;
	}
	assert_int_equal(count, 100);
	assert_int_equal(sum, 5050);
	key = 1000;
	assert_int_equal(bpf_map_next_key(map, &key, &key), 0);
	assert_in_range(key, 1, 100);
	end_map(map);
}

static uint64_t visit(void *arg, struct bpf_map *map, const void *key, void *value)
{
	uint64_t *sum = arg;

	*sum += *(uint64_t *)value;
	/* A callback may delete what it sees and add what it likes. */
	bpf_map_delete(map, key);
	put(map, 1000 + *(const uint64_t *)key, 0, 0);
	return *sum > 1000000;
}

TEST(elements_are_visited_while_they_change)
{
	for (int flags = 0; flags < 2; flags++) {
		struct bpf_map *map = new_map(BPF_MAP_TYPE_HASH, 8, 8, 500, flags ? BPF_F_NO_PREALLOC : 0);
		uint64_t sum = 0, count = 0;

		for (uint64_t i = 1; i <= 100; i++)
			put(map, i, i, 0);
		map->ops->for_each(map, visit, &sum, &count);
		assert_int_equal(sum, 5050);
		assert_true(count >= 100);
		for (uint64_t i = 1; i <= 100; i++)
			assert_int_equal(get(map, i), -ENOENT);
		put(map, 1, 2000000, 0);
		map->ops->for_each(map, visit, &sum, &count);
		assert_true(sum > 1000000);
		end_map(map);
	}
}

/* -- LRU -- */

TEST(an_lru_hash_makes_room_and_keeps_what_is_used)
{
	struct bpf_map *map = new_map(BPF_MAP_TYPE_LRU_HASH, 8, 8, 100, 0);
	uint64_t hot = 7, there = 0;

	put(map, hot, 1, 0);
	for (uint64_t i = 1000; i < 3000; i++) {
		assert_int_equal(put(map, i, i, 0), 0);
		assert_non_null(map->ops->lookup(map, &hot));
	}
	for (uint64_t i = 1000; i < 3000; i++)
		there += get(map, i) >= 0;
	assert_int_equal(there, 99);
	/* The newest is there, the first is not. */
	assert_int_equal(get(map, 2999), 2999);
	assert_int_equal(get(map, 1000), -ENOENT);
	end_map(map);
}

TEST(an_owners_look_is_no_use)
{
	struct bpf_map *map = new_map(BPF_MAP_TYPE_LRU_HASH, 8, 8, 10, 0);

	for (uint64_t i = 0; i < 10; i++)
		put(map, i, i, 0);
	for (uint64_t i = 100; i < 110; i++) {
		get(map, 0);
		put(map, i, i, 0);
	}
	assert_int_equal(get(map, 0), -ENOENT);
	end_map(map);
}

/* -- queues and stacks -- */

static int64_t pop(struct bpf_map *map)
{
	uint64_t value = 99;
	int r = bpf_map_pop(map, &value);

	if (r < 0)
		assert_int_equal(value, 0);
	return r < 0 ? r : (int64_t)value;
}

static int push(struct bpf_map *map, uint64_t value, uint64_t flags)
{
	return bpf_map_push(map, &value, flags);
}

TEST(a_queue_is_first_in_first_out_and_a_stack_is_not)
{
	for (int stack = 0; stack < 2; stack++) {
		struct bpf_map *map = new_map(stack ? BPF_MAP_TYPE_STACK : BPF_MAP_TYPE_QUEUE, 0, 8, 3, 0);
		uint64_t value;

		assert_int_equal(pop(map), -ENOENT);
		assert_int_equal(bpf_map_peek(map, &value), -ENOENT);
		for (uint64_t i = 1; i <= 3; i++)
			assert_int_equal(push(map, i, 0), 0);
		assert_int_equal(push(map, 4, 0), -E2BIG);
		assert_int_equal(push(map, 4, BPF_NOEXIST), -EINVAL);
		assert_int_equal(bpf_map_peek(map, &value), 0);
		assert_int_equal(value, stack ? 3 : 1);
		/* As the system call has it: no key. */
		assert_int_equal(bpf_map_lookup(map, NULL, &value), 0);
		assert_int_equal(value, stack ? 3 : 1);
		assert_int_equal(bpf_map_lookup(map, &value, &value), -EINVAL);
		/* The oldest makes room. */
		assert_int_equal(push(map, 4, BPF_EXIST), 0);
		assert_int_equal(pop(map), stack ? 4 : 2);
		assert_int_equal(pop(map), 3);
		assert_int_equal(push(map, 5, 0), 0);
		assert_int_equal(pop(map), stack ? 5 : 4);
		assert_int_equal(pop(map), stack ? 2 : 5);
		assert_int_equal(pop(map), -ENOENT);
		end_map(map);
	}
}

TEST_MAIN
