/* test_call.c: functions, helpers, callbacks and tail calls of both engines. */
#include "bpf/check.h"
#include "bpf/insn.h"
#include "lib/errno.h"
#include "tests/bpf/cases.h"

#define EXIT BPF_EXIT_INSN()

TEST(functions_get_arguments_and_keep_the_callers_registers)
{
	assert_int_equal(R0(BPF_MOV64_IMM(BPF_REG_6, 100), BPF_MOV64_IMM(BPF_REG_7, 200), BPF_MOV64_IMM(BPF_REG_8, 300),
	                    BPF_MOV64_IMM(BPF_REG_9, 400), BPF_MOV64_IMM(BPF_REG_1, 1), BPF_MOV64_IMM(BPF_REG_2, 2),
	                    BPF_MOV64_IMM(BPF_REG_3, 3), BPF_MOV64_IMM(BPF_REG_4, 4), BPF_MOV64_IMM(BPF_REG_5, 5),
	                    BPF_CALL_REL(5), BPF_ALU64_REG(BPF_ADD, BPF_REG_0, BPF_REG_6),
	                    BPF_ALU64_REG(BPF_ADD, BPF_REG_0, BPF_REG_7), BPF_ALU64_REG(BPF_ADD, BPF_REG_0, BPF_REG_8),
	                    BPF_ALU64_REG(BPF_ADD, BPF_REG_0, BPF_REG_9), EXIT,
	                    /* the function */
	                    BPF_MOV64_IMM(BPF_REG_6, 0), BPF_MOV64_IMM(BPF_REG_7, 0), BPF_MOV64_IMM(BPF_REG_8, 0),
	                    BPF_MOV64_IMM(BPF_REG_9, 0), BPF_MOV64_REG(BPF_REG_0, BPF_REG_1),
	                    BPF_ALU64_REG(BPF_ADD, BPF_REG_0, BPF_REG_2), BPF_ALU64_REG(BPF_ADD, BPF_REG_0, BPF_REG_3),
	                    BPF_ALU64_REG(BPF_ADD, BPF_REG_0, BPF_REG_4), BPF_ALU64_REG(BPF_ADD, BPF_REG_0, BPF_REG_5),
	                    EXIT),
	                 1015);
}

TEST(each_function_has_a_stack_of_its_own)
{
	/* Writes 1 at -8, calls a function that writes 2 at its own -8 and through the caller's pointer 3 at -16. */
	assert_int_equal(R0(BPF_ST_MEM(BPF_DW, BPF_REG_10, -8, 1), BPF_MOV64_REG(BPF_REG_1, BPF_REG_10), BPF_CALL_REL(5),
	                    BPF_LDX_MEM(BPF_DW, BPF_REG_0, BPF_REG_10, -8),
	                    BPF_LDX_MEM(BPF_DW, BPF_REG_1, BPF_REG_10, -16), BPF_ALU64_IMM(BPF_MUL, BPF_REG_0, 10),
	                    BPF_ALU64_REG(BPF_ADD, BPF_REG_0, BPF_REG_1), EXIT,
	                    /* the function */
	                    BPF_ST_MEM(BPF_DW, BPF_REG_10, -8, 2), BPF_ST_MEM(BPF_DW, BPF_REG_1, -16, 3),
	                    BPF_MOV64_IMM(BPF_REG_0, 0), EXIT),
	                 13);
}

TEST(calls_nest_eight_deep)
{
	struct bpf_insn p[64];
	size_t n = 0;

	/* Function i: its own stack, r6 = i, calls i + 1, adds. */
	for (int i = 1; i <= BPF_MAX_CALL_FRAMES; i++) {
		p[n++] = BPF_MOV64_IMM(BPF_REG_6, i);
		p[n++] = BPF_STX_MEM(BPF_DW, BPF_REG_10, BPF_REG_6, -512);
		p[n++] = i < BPF_MAX_CALL_FRAMES ? BPF_CALL_REL(3) : BPF_MOV64_IMM(BPF_REG_0, 0);
		p[n++] = BPF_LDX_MEM(BPF_DW, BPF_REG_1, BPF_REG_10, -512);
		p[n++] = BPF_ALU64_REG(BPF_ADD, BPF_REG_0, BPF_REG_1);
		p[n++] = EXIT;
	}
	assert_int_equal(run_both(p, n, NULL, 0).r0, 36);
}

static uint64_t sum_of_arguments(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5)
{
	return r1 + 10 * r2 + 100 * r3 + 1000 * r4 + 10000 * r5;
}

