/* test_jump.c: jumps of both engines, near and far, for every opcode, against a second statement of RFC 9669, 4.3. */
#include "bpf/insn.h"
#include "tests/bpf/cases.h"

static const uint64_t operands[] = {
	0,          1,           2,           0x7f,        0x80,
	0x7fffffff, 0x80000000,  0xffffffff,  0x100000000, 0x8000000000000000,
	0x100000001, 0xffffffff80000000, 0xfffffffffffffffe, 0xffffffffffffffff,
};
#define OPERANDS (sizeof(operands) / sizeof(operands[0]))

static const uint8_t compares[] = { BPF_JEQ,  BPF_JGT,  BPF_JGE, BPF_JSET, BPF_JNE, BPF_JSGT,
	                            BPF_JSGE, BPF_JLT,  BPF_JLE, BPF_JSLT, BPF_JSLE };

static bool jumps(uint8_t op, bool wide, uint64_t a, uint64_t b)
{
	int64_t sa = wide ? (int64_t)a : (int32_t)a, sb = wide ? (int64_t)b : (int32_t)b;
	uint64_t ua = wide ? a : (uint32_t)a, ub = wide ? b : (uint32_t)b;

	switch (op) {
	case BPF_JEQ:
		return ua == ub;
	case BPF_JNE:
		return ua != ub;
	case BPF_JGT:
		return ua > ub;
	case BPF_JGE:
		return ua >= ub;
	case BPF_JLT:
		return ua < ub;
	case BPF_JLE:
		return ua <= ub;
	case BPF_JSET:
		return (ua & ub) != 0;
	case BPF_JSGT:
		return sa > sb;
	case BPF_JSGE:
		return sa >= sb;
	case BPF_JSLT:
		return sa < sb;
	default:
		return sa <= sb;
	}
}

/* One program counts, bit by bit, which of the operand pairs jump: r0 = r0 * 3 + 1 or + 2. */
static void check_compare(uint8_t op, bool wide, bool reg, unsigned dst, unsigned src)
{
	static struct bpf_insn program[OPERANDS * OPERANDS * 10 + 4];
	uint8_t code = (uint8_t)((wide ? BPF_JMP : BPF_JMP32) | op | (reg ? BPF_X : BPF_K));
	uint64_t want = 0;
	size_t n = 0;

	program[n++] = BPF_MOV64_IMM(BPF_REG_0, 0);
	for (size_t i = 0; i < OPERANDS; i++) {
		for (size_t k = 0; k < OPERANDS; k++) {
			uint64_t b = reg ? operands[k] : (uint64_t)(int32_t)operands[k];
			uint64_t a = reg && dst == src ? b : operands[i];
			struct bpf_insn add[] = {
				BPF_LD_IMM64(dst, operands[i]),
				BPF_LD_IMM64(src, operands[k]),
				BPF_ALU64_IMM(BPF_MUL, BPF_REG_0, 3),
				BPF_INSN(code, dst, reg ? src : 0, 1, reg ? 0 : operands[k]),
				BPF_ALU64_IMM(BPF_ADD, BPF_REG_0, 1),
				BPF_ALU64_IMM(BPF_ADD, BPF_REG_0, 1),
			};

			memcpy(program + n, add, sizeof(add));
			n += sizeof(add) / sizeof(add[0]);
			want = want * 3 + (jumps(op, wide, a, b) ? 1 : 2);
		}
	}
	program[n++] = BPF_EXIT_INSN();
	if (run_both(program, n, NULL, 0).r0 != want)
		fail_msg("opcode 0x%02x r%u, r%u", code, dst, src);
}

TEST(comparisons_jump_as_the_standard_says)
{
	static const uint8_t pairs[][2] = { { 1, 2 }, { 6, 9 }, { 5, 8 }, { 7, 7 } };

	for (size_t i = 0; i < sizeof(compares); i++) {
		for (size_t p = 0; p < sizeof(pairs) / sizeof(pairs[0]); p++) {
			for (int wide = 0; wide < 2; wide++) {
				check_compare(compares[i], wide, true, pairs[p][0], pairs[p][1]);
				check_compare(compares[i], wide, false, pairs[p][0], pairs[p][1] == 7 ? 6 : pairs[p][1]);
			}
		}
	}
}

