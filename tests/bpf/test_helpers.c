/* test_helpers.c: the pure helpers as programs call them, in both engines; look-ups that the compiler does in place. */
#include "bpf/insn.h"
#include "bpf/ringbuf.h"
#include "bpf/verify.h"
#include "lib/errno.h"
#include "tests/bpf/cases.h"

#define EXIT BPF_EXIT_INSN()

static struct bpf_mem mem;
static struct bpf_map *maps[4];

static struct bpf_map *make(uint32_t type, uint32_t key, uint32_t value, uint32_t entries)
{
	struct bpf_map_def def = { type, key, value, entries, 0 };
	struct bpf_map *map;

	assert_int_equal(bpf_map_create(&def, &mem, &map), 0);
	return map;
}

static void use_maps(struct bpf_map *a, struct bpf_map *b)
{
	maps[0] = a;
	maps[1] = b;
	case_maps = maps;
	case_map_count = b ? 2 : 1;
}

static void end_maps(void)
{
	for (size_t i = 0; i < case_map_count; i++)
		bpf_map_put(maps[i]);
	case_maps = NULL;
	case_map_count = 0;
	assert_int_equal(mem.used, 0);
}

static void begin(void)
{
	mem = engine_mem(1 << 20);
}

/* r2 = address of a key on the stack with this value; changes r2 only. */
#define KEY(VALUE) \
	BPF_ST_MEM(BPF_W, 10, -4, VALUE), BPF_MOV64_REG(2, 10), BPF_ALU64_IMM(BPF_ADD, 2, -4)
#define LOOKUP(MAP, VALUE) KEY(VALUE), BPF_LD_MAP(1, MAP), BPF_CALL_HELPER(1)

TEST(array_values_are_found_in_place)
{
	static const uint32_t sizes[] = { 1, 4, 8, 12, 16, 24, 64, 100, 4096, 5000 };

	for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++) {
		for (int percpu = 0; percpu < 2; percpu++) {
			begin();
			use_maps(make(percpu ? BPF_MAP_TYPE_PERCPU_ARRAY : BPF_MAP_TYPE_ARRAY, 4, sizes[s], 5), NULL);
			for (int key = -1; key < 7; key++) {
				uint32_t k = (uint32_t)key;

				assert_int_equal(R0(LOOKUP(0, key), EXIT), (uint64_t)maps[0]->ops->lookup(maps[0], &k));
			}
			end_maps();
		}
	}
}

TEST(hash_values_are_found)
{
	uint32_t key = 5;
	uint64_t value = 55;

	begin();
	use_maps(make(BPF_MAP_TYPE_HASH, 4, 8, 10), NULL);
	bpf_map_update(maps[0], &key, &value, 0);
	assert_int_equal(R0(LOOKUP(0, 5), BPF_LDX_MEM(BPF_DW, 0, 0, 0), EXIT), 55);
	assert_int_equal(R0(LOOKUP(0, 6), EXIT), 0);
	/* Another copy of the address is the same map. */
	assert_int_equal(R0(BPF_LD_MAP(6, 0), KEY(5), BPF_MOV64_REG(1, 6), BPF_CALL_HELPER(1),
	                    BPF_LDX_MEM(BPF_DW, 0, 0, 0), EXIT),
	                 55);
	end_maps();
}

TEST(the_compiler_does_not_mistake_one_map_for_another)
{
	uint32_t key = 1;
	uint64_t a = 11, b = 22;

	begin();
	use_maps(make(BPF_MAP_TYPE_ARRAY, 4, 8, 2), make(BPF_MAP_TYPE_HASH, 4, 8, 2));
	bpf_map_update(maps[0], &key, &a, 0);
	bpf_map_update(maps[1], &key, &b, 0);
	for (int which = 0; which < 2; which++) {
		/* Two ways lead to one call, each with its map. */
		assert_int_equal(R0(BPF_MOV64_IMM(6, which), KEY(1), BPF_LD_MAP(1, 1), BPF_JMP_IMM(BPF_JNE, 6, 0, 2),
		                    BPF_LD_MAP(1, 0), BPF_CALL_HELPER(1), BPF_LDX_MEM(BPF_DW, 0, 0, 0), EXIT),
		                 which ? 22 : 11);
		/* r1 is another map's after the constant. */
		assert_int_equal(R0(BPF_LD_MAP(6, 1 - which), KEY(1), BPF_LD_MAP(1, which), BPF_MOV64_REG(1, 6),
		                    BPF_CALL_HELPER(1), BPF_LDX_MEM(BPF_DW, 0, 0, 0), EXIT),
		                 which ? 11 : 22);
		/* Through memory, and by an exchange. */
		assert_int_equal(R0(BPF_LD_MAP(6, 1 - which), BPF_STX_MEM(BPF_DW, 10, 6, -16), KEY(1), BPF_LD_MAP(1, which),
		                    BPF_LDX_MEM(BPF_DW, 1, 10, -16), BPF_CALL_HELPER(1), BPF_LDX_MEM(BPF_DW, 0, 0, 0), EXIT),
		                 which ? 11 : 22);
		assert_int_equal(R0(BPF_LD_MAP(6, 1 - which), BPF_STX_MEM(BPF_DW, 10, 6, -16), KEY(1), BPF_LD_MAP(1, which),
		                    BPF_ATOMIC_OP(BPF_DW, BPF_XCHG, 10, 1, -16), BPF_CALL_HELPER(1),
		                    BPF_LDX_MEM(BPF_DW, 0, 0, 0), EXIT),
		                 which ? 11 : 22);
	}
	end_maps();
}