/* Non-zero if the stack is not aligned as the ABI asks. */
static uint64_t __attribute__((noinline)) misalignment(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5)
{
	return ((uintptr_t)__builtin_frame_address(0)) & 15;
}

TEST(helpers_get_five_arguments)
{
	case_helpers.fn[6] = sum_of_arguments;
	assert_int_equal(R0(BPF_MOV64_IMM(1, 1), BPF_MOV64_IMM(2, 2), BPF_MOV64_IMM(3, 3), BPF_MOV64_IMM(4, 4),
	                    BPF_MOV64_IMM(5, 5), BPF_CALL_HELPER(6), EXIT),
	                 54321);
	assert_int_equal(R0(BPF_MOV64_IMM(1, 1), BPF_MOV64_IMM(2, 2), BPF_MOV64_IMM(3, 3), BPF_MOV64_IMM(4, 4),
	                    BPF_MOV64_IMM(5, 5), BPF_MOV64_IMM(9, 6), BPF_INSN(BPF_JMP | BPF_CALL | BPF_X, 9, 0, 0, 0), EXIT),
	                 54321);
}

TEST(the_stack_is_aligned_for_helpers_whatever_the_frame_holds)
{
	case_helpers.fn[7] = misalignment;
	for (unsigned saved = 0; saved < 16; saved++) {
		for (int depth = 0; depth < 3; depth++) {
			struct bpf_insn p[16];
			size_t n = 0;

			for (unsigned i = 0; i < 4; i++)
				if (saved & 1u << i)
					p[n++] = BPF_MOV64_IMM(BPF_REG_6 + i, 1);
			if (depth)
				p[n++] = BPF_ST_MEM(BPF_B, BPF_REG_10, -depth * 8, 1);
			p[n++] = BPF_CALL_HELPER(7);
			p[n++] = BPF_MOV64_REG(BPF_REG_6, BPF_REG_0);
			p[n++] = BPF_CALL_REL(2);
			p[n++] = BPF_ALU64_REG(BPF_OR, BPF_REG_0, BPF_REG_6);
			p[n++] = EXIT;
			p[n++] = BPF_CALL_HELPER(7);
			p[n++] = EXIT;
			assert_int_equal(run_both(p, n, NULL, 0).r0, 0);
		}
	}
}

TEST(the_first_processor_is_the_only_one)
{
	assert_int_equal(R0(BPF_MOV64_IMM(0, 9), BPF_CALL_HELPER(8), EXIT), 0);
}

/* helper(count, callback, ctx): the sum of callback(i, ctx). */
static uint64_t repeat(uint64_t count, uint64_t callback, uint64_t ctx, uint64_t r4, uint64_t r5)
{
	struct bpf_callback *cb = (struct bpf_callback *)callback;
	uint64_t sum = 0;

	for (uint64_t i = 0; i < count; i++)
		sum += cb->call(i, ctx, 0, 0, 0, cb);
	return sum;
}

TEST(callbacks_run_on_the_callers_context)
{
	case_helpers.fn[9] = repeat;
	/* The callback adds i to what ctx points at and returns r6, which it sets, the caller's r6 being another. */
	assert_int_equal(R0(BPF_ST_MEM(BPF_DW, BPF_REG_10, -8, 5), BPF_MOV64_IMM(BPF_REG_6, 1000000),
	                    BPF_MOV64_IMM(BPF_REG_1, 10), BPF_LD_IMM64_RAW(BPF_REG_2, BPF_PSEUDO_FUNC, 8, 0),
	                    BPF_MOV64_REG(BPF_REG_3, BPF_REG_10), BPF_ALU64_IMM(BPF_ADD, BPF_REG_3, -8), BPF_CALL_HELPER(9),
	                    BPF_ALU64_REG(BPF_ADD, BPF_REG_0, BPF_REG_6),
	                    BPF_LDX_MEM(BPF_DW, BPF_REG_1, BPF_REG_10, -8),
	                    BPF_ALU64_REG(BPF_ADD, BPF_REG_0, BPF_REG_1), EXIT,
	                    /* the callback: (i, ctx) */
	                    BPF_LDX_MEM(BPF_DW, BPF_REG_0, BPF_REG_2, 0), BPF_ALU64_REG(BPF_ADD, BPF_REG_0, BPF_REG_1),
	                    BPF_STX_MEM(BPF_DW, BPF_REG_2, BPF_REG_0, 0), BPF_MOV64_IMM(BPF_REG_6, 7),
	                    BPF_MOV64_REG(BPF_REG_0, BPF_REG_6), EXIT),
	                 1000000 + 70 + 5 + 45);
}

