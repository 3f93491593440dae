/* pure */
/* jit_jump.c: jumps, with and without a comparison. */
#include "bpf/jit_x86.h"

static int condition_of(unsigned op)
{
	switch (op) {
	case BPF_JEQ:
		return CC_E;
	case BPF_JNE:
	case BPF_JSET:
		return CC_NE;
	case BPF_JGT:
		return CC_A;
	case BPF_JGE:
		return CC_AE;
	case BPF_JLT:
		return CC_B;
	case BPF_JLE:
		return CC_BE;
	case BPF_JSGT:
		return CC_G;
	case BPF_JSGE:
		return CC_GE;
	case BPF_JSLT:
		return CC_L;
	default:
		return CC_LE;
	}
}

void jit_compare(struct jit *j, uint32_t at)
{
	const struct bpf_insn *insn = &j->prog->insns[at];
	bool wide = BPF_CLASS(insn->code) == BPF_JMP;
	enum x86_width w = wide ? W64 : W32;
	unsigned op = BPF_OP(insn->code);
	unsigned dst = x86_of(insn->dst_reg);

	if (op == BPF_JA) {
		int32_t off = wide ? insn->off : insn->imm;

		if (off)
			x86_jump(j, -1, at + 1 + (uint32_t)off);
		return;
	}
	if (BPF_SRC(insn->code) == BPF_X) {
		x86_rr(j, w, op == BPF_JSET ? 0x85 : 0x39, x86_of(insn->src_reg), dst);
	} else if (op == BPF_JSET) {
		x86_rr(j, w, 0xf7, 0, dst);
		x86_u32(j, (uint32_t)insn->imm);
	} else if (insn->imm == 0) {
		/* test sets the flags as cmp with 0 does, and is shorter. */
		x86_rr(j, w, 0x85, dst, dst);
	} else {
		x86_group1(j, w, 7, dst, insn->imm);
	}
	x86_jump(j, condition_of(op), at + 1 + (uint32_t)(int32_t)insn->off);
}
