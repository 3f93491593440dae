/* test_check.c: what bpf/check.h refuses and how it says so, and what it finds out about functions. */
#include "bpf/check.h"

#include "bpf/insn.h"
#include "bpf/map.h"
#include "lib/errno.h"
#include "tests/bpf/cases.h"

#define EXIT BPF_EXIT_INSN()

static struct bpf_subprog subprogs[BPF_MAX_SUBPROGS];
static struct bpf_prog prog;
static struct bpf_refusal refusal;

static int check(struct bpf_insn *insns, size_t count, unsigned flags)
{
	memset(subprogs, 0, sizeof(subprogs));
	prog = (struct bpf_prog){ .insns = insns,
		                  .insn_count = (uint32_t)count,
		                  .subprogs = subprogs,
		                  .subprogs_max = BPF_MAX_SUBPROGS };
	refusal.text[0] = 0;
	return bpf_check_structure(&prog, flags, &refusal);
}

#define LIST(...) (struct bpf_insn[]){ __VA_ARGS__ }, sizeof((struct bpf_insn[]){ __VA_ARGS__ }) / sizeof(struct bpf_insn)
#define REFUSED(TEXT, ...)                                                    \
	do {                                                                  \
		assert_int_equal(check(LIST(__VA_ARGS__), 0), -EINVAL);       \
		assert_string_equal(refusal.text, TEXT);                      \
	} while (0)
#define ACCEPTED(...)                                                         \
	do {                                                                  \
		if (check(LIST(__VA_ARGS__), 0) != 0)                         \
			fail_msg("refused: %s", refusal.text);                \
	} while (0)

/* How RFC 9669, appendix A lists opcodes: with what may be in the other fields ('.': zero, '*': anything). */
struct form {
	uint8_t code;
	const char *dst_src_off_imm;
};
#define BINARY(OP) { OP | BPF_ALU, "*..*" }, { OP | BPF_ALU | BPF_X, "**.." }, { OP | BPF_ALU64, "*..*" }, \
	{ OP | BPF_ALU64 | BPF_X, "**.." }
#define COMPARE(OP) { OP | BPF_JMP, "*.**" }, { OP | BPF_JMP | BPF_X, "***." }, { OP | BPF_JMP32, "*.**" }, \
	{ OP | BPF_JMP32 | BPF_X, "***." }
static const struct form forms[] = {
	BINARY(BPF_ADD), BINARY(BPF_SUB), BINARY(BPF_MUL), BINARY(BPF_OR), BINARY(BPF_AND), BINARY(BPF_XOR),
	BINARY(BPF_LSH), BINARY(BPF_RSH), BINARY(BPF_ARSH),
	/* offsets 0 and 1 below */
	{ BPF_DIV | BPF_ALU, "*..*" }, { BPF_DIV | BPF_ALU | BPF_X, "**.." }, { BPF_DIV | BPF_ALU64, "*..*" },
	{ BPF_DIV | BPF_ALU64 | BPF_X, "**.." }, { BPF_MOD | BPF_ALU, "*..*" }, { BPF_MOD | BPF_ALU | BPF_X, "**.." },
	{ BPF_MOD | BPF_ALU64, "*..*" }, { BPF_MOD | BPF_ALU64 | BPF_X, "**.." },
	BINARY(BPF_MOV),
	{ BPF_NEG | BPF_ALU, "*..." }, { BPF_NEG | BPF_ALU64, "*..." },
	{ BPF_END | BPF_ALU, "*..6" }, { BPF_END | BPF_ALU | BPF_X, "*..6" }, { BPF_END | BPF_ALU64, "*..6" },
	COMPARE(BPF_JEQ), COMPARE(BPF_JGT), COMPARE(BPF_JGE), COMPARE(BPF_JSET), COMPARE(BPF_JNE), COMPARE(BPF_JSGT),
	COMPARE(BPF_JSGE), COMPARE(BPF_JLT), COMPARE(BPF_JLE), COMPARE(BPF_JSLT), COMPARE(BPF_JSLE),
	{ BPF_JMP | BPF_JA, "..*." }, { BPF_JMP32 | BPF_JA, "...*" }, { BPF_JMP | BPF_CALL, "...*" },
	{ BPF_JMP | BPF_CALL | BPF_X, "*..." }, { BPF_JMP | BPF_EXIT, "...." },
	{ BPF_LDX | BPF_MEM | BPF_B, "***." }, { BPF_LDX | BPF_MEM | BPF_H, "***." }, { BPF_LDX | BPF_MEM | BPF_W, "***." },
	{ BPF_LDX | BPF_MEM | BPF_DW, "***." }, { BPF_LDX | BPF_MEMSX | BPF_B, "***." },
	{ BPF_LDX | BPF_MEMSX | BPF_H, "***." }, { BPF_LDX | BPF_MEMSX | BPF_W, "***." },
	{ BPF_ST | BPF_MEM | BPF_B, "*.**" }, { BPF_ST | BPF_MEM | BPF_H, "*.**" }, { BPF_ST | BPF_MEM | BPF_W, "*.**" },
	{ BPF_ST | BPF_MEM | BPF_DW, "*.**" }, { BPF_STX | BPF_MEM | BPF_B, "***." },
	{ BPF_STX | BPF_MEM | BPF_H, "***." }, { BPF_STX | BPF_MEM | BPF_W, "***." },
	{ BPF_STX | BPF_MEM | BPF_DW, "***." }, { BPF_STX | BPF_ATOMIC | BPF_W, "***A" },
	{ BPF_STX | BPF_ATOMIC | BPF_DW, "***A" },
	{ BPF_LD | BPF_IMM | BPF_DW, "*..*" },
};

