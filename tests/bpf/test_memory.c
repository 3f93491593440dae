/* test_memory.c: loads, stores and atomic operations of both engines, for every opcode and pair of registers. */
#include "bpf/insn.h"
#include "tests/bpf/cases.h"

static const uint8_t sizes[] = { BPF_B, BPF_H, BPF_W, BPF_DW };

static void fill(uint8_t *memory)
{
	for (int i = 0; i < CASE_MEMORY; i++)
		memory[i] = (uint8_t)(0x80 + 37 * i);
}

static uint64_t at(const uint8_t *memory, int offset, unsigned bytes)
{
	uint64_t v = 0;

	memcpy(&v, memory + offset, bytes);
	return v;
}

TEST(loads_extend_with_zeroes_or_with_the_sign)
{
	uint8_t memory[CASE_MEMORY];

	fill(memory);
	for (size_t s = 0; s < 4; s++) {
		unsigned bytes = bpf_size_bytes(sizes[s]);

		for (unsigned dst = 0; dst < 10; dst++) {
			for (unsigned src = 0; src < 10; src++) {
				for (int off = -3; off < 8; off += 5) {
					uint64_t want = at(memory, 16 + off, bytes);
					unsigned shift = 64 - 8 * bytes;
					struct bpf_insn p[] = {
						BPF_MOV64_REG(src, BPF_REG_1),
						BPF_ALU64_IMM(BPF_ADD, src, 16),
						BPF_LDX_MEM(sizes[s], dst, src, off),
						BPF_MOV64_REG(BPF_REG_0, dst),
						BPF_EXIT_INSN(),
					};

					assert_int_equal(run_both(p, 5, memory, 0).r0, want);
					if (sizes[s] == BPF_DW)
						continue;
					p[2] = BPF_LDX_MEMSX(sizes[s], dst, src, off);
					assert_int_equal(run_both(p, 5, memory, 0).r0,
					                 (uint64_t)((int64_t)(want << shift) >> shift));
				}
			}
		}
	}
}

TEST(stores_change_as_many_bytes_as_they_say)
{
	const uint64_t v = 0x1122334455667788;
	uint8_t memory[CASE_MEMORY], want[CASE_MEMORY];

	fill(memory);
	for (size_t s = 0; s < 4; s++) {
		unsigned bytes = bpf_size_bytes(sizes[s]);

		for (unsigned dst = 0; dst < 10; dst++) {
			for (unsigned src = 0; src < 10; src++) {
				struct bpf_insn p[] = {
					BPF_MOV64_REG(dst, BPF_REG_1),
					BPF_LD_IMM64(src, v),
					BPF_STX_MEM(sizes[s], dst, src, 9),
					BPF_MOV64_IMM(BPF_REG_0, 0),
					BPF_EXIT_INSN(),
				};

				if (dst == src)
					continue;
				memcpy(want, memory, sizeof(want));
				memcpy(want + 9, &v, bytes);
				assert_memory_equal(run_both(p, 6, memory, 0).memory, want, CASE_MEMORY);
			}
			for (int32_t imm = -2; imm < 0x12345678; imm += 0x12345678) {
				struct bpf_insn p[] = {
					BPF_MOV64_REG(dst, BPF_REG_1),
					BPF_ST_MEM(sizes[s], dst, 9, imm),
					BPF_MOV64_IMM(BPF_REG_0, 0),
					BPF_EXIT_INSN(),
				};
				int64_t wide = imm;

				memcpy(want, memory, sizeof(want));
				memcpy(want + 9, &wide, bytes);
				assert_memory_equal(run_both(p, 4, memory, 0).memory, want, CASE_MEMORY);
			}
		}
	}
}

TEST(far_offsets_are_reached)
{
	uint8_t memory[CASE_MEMORY];

	fill(memory);
	for (int off = -32768; off <= 32767; off += 65535 / 8) {
		struct bpf_insn p[] = {
			BPF_ALU64_IMM(BPF_SUB, BPF_REG_1, off),
			BPF_LDX_MEM(BPF_B, BPF_REG_0, BPF_REG_1, off),
			BPF_EXIT_INSN(),
		};

		assert_int_equal(run_both(p, 3, memory, 0).r0, memory[0]);
	}
}

static uint64_t apply(int op, uint64_t old, uint64_t src)
{
	switch (op & ~BPF_FETCH) {
	case BPF_ADD:
		return old + src;
	case BPF_OR:
		return old | src;
	case BPF_AND:
		return old & src;
	case BPF_XOR:
		return old ^ src;
	default:
		return src;
	}
}