static uint64_t wrong(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5)
{
	return 12345;
}

TEST(the_compiler_uses_what_the_verifier_knows)
{
	/* The map's address comes through r6: nothing says so at the call but the fact. */
	struct bpf_insn p[] = { BPF_LD_MAP(6, 0), KEY(1), BPF_MOV64_REG(1, 6), BPF_CALL_HELPER(1), EXIT };
	struct bpf_insn_fact facts[8] = { [6] = { .map = 1 } };
	struct bpf_helpers helpers = { .fn = { [1] = wrong } };
	uint32_t key = 1;
	struct engine e;

	begin();
	use_maps(make(BPF_MAP_TYPE_ARRAY, 4, 8, 2), NULL);
	assert_int_equal(engine_load(&e, p, sizeof(p) / 8, maps, 1, &helpers, 0, true), 0);
	assert_int_equal(engine_call(&e, 0, 0), 12345);
	engine_unload(&e);
	engine_facts = facts;
	assert_int_equal(engine_load(&e, p, sizeof(p) / 8, maps, 1, &helpers, 0, true), 0);
	engine_facts = NULL;
	assert_int_equal(engine_call(&e, 0, 0), (uint64_t)maps[0]->ops->lookup(maps[0], &key));
	engine_unload(&e);
	end_maps();
}

TEST(programs_change_maps)
{
	begin();
	use_maps(make(BPF_MAP_TYPE_HASH, 4, 4, 2), NULL);
	/* update(map, key 7, value = the key, BPF_NOEXIST), which each engine does after the other's delete */
	assert_int_equal(R0(KEY(7), BPF_MOV64_REG(3, 2), BPF_MOV64_IMM(4, BPF_NOEXIST), BPF_LD_MAP(1, 0),
	                    BPF_CALL_HELPER(2), BPF_MOV64_REG(6, 0), KEY(7), BPF_MOV64_REG(3, 2), BPF_MOV64_IMM(4, BPF_NOEXIST),
	                    BPF_LD_MAP(1, 0), BPF_CALL_HELPER(2), BPF_ALU64_IMM(BPF_MUL, 0, 1000),
	                    BPF_ALU64_REG(BPF_ADD, 6, 0), KEY(7), BPF_LD_MAP(1, 0), BPF_CALL_HELPER(3),
	                    BPF_ALU64_REG(BPF_ADD, 6, 0), KEY(7), BPF_LD_MAP(1, 0), BPF_CALL_HELPER(3),
	                    BPF_ALU64_REG(BPF_ADD, 0, 6), EXIT),
	                 (uint64_t)(-EEXIST * 1000 - ENOENT));
	end_maps();
	begin();
	use_maps(make(BPF_MAP_TYPE_QUEUE, 0, 4, 2), NULL);
	/* push 9, peek, pop, pop from nothing */
	assert_int_equal(R0(KEY(9), BPF_MOV64_IMM(3, 0), BPF_LD_MAP(1, 0), BPF_CALL_HELPER(87), KEY(1), BPF_LD_MAP(1, 0),
	                    BPF_CALL_HELPER(89), BPF_LDX_MEM(BPF_W, 6, 10, -4), KEY(1), BPF_LD_MAP(1, 0),
	                    BPF_CALL_HELPER(88), BPF_LDX_MEM(BPF_W, 1, 10, -4), BPF_ALU64_REG(BPF_ADD, 6, 1), KEY(1),
	                    BPF_LD_MAP(1, 0), BPF_CALL_HELPER(88), BPF_ALU64_REG(BPF_ADD, 0, 6), EXIT),
	                 18 - ENOENT);
	/* A queue has no keys. */
	assert_int_equal(R0(LOOKUP(0, 1), EXIT), 0);
	end_maps();
}