static const struct form *form_of(unsigned code)
{
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		if (forms[i].code == code)
			return &forms[i];
	return NULL;
}

/* The instruction with the given fields, where jumps lead to an exit and constants have a second half. */
static int check_one(uint8_t code, unsigned dst, unsigned src, int off, int32_t imm)
{
	struct bpf_insn p[4] = { BPF_INSN(code, dst, src, off, imm), EXIT, EXIT, EXIT };

	if (code == (BPF_LD | BPF_IMM | BPF_DW))
		p[1] = BPF_INSN(0, 0, 0, 0, 1);
	return check(p, 4, BPF_CHECK_CALLX);
}

TEST(every_opcode_of_the_standard_is_accepted_and_no_other)
{
	for (unsigned code = 0; code < 256; code++) {
		const struct form *f = form_of(code);
		int32_t imm = !f ? 0 : f->dst_src_off_imm[3] == '6' ? 16 : f->dst_src_off_imm[3] == '*' ? 1 : 0;
		int r = check_one((uint8_t)code, 0, 0, 0, imm);

		if ((r == 0) != (f != NULL))
			fail_msg("opcode 0x%02x: %s", code, r == 0 ? "accepted" : refusal.text);
	}
}

TEST(fields_that_an_opcode_does_not_use_are_zero)
{
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		const char *f = forms[i].dst_src_off_imm;
		unsigned op = BPF_OP(forms[i].code), class = BPF_CLASS(forms[i].code);
		bool alu = class == BPF_ALU || class == BPF_ALU64;
		int32_t imm = f[3] == '6' ? 16 : f[3] == '*' ? 1 : 0;

		assert_int_equal(check_one(forms[i].code, f[0] == '.' ? 1 : 11, 0, 0, imm), -EINVAL);
		if (f[0] == '*')
			assert_int_equal(check_one(forms[i].code, 9, 0, 0, imm), 0);
		/* 15 is no register and no kind of call or constant. */
		assert_int_equal(check_one(forms[i].code, 0, 15, 0, imm), -EINVAL);
		if (f[1] == '*')
			assert_int_equal(check_one(forms[i].code, 0, 9, 0, imm), 0);
		if (f[2] == '*')
			assert_int_equal(check_one(forms[i].code, 0, 0, 1, imm), 0);
		else if (!(alu && (op == BPF_DIV || op == BPF_MOD)))
			assert_int_equal(check_one(forms[i].code, 0, 0, 1, imm), -EINVAL);
		if (f[3] == '.')
			assert_int_equal(check_one(forms[i].code, 0, 0, 0, 1), -EINVAL);
	}
}

TEST(offsets_of_divisions_and_moves_have_few_values)
{
	for (int off = -1; off < 70; off++) {
		bool sext = off == 8 || off == 16;

		assert_int_equal(check_one(BPF_ALU64 | BPF_DIV, 1, 0, off, 3) == 0, off == 0 || off == 1);
		assert_int_equal(check_one(BPF_ALU | BPF_MOD | BPF_X, 1, 2, off, 0) == 0, off == 0 || off == 1);
		assert_int_equal(check_one(BPF_ALU64 | BPF_MOV | BPF_X, 1, 2, off, 0) == 0, off == 0 || sext || off == 32);
		assert_int_equal(check_one(BPF_ALU | BPF_MOV | BPF_X, 1, 2, off, 0) == 0, off == 0 || sext);
		assert_int_equal(check_one(BPF_ALU64 | BPF_MOV, 1, 0, off, 0) == 0, off == 0);
		assert_int_equal(check_one(BPF_ALU | BPF_END, 1, 0, 0, off) == 0, off == 16 || off == 32 || off == 64);
	}
}