/* r0 after the operation, the source register and the memory: as RFC 9669, 5.3 has them. */
static void check_atomic(uint8_t size, int op, unsigned dst, unsigned src, bool equal)
{
	uint64_t mask = size == BPF_DW ? ~0ull : 0xffffffff;
	uint64_t operand = 0xf0f1f2f3f4f5f6f7, r0 = 0x1111111122222222, old, stored, got_src;
	uint8_t memory[CASE_MEMORY] = { 0 };
	struct outcome out;
	struct bpf_insn p[24];
	size_t n = 0;

	fill(memory);
	old = at(memory, 24, 8) & mask;
	if (op == BPF_CMPXCHG && equal)
		r0 = old | (0x77ull << 56 & ~mask);
#define ADD(...)                                                                      \
	do {                                                                          \
		struct bpf_insn add[] = { __VA_ARGS__ };                              \
		memcpy(p + n, add, sizeof(add));                                      \
		n += sizeof(add) / sizeof(add[0]);                                    \
	} while (0)
	ADD(BPF_MOV64_REG(9, 1));
	ADD(BPF_LD_IMM64(0, r0));
	/* The address last, as it may be r0 or the operand. */
	ADD(BPF_LD_IMM64(src, operand));
	ADD(BPF_MOV64_REG(dst, 9), BPF_ALU64_IMM(BPF_ADD, dst, 16));
	ADD(BPF_ATOMIC_OP(size, op, dst, src, 8));
	ADD(BPF_STX_MEM(BPF_DW, 9, src, 0));
	/* Addresses differ from run to run. */
	if (dst == 0)
		ADD(BPF_MOV64_IMM(BPF_REG_0, 0));
	ADD(BPF_EXIT_INSN());
#undef ADD
	if (src == 0)
		r0 = operand;
	out = run_both(p, n, memory, 0);
	got_src = at(out.memory, 0, 8);
	if (op == BPF_CMPXCHG) {
		stored = (r0 & mask) == old ? operand & mask : old;
		assert_int_equal(out.r0, old);
		if (src != 0)
			assert_int_equal(got_src, operand);
	} else {
		stored = apply(op, old, operand) & mask;
		assert_int_equal(got_src, op & BPF_FETCH ? old : operand);
		if (src != 0 && dst != 0)
			assert_int_equal(out.r0, r0);
	}
	memcpy(memory + 24, &stored, size == BPF_DW ? 8 : 4);
	assert_memory_equal(out.memory + 8, memory + 8, CASE_MEMORY - 8);
}

TEST(atomic_operations_change_memory_and_fetch_what_was_there)
{
	static const int ops[] = { BPF_ADD, BPF_OR, BPF_AND, BPF_XOR, BPF_ADD | BPF_FETCH, BPF_OR | BPF_FETCH,
		                   BPF_AND | BPF_FETCH, BPF_XOR | BPF_FETCH, BPF_XCHG, BPF_CMPXCHG };

	for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
		for (unsigned dst = 0; dst < 9; dst++) {
			for (unsigned src = 0; src < 9; src++) {
				/* The address must survive until it is used, and r0 is the comparison's. */
				if (dst == src || (ops[i] == BPF_CMPXCHG && dst == 0))
					continue;
				check_atomic(BPF_W, ops[i], dst, src, false);
				check_atomic(BPF_DW, ops[i], dst, src, false);
				check_atomic(BPF_W, ops[i], dst, src, true);
				check_atomic(BPF_DW, ops[i], dst, src, true);
			}
		}
	}
}

TEST(the_whole_stack_frame_is_there)
{
	struct bpf_insn p[512 / 8 * 2 + 2];
	size_t n = 0;

	for (int i = 1; i <= 64; i++)
		p[n++] = BPF_ST_MEM(BPF_DW, BPF_REG_10, -8 * i, i);
	p[n++] = BPF_MOV64_IMM(BPF_REG_0, 0);
	for (int i = 1; i < 64; i++) {
		p[n++] = BPF_LDX_MEM(BPF_DW, BPF_REG_1, BPF_REG_10, -8 * i);
		p[n - 1].dst_reg = 1 + i % 8;
	}
	p[n++] = BPF_LDX_MEM(BPF_DW, BPF_REG_0, BPF_REG_10, -512);
	p[n++] = BPF_EXIT_INSN();
	assert_int_equal(run_both(p, n, NULL, 0).r0, 64);
}

TEST_MAIN