TEST(callbacks_may_call_helpers_with_callbacks)
{
	case_helpers.fn[9] = repeat;
	/* Two callbacks, the first of which repeats the second three times. */
	assert_int_equal(R0(BPF_MOV64_IMM(1, 4), BPF_LD_IMM64_RAW(2, BPF_PSEUDO_FUNC, 4, 0), BPF_MOV64_IMM(3, 0),
	                    BPF_CALL_HELPER(9), EXIT,
	                    /* outer */
	                    BPF_MOV64_IMM(1, 3), BPF_LD_IMM64_RAW(2, BPF_PSEUDO_FUNC, 4, 0), BPF_MOV64_IMM(3, 0),
	                    BPF_CALL_HELPER(9), EXIT,
	                    /* inner */
	                    BPF_MOV64_IMM(0, 2), BPF_ST_MEM(BPF_DW, 10, -512, 9), EXIT),
	                 4 * 3 * 2);
}

/* Programs that call each other through one array; both are kept in both engines. */
struct pair {
	struct bpf_mem mem;
	struct bpf_map *map;
	struct engine e[2];
};

static void pair_load(struct pair *p, struct bpf_insn *a, size_t na, struct bpf_insn *b, size_t nb)
{
	struct bpf_map_def def = { BPF_MAP_TYPE_PROG_ARRAY, 4, 4, 3, 0 };

	p->mem = engine_mem(1 << 20);
	assert_int_equal(bpf_map_create(&def, &p->mem, &p->map), 0);
	assert_int_equal(engine_load(&p->e[0], a, na, &p->map, 1, &case_helpers, 0, true), 0);
	assert_int_equal(engine_load(&p->e[1], b, nb, &p->map, 1, &case_helpers, 0, true), 0);
	for (uint32_t i = 0; i < 2; i++)
		assert_int_equal(bpf_map_set_object(p->map, &i, &p->e[i].prog, 0), 0);
}

static void pair_unload(struct pair *p)
{
	for (int i = 0; i < 2; i++) {
		uint32_t key = (uint32_t)i;

		assert_int_equal(bpf_map_set_object(p->map, &key, NULL, 0), 0);
		assert_int_equal(p->e[i].prog.refs, 1);
		engine_unload(&p->e[i]);
	}
	bpf_map_put(p->map);
	assert_int_equal(p->mem.used, 0);
}

/* Both engines give WANT for the first program with r1 = a counter in memory that ends at RUNS. */
static void pair_gives(struct pair *p, uint64_t want, uint64_t runs)
{
	uint64_t counter = 0, r0;

	assert_int_equal(engine_interpret(&p->e[0], (uint64_t)&counter, 0, &r0), 0);
	assert_int_equal(r0, want);
	assert_int_equal(counter, runs);
	counter = 0;
	assert_int_equal(engine_call(&p->e[0], (uint64_t)&counter, 0), want);
	assert_int_equal(counter, runs);
}

#define COUNT_RUN BPF_LDX_MEM(BPF_DW, 0, 1, 0), BPF_ALU64_IMM(BPF_ADD, 0, 1), BPF_STX_MEM(BPF_DW, 1, 0, 0)
#define TAIL_CALL(INDEX) BPF_LD_MAP(2, 0), BPF_MOV64_IMM(3, INDEX), BPF_CALL_HELPER(12)

TEST(a_tail_call_does_not_return)
{
	struct pair p;
	struct bpf_insn a[] = { BPF_MOV64_IMM(6, 3), BPF_ST_MEM(BPF_DW, 10, -512, 0), COUNT_RUN, TAIL_CALL(1),
		                BPF_MOV64_IMM(0, 1), EXIT };
	struct bpf_insn b[] = { COUNT_RUN, BPF_MOV64_IMM(0, 2), EXIT };

	pair_load(&p, a, sizeof(a) / 8, b, sizeof(b) / 8);
	pair_gives(&p, 2, 2);
	pair_unload(&p);
}

TEST(a_tail_call_to_nothing_goes_on)
{
	struct pair p;
	struct bpf_insn a[] = { COUNT_RUN, BPF_MOV64_REG(6, 1), TAIL_CALL(2), BPF_MOV64_REG(1, 6), TAIL_CALL(3),
		                BPF_MOV64_IMM(0, 1), EXIT };
	struct bpf_insn b[] = { BPF_MOV64_IMM(0, 2), EXIT };

	pair_load(&p, a, sizeof(a) / 8, b, sizeof(b) / 8);
	pair_gives(&p, 1, 1);
	/* The index is 32 bits wide. */
	pair_unload(&p);
}