TEST(atomic_operations_are_the_ten_that_exist)
{
	int known = 0;

	for (int op = -1; op < 0x200; op++)
		known += check_one(BPF_STX | BPF_ATOMIC | BPF_W, 1, 2, 0, op) == 0;
	assert_int_equal(known, 10);
}

TEST(the_frame_pointer_is_read_only)
{
	REFUSED("insn 0: r10 is read only", BPF_MOV64_IMM(10, 0), EXIT);
	REFUSED("insn 0: r10 is read only", BPF_LDX_MEM(BPF_W, 10, 1, 0), EXIT);
	REFUSED("insn 0: r10 is read only", BPF_LD_IMM64(10, 5), EXIT);
	REFUSED("insn 0: r10 is read only", BPF_ATOMIC_OP(BPF_DW, BPF_XCHG, 1, 10, 0), EXIT);
	ACCEPTED(BPF_ATOMIC_OP(BPF_DW, BPF_ADD, 10, 10, 0), BPF_STX_MEM(BPF_DW, 10, 10, -8), EXIT);
}

TEST(jumps_stay_in_the_program_and_hit_whole_instructions)
{
	REFUSED("insn 0: jump to -1, its function is [0,1]", BPF_JMP_A(-2), EXIT);
	REFUSED("insn 0: jump to 2, its function is [0,1]", BPF_JMP_A(1), EXIT);
	REFUSED("insn 0: jump to 2147483648, its function is [0,1]", BPF_INSN(BPF_JMP32 | BPF_JA, 0, 0, 0, 0x7fffffff), EXIT);
	REFUSED("insn 2: jump into the middle of instruction 0", BPF_LD_IMM64(0, 1), BPF_JMP_IMM(BPF_JEQ, 0, 1, -2), EXIT);
	ACCEPTED(BPF_JMP_A(-1));
	ACCEPTED(BPF_MOV64_IMM(0, 0), EXIT, BPF_JMP_A(-3));
	REFUSED("insn 0: last instruction of a function is no exit or jump", BPF_MOV64_IMM(0, 0));
	REFUSED("insn 0: second half of the instruction is missing", BPF_INSN(BPF_LD | BPF_IMM | BPF_DW, 0, 0, 0, 0));
	REFUSED("insn 1: second half of a 16-byte instruction has more than a value",
	        BPF_INSN(BPF_LD | BPF_IMM | BPF_DW, 0, 0, 0, 0), EXIT);
}

TEST(jumps_stay_in_their_function)
{
	REFUSED("insn 1: jump to 3, its function is [0,2]", BPF_CALL_REL(2), BPF_JMP_A(1), EXIT, EXIT);
	REFUSED("insn 3: jump to 0, its function is [3,3]", BPF_CALL_REL(2), BPF_MOV64_IMM(0, 0), EXIT, BPF_JMP_A(-4));
	REFUSED("insn 1: last instruction of a function is no exit or jump", BPF_CALL_REL(1), BPF_MOV64_IMM(0, 0), EXIT);
}

TEST(functions_are_found_in_their_order)
{
	/* The callback at 5 is named before the function at 4. */
	ACCEPTED(BPF_LD_IMM64_RAW(2, BPF_PSEUDO_FUNC, 4, 0), BPF_CALL_REL(1), EXIT, EXIT, BPF_MOV64_IMM(0, 0), EXIT);
	assert_int_equal(prog.subprog_count, 3);
	assert_int_equal(subprogs[1].start, 4);
	assert_int_equal(subprogs[1].end, 5);
	assert_false(subprogs[1].is_callback);
	assert_int_equal(subprogs[2].start, 5);
	assert_int_equal(subprogs[2].end, 7);
	assert_true(subprogs[2].is_callback);
	assert_int_equal(subprogs[2].frame, 2);
	assert_int_equal(subprogs[2].stack_depth, MAX_BPF_STACK);
	assert_int_equal(bpf_subprog_of(&prog, 3), 0);
	assert_int_equal(bpf_subprog_of(&prog, 6), 2);
	assert_int_equal(bpf_subprog_at(&prog, 5), 2);
	assert_int_equal(bpf_subprog_at(&prog, 6), -1);
	assert_int_equal(bpf_subprog_at(&prog, 1000), -1);
}

TEST(functions_lie_in_the_program)
{
	REFUSED("insn 0: function at 5, program has 2 instructions", BPF_CALL_REL(4), EXIT);
	REFUSED("insn 0: function at 0, program has 2 instructions", BPF_CALL_REL(-1), EXIT);
	REFUSED("insn 0: function starts inside of instruction 2", BPF_CALL_REL(2), EXIT, BPF_LD_IMM64(0, 0), EXIT);
}

