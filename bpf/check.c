/* pure */
/*
 * check.c: the form of each instruction, as RFC 9669 has it: which fields are used, and what they may hold. How
 * instructions lie together, in functions, is check_flow.c.
 */
#include "bpf/check.h"

#include "bpf/check_impl.h"
#include "bpf/map.h"
#include "lib/errno.h"
#include "lib/fmt.h"

/* What an opcode uses; every other field must be zero. */
enum {
	USES_DST = 0x01,
	WRITES_DST = 0x02 | USES_DST, /* so it is not r10 */
	USES_SRC = 0x04,
	USES_OFF = 0x08,
	USES_IMM = 0x10,
	IS_LEGAL = 0x20, /* even if it uses nothing */
};

int bpf_refuse(struct bpf_refusal *ret, uint32_t insn, int error, const char *format, ...)
{
	va_list args;
	int n;

	ret->insn = insn;
	n = fmt_snprintf(ret->text, sizeof(ret->text), "insn %u: ", insn);
	va_start(args, format);
	fmt_vsnprintf(ret->text + n, sizeof(ret->text) - (size_t)n, format, args);
	va_end(args);
	return error;
}

/* RFC 9669, 4.1: arithmetic. OFF of division and moves is looked at by alu_values(). */
static unsigned alu_uses(uint8_t code)
{
	unsigned operand = BPF_SRC(code) == BPF_X ? USES_SRC : USES_IMM;

	switch (BPF_OP(code)) {
	case BPF_DIV:
	case BPF_MOD:
		return WRITES_DST | operand | USES_OFF;
	case BPF_MOV:
		return WRITES_DST | operand | (BPF_SRC(code) == BPF_X ? USES_OFF : 0);
	case BPF_NEG:
		return BPF_SRC(code) == BPF_X ? 0 : WRITES_DST;
	case BPF_END:
		return BPF_CLASS(code) == BPF_ALU64 && BPF_SRC(code) == BPF_X ? 0 : WRITES_DST | USES_IMM;
	case 0xe0:
	case 0xf0:
		return 0;
	default:
		return WRITES_DST | operand;
	}
}

/* 4.3: jumps. */
static unsigned jump_uses(uint8_t code, unsigned flags)
{
	bool wide = BPF_CLASS(code) == BPF_JMP;
	bool reg = BPF_SRC(code) == BPF_X;

	switch (BPF_OP(code)) {
	case BPF_JA:
		return reg ? 0 : IS_LEGAL | (wide ? USES_OFF : USES_IMM);
	case BPF_CALL:
		if (!wide || (reg && !(flags & BPF_CHECK_CALLX)))
			return 0;
		/* src_reg says what kind of call it is: call_values(). */
		return reg ? USES_DST : USES_SRC | USES_IMM;
	case BPF_EXIT:
		return reg || !wide ? 0 : IS_LEGAL;
	case 0xe0:
	case 0xf0:
		return 0;
	default:
		return USES_DST | USES_OFF | (reg ? USES_SRC : USES_IMM);
	}
}

/* 5: loads and stores. */
static unsigned memory_uses(uint8_t code)
{
	unsigned mode = BPF_MODE(code);
	unsigned size = BPF_SIZE(code);

	switch (BPF_CLASS(code)) {
	case BPF_LD:
		return mode == BPF_IMM && size == BPF_DW ? WRITES_DST | USES_SRC | USES_IMM : 0;
	case BPF_LDX:
		if (mode == BPF_MEM || (mode == BPF_MEMSX && size != BPF_DW))
			return WRITES_DST | USES_SRC | USES_OFF;
		return 0;
	case BPF_ST:
		return mode == BPF_MEM ? USES_DST | USES_OFF | USES_IMM : 0;
	default:
		if (mode == BPF_MEM)
			return USES_DST | USES_SRC | USES_OFF;
		if (mode == BPF_ATOMIC && (size == BPF_W || size == BPF_DW))
			return USES_DST | USES_SRC | USES_OFF | USES_IMM;
		return 0;
	}
}

static unsigned uses_of(uint8_t code, unsigned flags)
{
	switch (BPF_CLASS(code)) {
	case BPF_ALU:
	case BPF_ALU64:
		return alu_uses(code);
	case BPF_JMP:
	case BPF_JMP32:
		return jump_uses(code, flags);
	default:
		return memory_uses(code);
	}
}

/* Values that the fields of an arithmetic instruction may have. */
static int alu_values(const struct bpf_insn *insn, uint32_t at, struct bpf_refusal *ret)
{
	bool wide = BPF_CLASS(insn->code) == BPF_ALU64;

	switch (BPF_OP(insn->code)) {
	case BPF_DIV:
	case BPF_MOD:
		if (insn->off != 0 && insn->off != 1)
			return bpf_refuse(ret, at, -EINVAL, "offset %d of a division is neither 0 nor 1", insn->off);
		return 0;
	case BPF_MOV:
		if (insn->off != 0 && insn->off != 8 && insn->off != 16 && (insn->off != 32 || !wide))
			return bpf_refuse(ret, at, -EINVAL, "offset %d of a move is not 0, 8%s", insn->off,
			                  wide ? ", 16 or 32" : " or 16");
		return 0;
	case BPF_END:
		if (insn->imm != 16 && insn->imm != 32 && insn->imm != 64)
			return bpf_refuse(ret, at, -EINVAL, "byte swap of %d bits, not 16, 32 or 64", insn->imm);
		return 0;
	default:
		return 0;
	}
}

