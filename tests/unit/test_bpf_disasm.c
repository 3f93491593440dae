/* test_bpf_disasm.c: what bpf/disasm.h promises: Linux's text (kernel/bpf/disasm.c) for each kind of instruction. */
#include "bpf/disasm.h"

#include "tests/unit/test.h"

static void shows(struct bpf_insn insn, const char *wanted)
{
	char text[160];

	assert_int_equal(bpf_disasm(text, sizeof(text), &insn, 0, 1, NULL), 1);
	assert_string_equal(text, wanted);
}

TEST(disasm_arithmetic)
{
	shows(BPF_ALU64_IMM(BPF_ADD, 1, 8), "(07) r1 += 8");
	shows(BPF_ALU32_IMM(BPF_SUB, 1, -8), "(14) w1 -= -8");
	shows(BPF_ALU64_REG(BPF_XOR, 0, 9), "(af) r0 ^= r9");
	shows(BPF_ALU32_REG(BPF_ARSH, 2, 3), "(cc) w2 s>>= w3");
	shows(BPF_MOV64_REG(6, 1), "(bf) r6 = r1");
	shows(BPF_MOV32_IMM(6, 1), "(b4) w6 = 1");
	shows(BPF_INSN(BPF_ALU64 | BPF_MOV | BPF_X, 1, 2, 8, 0), "(bf) r1 = (s8)r2");
	shows(BPF_INSN(BPF_ALU64 | BPF_DIV | BPF_X, 1, 2, 1, 0), "(3f) r1 s/= r2");
	shows(BPF_INSN(BPF_ALU | BPF_MOD | BPF_K, 1, 0, 0, 7), "(94) w1 %= 7");
	shows(BPF_INSN(BPF_ALU64 | BPF_NEG, 4, 0, 0, 0), "(87) r4 = -r4");
	shows(BPF_INSN(BPF_ALU | BPF_END | BPF_TO_BE, 4, 0, 0, 16), "(dc) r4 = be16 r4");
	shows(BPF_INSN(BPF_ALU | BPF_END | BPF_TO_LE, 4, 0, 0, 64), "(d4) r4 = le64 r4");
	shows(BPF_INSN(BPF_ALU64 | BPF_END, 4, 0, 0, 32), "(d7) r4 = bswap32 r4");
}

TEST(disasm_memory)
{
	shows(BPF_LDX_MEM(BPF_W, 2, 1, 4), "(61) r2 = *(u32 *)(r1 +4)");
	shows(BPF_LDX_MEM(BPF_DW, 2, 10, -8), "(79) r2 = *(u64 *)(r10 -8)");
	shows(BPF_LDX_MEMSX(BPF_H, 2, 1, 0), "(89) r2 = *(s16 *)(r1 +0)");
	shows(BPF_STX_MEM(BPF_B, 10, 3, -1), "(73) *(u8 *)(r10 -1) = r3");
	shows(BPF_ST_MEM(BPF_H, 10, -2, -7), "(6a) *(u16 *)(r10 -2) = -7");
	shows(BPF_ATOMIC_OP(BPF_DW, BPF_ADD, 1, 2, 8), "(db) lock *(u64 *)(r1 +8) += r2");
	shows(BPF_ATOMIC_OP(BPF_W, BPF_XOR, 1, 2, 8), "(c3) lock *(u32 *)(r1 +8) ^= w2");
	shows(BPF_ATOMIC_OP(BPF_DW, BPF_OR | BPF_FETCH, 1, 2, 8), "(db) r2 = atomic64_fetch_or((u64 *)(r1 +8), r2)");
	shows(BPF_ATOMIC_OP(BPF_DW, BPF_XCHG, 1, 2, 8), "(db) r2 = atomic64_xchg((u64 *)(r1 +8), r2)");
	shows(BPF_ATOMIC_OP(BPF_W, BPF_CMPXCHG, 1, 2, -4), "(c3) r0 = atomic_cmpxchg((u32 *)(r1 -4), r0, r2)");
}

TEST(disasm_jumps)
{
	shows(BPF_JMP_A(-3), "(05) goto pc-3");
	shows(BPF_INSN(BPF_JMP32 | BPF_JA, 0, 0, 0, 70000), "(06) gotol pc+70000");
	shows(BPF_JMP_IMM(BPF_JEQ, 1, 16, 2), "(15) if r1 == 0x10 goto pc+2");
	shows(BPF_JMP32_REG(BPF_JSLE, 1, 2, 2), "(de) if w1 s<= w2 goto pc+2");
	shows(BPF_JMP_IMM(BPF_JSET, 1, 4, 2), "(45) if r1 & 0x4 goto pc+2");
	shows(BPF_CALL_HELPER(1), "(85) call bpf_map_lookup_elem#1");
	shows(BPF_CALL_HELPER(99999), "(85) call 99999");
	shows(BPF_CALL_REL(5), "(85) call pc+5");
	shows(BPF_EXIT_INSN(), "(95) exit");
}

static const char *map_name(void *ctx, uint32_t number)
{
	return number == 3 ? ctx : NULL;
}

static const char *function_name(void *ctx, uint32_t insn)
{
	return insn == 2 ? "second" : NULL;
}

TEST(disasm_uses_names_and_tells_the_length_of_wide_loads)
{
	const struct bpf_disasm_names names = {map_name, function_name, "id:12"};
	const struct bpf_insn wide[] = {BPF_LD_IMM64(1, 0x123456789abULL)}, map[] = {BPF_LD_MAP(1, 3)};
	const struct bpf_insn value[] = {BPF_LD_IMM64_RAW(1, BPF_PSEUDO_MAP_VALUE, 4, 8)};
	const struct bpf_insn calls[] = {BPF_CALL_REL(1), BPF_EXIT_INSN(), BPF_EXIT_INSN()};
	char text[160];

	assert_int_equal(bpf_disasm(text, sizeof(text), wide, 0, 2, &names), 2);
	assert_string_equal(text, "(18) r1 = 0x123456789ab");
	assert_int_equal(bpf_disasm(text, sizeof(text), map, 0, 2, &names), 2);
	assert_string_equal(text, "(18) r1 = map[id:12]");
	assert_int_equal(bpf_disasm(text, sizeof(text), value, 0, 2, &names), 2);
	assert_string_equal(text, "(18) r1 = map[4][0]+8");
	assert_int_equal(bpf_disasm(text, sizeof(text), calls, 0, 3, &names), 1);
	assert_string_equal(text, "(85) call pc+1#second");
}

TEST(disasm_survives_anything)
{
	char text[40];

	for (unsigned code = 0; code < 256; code++)
		for (unsigned reg = 0; reg < 256; reg++) {
			const struct bpf_insn insn = {(uint8_t)code, reg & 15, reg >> 4 & 15, (int16_t)(reg * 257),
						      (int32_t)(reg * 0x1010101u)};

			assert_int_equal(bpf_disasm(text, sizeof(text), &insn, 0, 1, NULL), 1);
			assert_int_equal(bpf_disasm(text, reg % 12, &insn, 0, 1, NULL), 1);
		}
}

TEST_MAIN