/* A jump over N instructions, forward or back, and a count of what was executed. */
static void check_distance(size_t n, bool back, uint8_t code)
{
	struct bpf_insn *program = calloc(n + 8, sizeof(*program));
	size_t at = 0;

	assert_non_null(program);
	program[at++] = BPF_MOV64_IMM(BPF_REG_0, 0);
	if (back)
		/* To the jump behind the block, which leads back to the block; it ends with an exit. */
		program[at++] = BPF_INSN(BPF_JMP32 | BPF_JA, 0, 0, 0, n + 1);
	else
		program[at++] = code == (BPF_JMP32 | BPF_JA) ? BPF_INSN(code, 0, 0, 0, n) : BPF_INSN(code, 0, 0, n, 0);
	for (size_t i = 0; i < n; i++)
		program[at++] = BPF_ALU64_IMM(BPF_ADD, BPF_REG_0, 1);
	if (back) {
		program[at++] = BPF_EXIT_INSN();
		program[at++] = code == (BPF_JMP32 | BPF_JA) ? BPF_INSN(code, 0, 0, 0, -(int)(n + 2)) :
		                                               BPF_INSN(code, 0, 0, -(int)(n + 2), 0);
	}
	program[at++] = BPF_ALU64_IMM(BPF_ADD, BPF_REG_0, 1000);
	program[at++] = BPF_EXIT_INSN();
	assert_int_equal(run_both(program, at, NULL, 0).r0, back ? n : 1000);
	free(program);
}

TEST(jumps_reach_every_distance)
{
	static const uint8_t codes[] = { BPF_JMP | BPF_JA, BPF_JMP32 | BPF_JA, BPF_JMP | BPF_JEQ };

	for (size_t c = 0; c < sizeof(codes); c++) {
		for (size_t n = 1; n < 48; n++) {
			check_distance(n, false, codes[c]);
			check_distance(n, true, codes[c]);
		}
		check_distance(32000, false, codes[c]);
		check_distance(32000, true, codes[c]);
	}
	check_distance(100000, false, BPF_JMP32 | BPF_JA);
	check_distance(100000, true, BPF_JMP32 | BPF_JA);
}

static unsigned relaxed;

static void relax(void)
{
	relaxed++;
}

/*
 * Each jump leads over the next one, and is short only if that is: left to themselves, passes would make one jump shorter
 * at a time.
 */
TEST(a_chain_of_jumps_is_compiled_in_few_passes)
{
	enum { LINKS = 2000, FILL = 29 };
	static struct bpf_insn p[LINKS * (FILL + 1) + 200];
	static uint32_t scratch[sizeof(p) / sizeof(p[0]) + 2];
	struct bpf_jit_options options = { .relax = relax };
	struct bpf_jit_info info;
	struct bpf_refusal refusal;
	struct engine e;
	size_t n = 0;

	p[n++] = BPF_MOV64_IMM(0, 5);
	for (int i = 0; i < LINKS; i++) {
		p[n++] = BPF_JMP_IMM(BPF_JSET, 0, 2, FILL + 1);
		for (int k = 0; k < FILL; k++)
			p[n++] = BPF_ALU64_IMM(BPF_ADD, 1, 1);
	}
	for (int i = 0; i < 64; i++)
		p[n++] = BPF_MOV64_REG(0, 0);
	p[n++] = BPF_EXIT_INSN();
	assert_int_equal(run_both(p, n, NULL, 0).r0, 5);
	assert_int_equal(engine_load(&e, p, n, NULL, 0, &case_helpers, 0, false), 0);
	relaxed = 0;
	assert_int_equal(bpf_jit(&e.prog, &case_helpers, &options, scratch, NULL, 0, &info, &refusal), 0);
	/* It is called every 512 instructions. */
	assert_in_range(relaxed / (n / 512), 3, 15);
	engine_unload(&e);
}

TEST(a_loop_may_start_at_the_first_instruction)
{
	/* With a frame and saved registers, which must not be made again in each turn. */
	assert_int_equal(R0(BPF_ALU64_IMM(BPF_ADD, BPF_REG_2, 1), BPF_STX_MEM(BPF_DW, BPF_REG_10, BPF_REG_2, -8),
	                    BPF_LDX_MEM(BPF_DW, BPF_REG_6, BPF_REG_10, -8), BPF_JMP_IMM(BPF_JLT, BPF_REG_2, 100, -4),
	                    BPF_MOV64_REG(BPF_REG_0, BPF_REG_6), BPF_EXIT_INSN()),
	                 100);
}

TEST(a_jump_to_the_next_instruction_does_nothing)
{
	assert_int_equal(R0(BPF_MOV64_IMM(BPF_REG_0, 3), BPF_JMP_A(0), BPF_INSN(BPF_JMP32 | BPF_JA, 0, 0, 0, 0),
	                    BPF_JMP_IMM(BPF_JEQ, BPF_REG_0, 3, 0), BPF_EXIT_INSN()),
	                 3);
}

TEST_MAIN