TEST(a_per_cpu_value_of_another_processor_is_none)
{
	begin();
	use_maps(make(BPF_MAP_TYPE_PERCPU_ARRAY, 4, 8, 2), NULL);
	assert_true(R0(KEY(1), BPF_MOV64_IMM(3, 0), BPF_LD_MAP(1, 0), BPF_CALL_HELPER(195), EXIT) != 0);
	assert_int_equal(R0(KEY(1), BPF_MOV64_IMM(3, 1), BPF_LD_MAP(1, 0), BPF_CALL_HELPER(195), EXIT), 0);
	end_maps();
}

TEST(loop_ends_when_the_callback_says_so)
{
	/* The callback (i, ctx) adds i to *ctx and stops at r1 == STOP. */
#define LOOP(COUNT, FLAGS, STOP)                                                                                     \
	R0(BPF_ST_MEM(BPF_DW, 10, -8, 0), BPF_MOV64_IMM(1, COUNT), BPF_LD_IMM64_RAW(2, BPF_PSEUDO_FUNC, 9, 0),        \
	   BPF_MOV64_REG(3, 10), BPF_ALU64_IMM(BPF_ADD, 3, -8), BPF_MOV64_IMM(4, FLAGS), BPF_CALL_HELPER(181),        \
	   BPF_LDX_MEM(BPF_DW, 1, 10, -8), BPF_ALU64_IMM(BPF_LSH, 1, 20), BPF_ALU64_REG(BPF_ADD, 0, 1), EXIT,         \
	   /* the callback */ BPF_LDX_MEM(BPF_DW, 0, 2, 0), BPF_ALU64_REG(BPF_ADD, 0, 1), BPF_STX_MEM(BPF_DW, 2, 0, 0), \
	   BPF_MOV64_IMM(0, 0), BPF_JMP_IMM(BPF_JNE, 1, STOP, 1), BPF_MOV64_IMM(0, 1), EXIT)
	assert_int_equal(LOOP(10, 0, 1000), (45 << 20) + 10);
	assert_int_equal(LOOP(10, 0, 3), (6 << 20) + 4);
	assert_int_equal(LOOP(0, 0, 3), 0);
	assert_int_equal(LOOP(10, 1, 3), (uint64_t)-EINVAL);
	assert_int_equal(LOOP((1 << 23) + 1, 0, 3), (uint64_t)-E2BIG);
}

TEST(every_element_is_visited)
{
	/* The callback (map, key, value, ctx) adds key * 100 + value to *ctx. */
#define FOR_EACH                                                                                                     \
	R0(BPF_ST_MEM(BPF_DW, 10, -8, 0), BPF_LD_MAP(1, 0), BPF_LD_IMM64_RAW(2, BPF_PSEUDO_FUNC, 9, 0),               \
	   BPF_MOV64_REG(3, 10), BPF_ALU64_IMM(BPF_ADD, 3, -8), BPF_MOV64_IMM(4, 0), BPF_CALL_HELPER(164),            \
	   BPF_LDX_MEM(BPF_DW, 1, 10, -8), BPF_ALU64_IMM(BPF_LSH, 1, 20), BPF_ALU64_REG(BPF_ADD, 0, 1), EXIT,         \
	   /* the callback */ BPF_LDX_MEM(BPF_W, 2, 2, 0), BPF_ALU64_IMM(BPF_MUL, 2, 100),                            \
	   BPF_LDX_MEM(BPF_W, 3, 3, 0), BPF_ALU64_REG(BPF_ADD, 2, 3), BPF_LDX_MEM(BPF_DW, 0, 4, 0),                   \
	   BPF_ALU64_REG(BPF_ADD, 0, 2), BPF_STX_MEM(BPF_DW, 4, 0, 0), BPF_MOV64_IMM(0, 0), EXIT)
	static const uint32_t types[] = { BPF_MAP_TYPE_ARRAY, BPF_MAP_TYPE_HASH, BPF_MAP_TYPE_LRU_HASH };

	for (size_t i = 0; i < 3; i++) {
		begin();
		use_maps(make(types[i], 4, 4, 3), NULL);
		for (uint32_t k = 0; k < 3; k++) {
			uint32_t value = k + 1;

			bpf_map_update(maps[0], &k, &value, 0);
		}
		assert_int_equal(FOR_EACH, (306 << 20) + 3);
		end_maps();
	}
	begin();
	use_maps(make(BPF_MAP_TYPE_RINGBUF, 0, 0, 4096), NULL);
	assert_int_equal(FOR_EACH, (uint64_t)-EINVAL);
	end_maps();
}

