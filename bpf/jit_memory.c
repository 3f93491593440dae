/* pure */
/* jit_memory.c: loads, stores and atomic operations. */
#include "bpf/jit_x86.h"

#define LOCK 0xf0

static void load(struct jit *j, const struct bpf_insn *insn)
{
	unsigned dst = x86_of(insn->dst_reg);
	unsigned src = x86_of(insn->src_reg);
	bool is_signed = BPF_MODE(insn->code) == BPF_MEMSX;

	switch (BPF_SIZE(insn->code)) {
	case BPF_B:
		x86_rm(j, is_signed ? W64 : W32, is_signed ? 0x0fbe : 0x0fb6, dst, src, insn->off);
		return;
	case BPF_H:
		x86_rm(j, is_signed ? W64 : W32, is_signed ? 0x0fbf : 0x0fb7, dst, src, insn->off);
		return;
	case BPF_W:
		x86_rm(j, is_signed ? W64 : W32, is_signed ? 0x63 : 0x8b, dst, src, insn->off);
		return;
	default:
		x86_rm(j, W64, 0x8b, dst, src, insn->off);
		return;
	}
}

static void store(struct jit *j, const struct bpf_insn *insn)
{
	static const enum x86_width width[] = { [BPF_W >> 3] = W32, [BPF_H >> 3] = W32, [BPF_B >> 3] = W8, [BPF_DW >> 3] = W64 };
	unsigned size = BPF_SIZE(insn->code);
	enum x86_width w = width[size >> 3];
	unsigned base = x86_of(insn->dst_reg);

	if (size == BPF_H)
		x86_byte(j, 0x66);
	if (BPF_CLASS(insn->code) == BPF_STX) {
		x86_rm(j, w, w == W8 ? 0x88 : 0x89, x86_of(insn->src_reg), base, insn->off);
		return;
	}
	x86_rm(j, w, w == W8 ? 0xc6 : 0xc7, 0, base, insn->off);
	if (size == BPF_B) {
		x86_byte(j, insn->imm & 0xff);
	} else if (size == BPF_H) {
		x86_byte(j, insn->imm & 0xff);
		x86_byte(j, (insn->imm >> 8) & 0xff);
	} else {
		x86_u32(j, (uint32_t)insn->imm);
	}
}

/* Opcode "op r/m, r" of an atomic operation. */
static unsigned opcode_of(int op)
{
	switch (BPF_OP(op)) {
	case BPF_ADD:
		return 0x01;
	case BPF_OR:
		return 0x09;
	case BPF_AND:
		return 0x21;
	default:
		return 0x31;
	}
}

/* src = [dst + off] op= src, for the operations that the CPU has no fetching form of. */
static void fetch_loop(struct jit *j, enum x86_width w, const struct bpf_insn *insn)
{
	unsigned src = x86_of(insn->src_reg);
	uint32_t again;

	x86_mov(j, W64, R10, RAX);
	x86_rm(j, W64, 0x8d, R11, x86_of(insn->dst_reg), insn->off); /* lea */
	x86_rm(j, w, 0x8b, RAX, R11, 0);
	again = j->at;
	x86_mov(j, w, R9, RAX);
	x86_rr(j, w, opcode_of(insn->imm), src == RAX ? R10 : src, R9);
	x86_byte(j, LOCK);
	x86_rm(j, w, 0x0fb1, R9, R11, 0); /* cmpxchg */
	x86_byte(j, 0x70 | CC_NE);
	x86_byte(j, (again - (j->at + 1)) & 0xff);
	if (src == RAX) {
		if (w == W32)
			x86_mov(j, W32, RAX, RAX);
		return;
	}
	x86_mov(j, w, src, RAX);
	x86_mov(j, W64, RAX, R10);
}

static void atomic(struct jit *j, const struct bpf_insn *insn)
{
	enum x86_width w = BPF_SIZE(insn->code) == BPF_DW ? W64 : W32;
	unsigned base = x86_of(insn->dst_reg);
	unsigned src = x86_of(insn->src_reg);

	switch (insn->imm) {
	case BPF_XCHG:
		x86_rm(j, w, 0x87, src, base, insn->off); /* locked by itself */
		return;
	case BPF_CMPXCHG:
		x86_byte(j, LOCK);
		x86_rm(j, w, 0x0fb1, src, base, insn->off);
		/* The upper half of rax stays if the comparison succeeds; r0 is zero-extended. */
		if (w == W32)
			x86_mov(j, W32, RAX, RAX);
		return;
	case BPF_ADD | BPF_FETCH:
		x86_byte(j, LOCK);
		x86_rm(j, w, 0x0fc1, src, base, insn->off);
		return;
	case BPF_OR | BPF_FETCH:
	case BPF_AND | BPF_FETCH:
	case BPF_XOR | BPF_FETCH:
		fetch_loop(j, w, insn);
		return;
	default:
		x86_byte(j, LOCK);
		x86_rm(j, w, opcode_of(insn->imm), src, base, insn->off);
		return;
	}
}

void jit_memory(struct jit *j, const struct bpf_insn *insn)
{
	if (BPF_CLASS(insn->code) == BPF_LDX)
		load(j, insn);
	else if (BPF_MODE(insn->code) == BPF_ATOMIC)
		atomic(j, insn);
	else
		store(j, insn);
}
