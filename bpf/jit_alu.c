/* pure */
/* jit_alu.c: arithmetic, moves and byte swaps. Division is jit_divide.c. */
#include "bpf/jit_x86.h"

/* Opcodes of the form "op r/m, r" and the extension for constants (SDM vol. 2, tables ). */
static unsigned group1_of(unsigned op)
{
	switch (op) {
	case BPF_ADD:
		return 0;
	case BPF_OR:
		return 1;
	case BPF_AND:
		return 4;
	case BPF_SUB:
		return 5;
	default:
		return 6; /* xor */
	}
}

static void multiply(struct jit *j, enum x86_width w, const struct bpf_insn *insn)
{
	unsigned dst = x86_of(insn->dst_reg);

	if (BPF_SRC(insn->code) == BPF_X) {
		x86_rr(j, w, 0x0faf, dst, x86_of(insn->src_reg));
		return;
	}
	x86_rr(j, w, is_imm8(insn->imm) ? 0x6b : 0x69, dst, dst);
	if (is_imm8(insn->imm))
		x86_byte(j, insn->imm & 0xff);
	else
		x86_u32(j, (uint32_t)insn->imm);
}

/* Group 2's extensions: shl 4, shr 5, sar 7. The CPU masks the count as RFC 9669 asks. */
static void shift(struct jit *j, enum x86_width w, const struct bpf_insn *insn)
{
	unsigned op = BPF_OP(insn->code);
	unsigned ext = op == BPF_LSH ? 4 : op == BPF_RSH ? 5 : 7;
	unsigned dst = x86_of(insn->dst_reg);
	unsigned src = x86_of(insn->src_reg);
	unsigned on = dst;

	if (BPF_SRC(insn->code) == BPF_K) {
		x86_rr(j, w, 0xc1, ext, dst);
		x86_byte(j, insn->imm & (w == W64 ? 63 : 31));
		return;
	}
	if (j->options->bmi2) {
		/* shlx, shrx, sarx dst, dst, src: VEX.LZ, map 0F38, opcode F7, vvvv the count, pp says which. */
		unsigned pp = op == BPF_LSH ? 1 : op == BPF_RSH ? 3 : 2;

		x86_byte(j, 0xc4);
		x86_byte(j, (dst & 8 ? 0 : 0x80) | 0x40 | (dst & 8 ? 0 : 0x20) | 2);
		x86_byte(j, (w == W64 ? 0x80 : 0) | (~src & 15) << 3 | pp);
		x86_byte(j, 0xf7);
		x86_byte(j, 0xc0 | (dst & 7) << 3 | (dst & 7));
		return;
	}
	/* The count has to be in cl, which is r4. */
	if (src == RCX && dst != RCX) {
		x86_rr(j, w, 0xd3, ext, dst);
		return;
	}
	x86_mov(j, W64, R11, RCX);
	if (src != RCX)
		x86_mov(j, W32, RCX, src);
	if (dst == RCX)
		on = R11;
	x86_rr(j, w, 0xd3, ext, on);
	x86_mov(j, W64, RCX, R11);
}

/* Moves, sign-extending by insn->off bits if that is not 0. */
static void move(struct jit *j, enum x86_width w, const struct bpf_insn *insn)
{
	unsigned dst = x86_of(insn->dst_reg);
	unsigned src = x86_of(insn->src_reg);

	if (BPF_SRC(insn->code) == BPF_K) {
		x86_mov_imm(j, dst, w == W64 ? (uint64_t)insn->imm : (uint32_t)insn->imm);
		return;
	}
	switch (insn->off) {
	case 0:
		if (w == W32 || dst != src)
			x86_mov(j, w, dst, src);
		return;
	case 8:
		/* A REX prefix makes it sil, dil instead of dh, bh. */
		x86_byte(j, (w == W64 ? 0x48 : 0x40) | (dst & 8 ? 4 : 0) | (src & 8 ? 1 : 0));
		x86_byte(j, 0x0f);
		x86_byte(j, 0xbe);
		x86_byte(j, 0xc0 | (dst & 7) << 3 | (src & 7));
		return;
	case 16:
		x86_rr(j, w, 0x0fbf, dst, src);
		return;
	default:
		x86_rr(j, W64, 0x63, dst, src);
		return;
	}
}

/* RFC 9669, 4.2, on a little-endian machine. */
static void swap(struct jit *j, const struct bpf_insn *insn)
{
	unsigned dst = x86_of(insn->dst_reg);
	bool swaps = BPF_CLASS(insn->code) == BPF_ALU64 || BPF_SRC(insn->code) == BPF_TO_BE;
	enum x86_width w = insn->imm == 64 ? W64 : W32;

	if (insn->imm == 16) {
		if (swaps) {
			/* ror dst16, 8 */
			x86_byte(j, 0x66);
			x86_rr(j, W32, 0xc1, 1, dst);
			x86_byte(j, 8);
		}
		x86_rr(j, W32, 0x0fb7, dst, dst);
	} else if (swaps) {
		x86_opcode(j, w, 0x0fc8 | (dst & 7), 0, dst);
	} else if (insn->imm == 32) {
		x86_mov(j, W32, dst, dst);
	}
}

void jit_alu(struct jit *j, const struct bpf_insn *insn)
{
	enum x86_width w = BPF_CLASS(insn->code) == BPF_ALU64 ? W64 : W32;
	unsigned op = BPF_OP(insn->code);
	unsigned dst = x86_of(insn->dst_reg);

	switch (op) {
	case BPF_MUL:
		multiply(j, w, insn);
		return;
	case BPF_DIV:
	case BPF_MOD:
		jit_divide(j, insn);
		return;
	case BPF_LSH:
	case BPF_RSH:
	case BPF_ARSH:
		shift(j, w, insn);
		return;
	case BPF_NEG:
		x86_rr(j, w, 0xf7, 3, dst);
		return;
	case BPF_MOV:
		move(j, w, insn);
		return;
	case BPF_END:
		swap(j, insn);
		return;
	}
	if (BPF_SRC(insn->code) == BPF_X)
		x86_rr(j, w, group1_of(op) << 3 | 1, x86_of(insn->src_reg), dst);
	else
		x86_group1(j, w, group1_of(op), dst, insn->imm);
}
