/* pure */
/*
 * jit_divide.c: division and modulo, whose results RFC 9669, 4.1 defines where the CPU's div and idiv fault: by zero gives
 * 0 or the dividend, the smallest number by -1 wraps around to itself, with remainder 0.
 */
#include "bpf/jit_x86.h"

/* What a division by a constant 0, 1 or -1, or unsigned by a power of two comes to. False if it is none of these. */
static bool divide_by_constant(struct jit *j, enum x86_width w, const struct bpf_insn *insn)
{
	unsigned dst = x86_of(insn->dst_reg);
	bool modulo = BPF_OP(insn->code) == BPF_MOD;
	uint64_t by = w == W64 ? (uint64_t)insn->imm : (uint32_t)insn->imm;

	if (by == 0 && modulo) {
		if (w == W32)
			x86_mov(j, W32, dst, dst);
	} else if (by == 0 || (by == 1 && modulo)) {
		x86_mov_imm(j, dst, 0);
	} else if (insn->imm == -1 && insn->off) {
		if (modulo)
			x86_mov_imm(j, dst, 0);
		else
			x86_rr(j, w, 0xf7, 3, dst); /* neg */
	} else if (!insn->off && (by & (by - 1)) == 0 && by <= 1u << 30) {
		if (modulo) {
			x86_group1(j, w, 4, dst, (int32_t)(by - 1)); /* and */
		} else {
			x86_rr(j, w, 0xc1, 5, dst); /* shr */
			x86_byte(j, (unsigned)__builtin_ctzll(by));
		}
	} else {
		return false;
	}
	return true;
}

/* dst = dst op r11, r11 being neither 0 nor, if signed, -1. rax (r0) and rdx (r3) keep what they hold otherwise. */
static void divide(struct jit *j, enum x86_width w, const struct bpf_insn *insn)
{
	unsigned dst = x86_of(insn->dst_reg);
	unsigned result = BPF_OP(insn->code) == BPF_MOD ? RDX : RAX;

	if (dst != RAX) {
		x86_mov(j, W64, R10, RAX);
		x86_mov(j, w, RAX, dst);
	}
	if (dst != RDX)
		x86_mov(j, W64, R9, RDX);
	if (insn->off) {
		x86_opcode(j, w, 0x99, 0, 0); /* cdq, cqo */
		x86_rr(j, w, 0xf7, 7, R11);   /* idiv */
	} else {
		x86_rr(j, W32, 0x31, RDX, RDX);
		x86_rr(j, w, 0xf7, 6, R11); /* div */
	}
	if (dst != result)
		x86_mov(j, W64, dst, result);
	if (dst != RDX)
		x86_mov(j, W64, RDX, R9);
	if (dst != RAX)
		x86_mov(j, W64, RAX, R10);
}

void jit_divide(struct jit *j, const struct bpf_insn *insn)
{
	enum x86_width w = BPF_CLASS(insn->code) == BPF_ALU64 ? W64 : W32;
	unsigned dst = x86_of(insn->dst_reg);
	bool modulo = BPF_OP(insn->code) == BPF_MOD;
	uint32_t zero, minus_one = 0, end, end2 = 0;

	if (BPF_SRC(insn->code) == BPF_K) {
		if (divide_by_constant(j, w, insn))
			return;
		x86_mov_imm(j, R11, w == W64 ? (uint64_t)insn->imm : (uint32_t)insn->imm);
		divide(j, w, insn);
		return;
	}
	x86_mov(j, w, R11, x86_of(insn->src_reg));
	x86_rr(j, w, 0x85, R11, R11);
	zero = x86_skip(j, CC_E);
	if (insn->off) {
		x86_group1(j, w, 7, R11, -1);
		minus_one = x86_skip(j, CC_E);
	}
	divide(j, w, insn);
	end = x86_skip(j, -1);
	if (insn->off) {
		x86_land(j, minus_one);
		if (modulo)
			x86_mov_imm(j, dst, 0);
		else
			x86_rr(j, w, 0xf7, 3, dst);
		end2 = x86_skip(j, -1);
	}
	x86_land(j, zero);
	if (!modulo)
		x86_mov_imm(j, dst, 0);
	else if (w == W32)
		x86_mov(j, W32, dst, dst);
	if (insn->off)
		x86_land(j, end2);
	x86_land(j, end);
}