TEST(tail_calls_end_after_33)
{
	struct pair p;
	struct bpf_insn a[] = { COUNT_RUN, TAIL_CALL(1), BPF_MOV64_IMM(0, 1), EXIT };
	struct bpf_insn b[] = { BPF_MOV64_IMM(7, 9), COUNT_RUN, TAIL_CALL(0), BPF_MOV64_IMM(0, 2), EXIT };

	pair_load(&p, a, sizeof(a) / 8, b, sizeof(b) / 8);
	/* The 34th run is of b, which cannot call any more. */
	pair_gives(&p, 2, MAX_TAIL_CALL_CNT + 1);
	pair_unload(&p);
}

TEST(a_tail_call_out_of_a_function_returns_to_its_caller)
{
	struct pair p;
	struct bpf_insn a[] = { BPF_MOV64_IMM(6, 100), BPF_CALL_REL(2), BPF_ALU64_REG(BPF_ADD, 0, 6), EXIT,
		                /* the function */
		                COUNT_RUN, BPF_MOV64_IMM(6, 5), TAIL_CALL(1), BPF_MOV64_IMM(0, 1), EXIT };
	struct bpf_insn b[] = { BPF_MOV64_IMM(6, 7), COUNT_RUN, BPF_MOV64_IMM(0, 2), EXIT };

	pair_load(&p, a, sizeof(a) / 8, b, sizeof(b) / 8);
	pair_gives(&p, 102, 2);
	pair_unload(&p);
}

TEST(tail_calls_out_of_functions_are_counted_together)
{
	struct pair p;
	/* Each run calls a function twice, and that starts over: without a common count, 2^6 runs. */
	struct bpf_insn a[] = { BPF_MOV64_REG(6, 1), BPF_CALL_REL(4), BPF_MOV64_REG(1, 6), BPF_CALL_REL(2),
		                BPF_MOV64_IMM(0, 4), EXIT,
		                /* the function */
		                COUNT_RUN, TAIL_CALL(0), BPF_MOV64_IMM(0, 1), EXIT };
	struct bpf_insn b[] = { BPF_MOV64_IMM(0, 2), EXIT };

	pair_load(&p, a, sizeof(a) / 8, b, sizeof(b) / 8);
	/* 6 tail calls, each of which keeps its caller's stack, made 7 runs of the program, each of which called twice. */
	pair_gives(&p, 4, 2 * (MAX_TAIL_CALL_CNT / NESTED_TAIL_CALL + 1));
	pair_unload(&p);
}

TEST(callbacks_may_make_tail_calls)
{
	struct pair p;
	struct bpf_insn a[] = { BPF_MOV64_REG(3, 1), BPF_MOV64_IMM(1, 3), BPF_LD_IMM64_RAW(2, BPF_PSEUDO_FUNC, 3, 0),
		                BPF_CALL_HELPER(9), EXIT,
		                /* the callback: (i, ctx) */
		                BPF_MOV64_REG(1, 2), COUNT_RUN, TAIL_CALL(1), BPF_MOV64_IMM(0, 1), EXIT };
	struct bpf_insn b[] = { COUNT_RUN, BPF_MOV64_IMM(0, 20), EXIT };

	case_helpers.fn[9] = repeat;
	pair_load(&p, a, sizeof(a) / 8, b, sizeof(b) / 8);
	pair_gives(&p, 60, 6);
	pair_unload(&p);
}

TEST(a_missing_helper_is_refused_by_name)
{
	struct bpf_insn p[] = { BPF_CALL_HELPER(99), EXIT };
	struct bpf_insn q[] = { BPF_CALL_HELPER(5000), EXIT };
	struct engine e;

	assert_int_equal(engine_load(&e, p, 2, NULL, 0, &case_helpers, 0, true), -EINVAL);
	assert_string_equal(e.refusal.text, "insn 0: helper skc_lookup_tcp (99) is not supported");
	engine_unload(&e);
	assert_int_equal(engine_load(&e, q, 2, NULL, 0, &case_helpers, 0, true), -EINVAL);
	assert_string_equal(e.refusal.text, "insn 0: there is no helper 5000");
	engine_unload(&e);
}

TEST_MAIN