/* 5.3 */
static int atomic_values(const struct bpf_insn *insn, uint32_t at, struct bpf_refusal *ret)
{
	switch (insn->imm) {
	case BPF_ADD:
	case BPF_OR:
	case BPF_AND:
	case BPF_XOR:
		return 0;
	case BPF_ADD | BPF_FETCH:
	case BPF_OR | BPF_FETCH:
	case BPF_AND | BPF_FETCH:
	case BPF_XOR | BPF_FETCH:
	case BPF_XCHG:
		if (insn->src_reg == BPF_REG_FP)
			return bpf_refuse(ret, at, -EINVAL, "r10 is read only");
		return 0;
	case BPF_CMPXCHG:
		return 0;
	default:
		return bpf_refuse(ret, at, -EINVAL, "unknown atomic operation 0x%x", (unsigned)insn->imm);
	}
}

static int call_values(const struct bpf_insn *insn, uint32_t at, struct bpf_refusal *ret)
{
	if (insn->src_reg == BPF_PSEUDO_KFUNC_CALL)
		return bpf_refuse(ret, at, -EINVAL, "calls of kernel functions by BTF id are not supported");
	if (insn->src_reg != 0 && insn->src_reg != BPF_PSEUDO_CALL)
		return bpf_refuse(ret, at, -EINVAL, "unknown kind %u of call", insn->src_reg);
	return 0;
}

/* 5.4: the 16-byte instruction. What it points at must exist. */
static int lddw_values(const struct bpf_prog *prog, uint32_t at, struct bpf_refusal *ret)
{
	const struct bpf_insn *insn = &prog->insns[at];
	const struct bpf_insn *high = insn + 1;
	uint64_t address;

	if (at + 1 >= prog->insn_count)
		return bpf_refuse(ret, at, -EINVAL, "second half of the instruction is missing");
	if (high->code != 0 || high->dst_reg != 0 || high->src_reg != 0 || high->off != 0)
		return bpf_refuse(ret, at + 1, -EINVAL, "second half of a 16-byte instruction has more than a value");
	switch (insn->src_reg) {
	case 0:
		return 0;
	case BPF_PSEUDO_MAP_FD:
	case BPF_PSEUDO_MAP_IDX:
	case BPF_PSEUDO_MAP_VALUE:
	case BPF_PSEUDO_MAP_IDX_VALUE:
		if ((uint32_t)insn->imm >= prog->map_count)
			return bpf_refuse(ret, at, -EINVAL, "map %d of %u", insn->imm, prog->map_count);
		if (insn->src_reg == BPF_PSEUDO_MAP_FD || insn->src_reg == BPF_PSEUDO_MAP_IDX) {
			if (high->imm != 0)
				return bpf_refuse(ret, at + 1, -EINVAL, "unused field is not zero");
			return 0;
		}
		if (bpf_map_value_address(prog->maps[insn->imm], (uint32_t)high->imm, &address) < 0)
			return bpf_refuse(ret, at, -EINVAL, "map %d has no value in place at offset %u", insn->imm,
			                  (uint32_t)high->imm);
		return 0;
	case BPF_PSEUDO_FUNC:
		if (high->imm != 0)
			return bpf_refuse(ret, at + 1, -EINVAL, "unused field is not zero");
		return 0;
	default:
		return bpf_refuse(ret, at, -EINVAL, "unknown kind %u of 64-bit constant", insn->src_reg);
	}
}

int bpf_check_insn(const struct bpf_prog *prog, uint32_t at, unsigned flags, struct bpf_refusal *ret)
{
	const struct bpf_insn *insn = &prog->insns[at];
	unsigned uses = uses_of(insn->code, flags);
	bool call = insn->code == (BPF_JMP | BPF_CALL);

	if (!uses)
		return bpf_refuse(ret, at, -EINVAL, "unknown opcode 0x%02x", insn->code);
	if ((!(uses & USES_DST) && insn->dst_reg) || (!(uses & USES_SRC) && insn->src_reg) ||
	    (!(uses & USES_OFF) && insn->off) || (!(uses & USES_IMM) && insn->imm))
		return bpf_refuse(ret, at, -EINVAL, "unused field is not zero");
	if (insn->dst_reg >= MAX_BPF_REG)
		return bpf_refuse(ret, at, -EINVAL, "register r%u does not exist", insn->dst_reg);
	if (insn->src_reg >= MAX_BPF_REG && !call && !bpf_is_lddw(insn))
		return bpf_refuse(ret, at, -EINVAL, "register r%u does not exist", insn->src_reg);
	if ((uses & WRITES_DST) == WRITES_DST && insn->dst_reg == BPF_REG_FP)
		return bpf_refuse(ret, at, -EINVAL, "r10 is read only");
	if (BPF_CLASS(insn->code) == BPF_ALU || BPF_CLASS(insn->code) == BPF_ALU64)
		return alu_values(insn, at, ret);
	if (BPF_CLASS(insn->code) == BPF_STX && BPF_MODE(insn->code) == BPF_ATOMIC)
		return atomic_values(insn, at, ret);
	if (call)
		return call_values(insn, at, ret);
	if (bpf_is_lddw(insn))
		return lddw_values(prog, at, ret);
	return 0;
}
