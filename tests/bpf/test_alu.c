/*
 * test_alu.c: arithmetic, moves and byte swaps of both engines against a second statement of RFC 9669, 4.1 and 4.2, for
 * every opcode, every pair of registers, and the operands where something special happens.
 */
#include "bpf/insn.h"
#include "tests/bpf/cases.h"

static const uint64_t operands[] = {
	0,
	1,
	2,
	7,
	31,
	32,
	33,
	63,
	64,
	0x7f,
	0x80,
	0xff,
	0x8000,
	0xfffe,
	0x7fffffff,
	0x80000000,
	0xffffffff,
	0x100000000,
	0x123456789abcdef0,
	0x7fffffffffffffff,
	0x8000000000000000,
	0xffffffff80000000,
	0xffffffffffffff80,
	0xfffffffffffffff9,
	0xffffffffffffffff,
};
#define OPERANDS (sizeof(operands) / sizeof(operands[0]))

static const uint8_t binary[] = { BPF_ADD, BPF_SUB, BPF_MUL, BPF_DIV, BPF_OR, BPF_AND,
	                          BPF_LSH, BPF_RSH, BPF_MOD, BPF_XOR, BPF_MOV, BPF_ARSH };

/* What RFC 9669 says, by way of wide signed arithmetic. OFF as in the instruction. */
static uint64_t expected(uint8_t op, bool wide, int off, uint64_t a, uint64_t b)
{
	uint64_t mask = wide ? ~0ull : 0xffffffffull;
	unsigned bits = wide ? 64 : 32;
	__int128 sa, sb;

	a &= mask;
	b &= mask;
	sa = wide ? (__int128)(int64_t)a : (__int128)(int32_t)a;
	sb = wide ? (__int128)(int64_t)b : (__int128)(int32_t)b;
	switch (op) {
	case BPF_ADD:
		return (uint64_t)(sa + sb) & mask;
	case BPF_SUB:
		return (uint64_t)(sa - sb) & mask;
	case BPF_MUL:
		return (a * b) & mask;
	case BPF_DIV:
		if (b == 0)
			return 0;
		return (off ? (uint64_t)(sa / sb) : a / b) & mask;
	case BPF_MOD:
		if (b == 0)
			return a;
		return (off ? (uint64_t)(sa % sb) : a % b) & mask;
	case BPF_OR:
		return a | b;
	case BPF_AND:
		return a & b;
	case BPF_XOR:
		return a ^ b;
	case BPF_LSH:
		return (a << (b % bits)) & mask;
	case BPF_RSH:
		return a >> (b % bits);
	case BPF_ARSH:
		return (uint64_t)(sa >> (b % bits)) & mask;
	default:
		if (off)
			sb = off == 8 ? (int8_t)b : off == 16 ? (int16_t)b : (int32_t)b;
		return (uint64_t)sb & mask;
	}
}

static struct bpf_insn program[OPERANDS * OPERANDS * 10 + 64];

/* What every register but DST, SRC and the one for comparisons holds all the time. */
#define KEPT(R) (0x0123456700000000 | (R))

/* dst OP= src for all pairs of every STEPth operand, in one program, which returns 0 or the number of the first failure. */
static void check_form(uint8_t op, bool wide, bool reg, int off, unsigned dst, unsigned src, size_t step)
{
	uint8_t code = (uint8_t)((wide ? BPF_ALU64 : BPF_ALU) | op | (reg ? BPF_X : BPF_K));
	unsigned compare = dst != 9 && src != 9 ? 9 : dst != 8 && src != 8 ? 8 : 7;
	size_t n = 0, number = 0;
	uint64_t failed;

#define ADD(...)                                                                      \
	do {                                                                          \
		struct bpf_insn add[] = { __VA_ARGS__ };                              \
		memcpy(program + n, add, sizeof(add));                                \
		n += sizeof(add) / sizeof(add[0]);                                    \
	} while (0)

	for (unsigned r = 0; r < 10; r++)
		if (r != compare)
			ADD(BPF_LD_IMM64(r, KEPT(r)));
	for (size_t i = 0; i < OPERANDS; i += step) {
		for (size_t k = 0; k < OPERANDS; k += step) {
			uint64_t a = operands[i], b = operands[k];

			if (!reg)
				b = (uint64_t)(int64_t)(int32_t)b;
			ADD(BPF_LD_IMM64(dst, a));
			if (reg)
				ADD(BPF_LD_IMM64(src, b));
			if (reg && dst == src)
				a = b;
			ADD(BPF_INSN(code, dst, reg ? src : 0, off, reg ? 0 : b));
			ADD(BPF_LD_IMM64(compare, expected(op, wide, off, a, b)));
			ADD(BPF_JMP_REG(BPF_JEQ, dst, compare, 2), BPF_MOV64_IMM(BPF_REG_0, ++number), BPF_EXIT_INSN());
		}
	}
	for (unsigned r = 0; r < 10; r++) {
		if (r == compare || r == dst || (reg && r == src))
			continue;
		ADD(BPF_LD_IMM64(compare, KEPT(r)));
		ADD(BPF_JMP_REG(BPF_JEQ, r, compare, 2), BPF_MOV64_IMM(BPF_REG_0, 1000000 + r), BPF_EXIT_INSN());
	}
	ADD(BPF_MOV64_IMM(BPF_REG_0, 0), BPF_EXIT_INSN());
#undef ADD
	failed = run_both(program, n, NULL, 0).r0;
	if (failed)
		fail_msg("opcode 0x%02x offset %d, r%u, r%u: case %llu", code, off, dst, src, (unsigned long long)failed);
}