TEST(a_record_is_reserved_filled_and_submitted)
{
	const void *data;
	uint32_t size;

	begin();
	use_maps(make(BPF_MAP_TYPE_RINGBUF, 0, 0, 4096), NULL);
	assert_int_equal(R0(BPF_LD_MAP(1, 0), BPF_MOV64_IMM(2, 8), BPF_MOV64_IMM(3, 0), BPF_CALL_HELPER(131),
	                    BPF_ST_MEM(BPF_DW, 0, 0, 42), BPF_MOV64_REG(1, 0), BPF_MOV64_IMM(2, 0), BPF_CALL_HELPER(132),
	                    BPF_MOV64_IMM(0, 0), EXIT),
	                 0);
	/* Once by each engine. */
	for (int i = 0; i < 3; i++) {
		assert_int_equal(bpf_ringbuf_peek(maps[0], &data, &size), 0);
		assert_int_equal(size, 8);
		assert_int_equal(*(const uint64_t *)data, 42);
		bpf_ringbuf_next(maps[0]);
	}
	assert_int_equal(bpf_ringbuf_peek(maps[0], &data, &size), -EAGAIN);
	/* Flags of reserve are none. */
	assert_int_equal(R0(BPF_LD_MAP(1, 0), BPF_MOV64_IMM(2, 8), BPF_MOV64_IMM(3, 1), BPF_CALL_HELPER(131), EXIT), 0);
	assert_int_equal(R0(BPF_LD_MAP(1, 0), BPF_MOV64_IMM(2, 1), BPF_CALL_HELPER(134), EXIT), 4096);
	end_maps();
}

/* parse(TEXT, its length, FLAGS): result, and the value. */
static int64_t parse(int helper, const char *text, uint64_t flags, int64_t *ret_value)
{
	*ret_value = -77;
	return (int64_t)case_helpers.fn[helper]((uint64_t)text, strlen(text), flags, (uint64_t)ret_value, 0);
}

TEST(numbers_are_read_as_linux_reads_them)
{
	int64_t v;

	assert_int_equal(parse(105, "123abc", 0, &v), 3);
	assert_int_equal(v, 123);
	assert_int_equal(parse(105, "  -123", 10, &v), 6);
	assert_int_equal(v, -123);
	assert_int_equal(parse(105, "0x1F", 0, &v), 4);
	assert_int_equal(v, 31);
	assert_int_equal(parse(105, "0x1F", 16, &v), 4);
	assert_int_equal(parse(105, "017", 0, &v), 3);
	assert_int_equal(v, 15);
	assert_int_equal(parse(105, "0x", 0, &v), 1);
	assert_int_equal(v, 0);
	assert_int_equal(parse(105, "-9223372036854775808", 0, &v), 20);
	assert_int_equal(v, INT64_MIN);
	assert_int_equal(parse(105, "9223372036854775808", 0, &v), -ERANGE);
	assert_int_equal(v, -77);
	assert_int_equal(parse(106, "18446744073709551615", 0, &v), 20);
	assert_int_equal(v, -1);
	assert_int_equal(parse(106, "18446744073709551616", 0, &v), -ERANGE);
	assert_int_equal(parse(106, "-1", 0, &v), -EINVAL);
	assert_int_equal(parse(105, "", 0, &v), -EINVAL);
	assert_int_equal(parse(105, "x", 0, &v), -EINVAL);
	assert_int_equal(parse(105, "1", 7, &v), -EINVAL);
	assert_int_equal(parse(105, "1", 32, &v), -EINVAL);
}

TEST(strings_are_compared_to_their_length)
{
	bpf_helper_fn strncmp_ = case_helpers.fn[182];

	assert_int_equal(strncmp_((uint64_t)"abcd", 3, (uint64_t)"abcx", 0, 0), 0);
	assert_true((int64_t)strncmp_((uint64_t)"abcd", 4, (uint64_t)"abcx", 0, 0) < 0);
	assert_true((int64_t)strncmp_((uint64_t)"b", 1, (uint64_t)"a", 0, 0) > 0);
}

TEST(helpers_have_linux_numbers_and_names)
{
	for (uint32_t i = 0; i < BPF_HELPER_NUMBERS; i++) {
		const struct bpf_helper_proto *p = bpf_helper_proto(i);

		if (p)
			assert_string_equal(p->name, bpf_helper_name(i));
		/* What the pure helpers offer has a signature. */
		if (case_helpers.fn[i])
			assert_non_null(p);
	}
	assert_string_equal(bpf_helper_name(1), "map_lookup_elem");
	assert_string_equal(bpf_helper_name(211), "cgrp_storage_delete");
	assert_null(bpf_helper_name(0));
	assert_null(bpf_helper_name(212));
	assert_true(bpf_helper_allowed(bpf_helper_proto(1), BPF_PROG_TYPE_XDP));
	assert_true(bpf_helper_allowed(bpf_helper_proto(44), BPF_PROG_TYPE_XDP));
	assert_false(bpf_helper_allowed(bpf_helper_proto(44), BPF_PROG_TYPE_KPROBE));
	assert_false(bpf_helper_allowed(bpf_helper_proto(27), BPF_PROG_TYPE_XDP));
}

TEST_MAIN