TEST(calls_nest_no_deeper_than_eight_and_in_no_circle)
{
	struct bpf_insn p[2 * BPF_MAX_CALL_FRAMES + 2];

	for (int i = 0; i <= BPF_MAX_CALL_FRAMES; i++) {
		p[2 * i] = BPF_CALL_REL(1);
		p[2 * i + 1] = EXIT;
	}
	p[2 * BPF_MAX_CALL_FRAMES - 2] = BPF_MOV64_IMM(0, 0);
	assert_int_equal(check(p, 2 * BPF_MAX_CALL_FRAMES, 0), 0);
	assert_int_equal(subprogs[BPF_MAX_CALL_FRAMES - 1].frame, BPF_MAX_CALL_FRAMES);
	p[2 * BPF_MAX_CALL_FRAMES - 2] = BPF_CALL_REL(1);
	p[2 * BPF_MAX_CALL_FRAMES] = BPF_MOV64_IMM(0, 0);
	assert_int_equal(check(p, 2 * BPF_MAX_CALL_FRAMES + 2, 0), -EINVAL);
	assert_string_equal(refusal.text, "insn 14: calls nest deeper than 8, or in a circle");
	REFUSED("insn 2: calls nest deeper than 8, or in a circle", BPF_CALL_REL(1), EXIT, BPF_CALL_REL(-1), EXIT);
}

TEST(tail_calls_are_found_through_calls)
{
	ACCEPTED(BPF_CALL_REL(1), EXIT, BPF_CALL_REL(1), EXIT, BPF_CALL_HELPER(12), EXIT);
	for (int i = 0; i < 3; i++)
		assert_true(subprogs[i].has_tail_call);
	ACCEPTED(BPF_CALL_HELPER(12), BPF_CALL_REL(1), EXIT, BPF_CALL_HELPER(11), EXIT);
	assert_true(subprogs[0].has_tail_call);
	assert_false(subprogs[1].has_tail_call);
}

TEST(maps_that_are_named_exist)
{
	struct bpf_map_def def = { BPF_MAP_TYPE_ARRAY, 4, 12, 1, 0 };
	struct bpf_mem mem = engine_mem(1 << 16);
	struct bpf_map *map;
	struct bpf_insn p[] = { BPF_LD_IMM64_RAW(1, BPF_PSEUDO_MAP_VALUE, 0, 11), EXIT };

	REFUSED("insn 0: map 0 of 0", BPF_LD_MAP(1, 0), EXIT);
	REFUSED("insn 0: unknown kind 3 of 64-bit constant", BPF_LD_IMM64_RAW(1, BPF_PSEUDO_BTF_ID, 0, 0), EXIT);
	assert_int_equal(bpf_map_create(&def, &mem, &map), 0);
	for (int offset = 11; offset <= 12; offset++) {
		p[1].imm = offset;
		prog = (struct bpf_prog){ .insns = p, .insn_count = 3, .subprogs = subprogs, .subprogs_max = 1, .maps = &map,
			                  .map_count = 1 };
		memset(subprogs, 0, sizeof(subprogs));
		assert_int_equal(bpf_check_structure(&prog, 0, &refusal), offset == 11 ? 0 : -EINVAL);
	}
	assert_string_equal(refusal.text, "insn 0: map 0 has no value in place at offset 12");
	p[0].imm = 1;
	memset(subprogs, 0, sizeof(subprogs));
	prog.subprog_count = 0;
	assert_int_equal(bpf_check_structure(&prog, 0, &refusal), -EINVAL);
	bpf_map_put(map);
}

TEST(calls_of_other_kinds_are_refused)
{
	REFUSED("insn 0: calls of kernel functions by BTF id are not supported",
	        BPF_INSN(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_KFUNC_CALL, 0, 1), EXIT);
	REFUSED("insn 0: unknown opcode 0x8d", BPF_INSN(BPF_JMP | BPF_CALL | BPF_X, 0, 0, 0, 0), EXIT);
	/* Old packet access. */
	REFUSED("insn 0: unknown opcode 0x20", BPF_INSN(BPF_LD | BPF_ABS | BPF_W, 0, 0, 0, 0), EXIT);
}

TEST(programs_have_a_size)
{
	static struct bpf_insn p[BPF_MAX_INSNS + 1];

	assert_int_equal(check(p, 0, 0), -EINVAL);
	assert_int_equal(check(p, BPF_MAX_INSNS + 1, 0), -E2BIG);
	for (size_t i = 0; i < BPF_MAX_INSNS; i++)
		p[i] = EXIT;
	assert_int_equal(check(p, BPF_MAX_INSNS, 0), 0);
	for (int i = 0; i < BPF_MAX_SUBPROGS; i++)
		p[i] = BPF_CALL_REL(1000);
	assert_int_equal(check(p, BPF_MAX_INSNS, 0), -E2BIG);
}

TEST_MAIN