/* Every binary operation in one width and form with these registers. */
static void check_binary(bool wide, bool reg, unsigned dst, unsigned src, size_t step)
{
	for (size_t i = 0; i < sizeof(binary); i++) {
		uint8_t op = binary[i];

		check_form(op, wide, reg, 0, dst, src, step);
		if (op == BPF_DIV || op == BPF_MOD)
			check_form(op, wide, reg, 1, dst, src, step);
		if (op == BPF_MOV && reg)
			for (int off = 8; off <= (wide ? 32 : 16); off *= 2)
				check_form(op, wide, reg, off, dst, src, step);
	}
}

TEST(operations_on_registers_give_what_the_standard_says_for_all_operands)
{
	static const uint8_t pairs[][2] = { { 0, 1 }, { 3, 0 }, { 4, 3 }, { 3, 4 }, { 6, 6 } };

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		check_binary(true, true, pairs[i][0], pairs[i][1], 1);
		check_binary(false, true, pairs[i][0], pairs[i][1], 1);
	}
}

TEST(operations_on_constants_give_what_the_standard_says_for_all_operands)
{
	for (unsigned dst = 0; dst <= 4; dst += 2) {
		check_binary(true, false, dst, 9, 1);
		check_binary(false, false, dst, 9, 1);
	}
}

TEST(operations_work_with_every_pair_of_registers_and_keep_the_others)
{
	for (unsigned dst = 0; dst < 10; dst++) {
		for (unsigned src = 0; src < 10; src++) {
			check_binary(true, true, dst, src, 8);
			check_binary(false, true, dst, src, 8);
		}
		check_binary(true, false, dst, dst, 8);
		check_binary(false, false, dst, dst, 8);
	}
}

TEST(negation_works_in_both_widths)
{
	for (unsigned r = 0; r < 10; r++) {
		for (size_t i = 0; i < OPERANDS; i++) {
			uint64_t a = operands[i];

			assert_int_equal(R0(BPF_LD_IMM64(r, a), BPF_INSN(BPF_ALU64 | BPF_NEG, r, 0, 0, 0),
			                    BPF_MOV64_REG(BPF_REG_0, r), BPF_EXIT_INSN()),
			                 0 - a);
			assert_int_equal(R0(BPF_LD_IMM64(r, a), BPF_INSN(BPF_ALU | BPF_NEG, r, 0, 0, 0),
			                    BPF_MOV64_REG(BPF_REG_0, r), BPF_EXIT_INSN()),
			                 (uint32_t)(0 - a));
		}
	}
}

#define SWAP(CODE, R, BITS, V)                                                                            \
	R0(BPF_LD_IMM64(R, V), BPF_INSN(CODE, R, 0, 0, BITS), BPF_MOV64_REG(BPF_REG_0, R), BPF_EXIT_INSN())

TEST(byte_orders_are_changed)
{
	const uint64_t v = 0x0123456789abcdef;

	for (unsigned r = 0; r < 10; r++) {
		for (int swap = 0; swap < 2; swap++) {
			uint8_t code = swap ? BPF_ALU64 | BPF_END : BPF_ALU | BPF_END | BPF_TO_BE;

			assert_int_equal(SWAP(code, r, 16, v), 0xefcd);
			assert_int_equal(SWAP(code, r, 32, v), 0xefcdab89);
			assert_int_equal(SWAP(code, r, 64, v), 0xefcdab8967452301);
		}
		assert_int_equal(SWAP(BPF_ALU | BPF_END | BPF_TO_LE, r, 16, v), 0xcdef);
		assert_int_equal(SWAP(BPF_ALU | BPF_END | BPF_TO_LE, r, 32, v), 0x89abcdef);
		assert_int_equal(SWAP(BPF_ALU | BPF_END | BPF_TO_LE, r, 64, v), v);
	}
}

TEST(constants_are_loaded_whole)
{
	for (unsigned r = 0; r < 10; r++) {
		for (size_t i = 0; i < OPERANDS; i++) {
			assert_int_equal(R0(BPF_LD_IMM64(r, operands[i]), BPF_MOV64_REG(BPF_REG_0, r), BPF_EXIT_INSN()),
			                 operands[i]);
			assert_int_equal(R0(BPF_MOV64_IMM(r, operands[i]), BPF_MOV64_REG(BPF_REG_0, r), BPF_EXIT_INSN()),
			                 (uint64_t)(int32_t)operands[i]);
		}
	}
}

TEST_MAIN
