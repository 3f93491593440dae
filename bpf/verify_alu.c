/* pure */
/*
 * verify_alu.c: arithmetic and moves. Numbers are bpf/range.h's; pointers go to verify_ptr.c. A copy of a number shares
 * its id, so that a comparison of one tells of the other.
 */
#include "bpf/verify_priv.h"

int check_readable(struct verifier *v, unsigned number)
{
	if (reg_of(v, number)->type == V_UNINIT)
		return refuse(v, "r%u is not initialised", number);
	return 0;
}

void link_registers(struct verifier *v, struct vreg *a, struct vreg *b)
{
	if (range_is_const(&a->r))
		return;
	if (!a->id)
		a->id = ++v->id;
	b->id = a->id;
}

static int check_move(struct verifier *v, const struct bpf_insn *insn)
{
	bool is64 = BPF_CLASS(insn->code) == BPF_ALU64;
	struct vreg *dst = reg_of(v, insn->dst_reg);
	struct vreg *src = reg_of(v, insn->src_reg);
	int r;

	if (BPF_SRC(insn->code) == BPF_K) {
		vreg_set_const(dst, is64 ? (uint64_t)(int64_t)insn->imm : (uint32_t)insn->imm);
		return 0;
	}
	r = check_readable(v, insn->src_reg);
	if (r < 0)
		return r;
	if (vreg_is_pointer(src)) {
		if (!is64 || insn->off)
			return refuse(v, "r%u is %s: part of an address is no number to be had", insn->src_reg,
				      type_text(src));
		*dst = *src;
		return 0;
	}
	/* Equal values only if the copy is whole. */
	if (!insn->off && (is64 || src->r.umax <= UINT32_MAX)) {
		if (dst != src) {
			link_registers(v, src, dst);
			*dst = *src;
		}
		return 0;
	}
	*dst = *src;
	dst->id = 0;
	if (insn->off)
		range_sext(&dst->r, (unsigned)insn->off / 8);
	if (!is64)
		range_zext(&dst->r, 4);
	return 0;
}

static int check_swap(struct verifier *v, const struct bpf_insn *insn)
{
	struct vreg *dst = reg_of(v, insn->dst_reg);
	unsigned size = (unsigned)insn->imm / 8;
	bool swap = BPF_CLASS(insn->code) == BPF_ALU64 || BPF_SRC(insn->code) == BPF_TO_BE;
	int r = check_readable(v, insn->dst_reg);

	if (r < 0)
		return r;
	if (vreg_is_pointer(dst))
		return refuse(v, "r%u is %s: its bytes cannot be swapped", insn->dst_reg, type_text(dst));
	dst->id = 0;
	/* The machine is little-endian. */
	if (swap)
		range_bswap(&dst->r, size);
	else
		range_zext(&dst->r, size);
	return 0;
}

/* Constants that can only be a mistake. */
static int check_constant(struct verifier *v, const struct bpf_insn *insn, bool is64)
{
	int width = is64 ? 64 : 32;

	switch (BPF_OP(insn->code)) {
	case BPF_DIV:
	case BPF_MOD:
		return insn->imm ? 0 : refuse(v, "a division by the constant 0");
	case BPF_LSH:
	case BPF_RSH:
	case BPF_ARSH:
		if (insn->imm < 0 || insn->imm >= width)
			return refuse(v, "a shift by %d, the register is %d bits", insn->imm, width);
		return 0;
	default:
		return 0;
	}
}

int check_alu(struct verifier *v, const struct bpf_insn *insn)
{
	unsigned op = BPF_OP(insn->code);
	bool is64 = BPF_CLASS(insn->code) == BPF_ALU64;
	struct vreg *dst = reg_of(v, insn->dst_reg);
	struct range constant;
	const struct range *operand = &constant;
	int r;

	if (op == BPF_MOV)
		return check_move(v, insn);
	if (op == BPF_END)
		return check_swap(v, insn);
	r = check_readable(v, insn->dst_reg);
	if (r == 0 && BPF_SRC(insn->code) == BPF_X)
		r = check_readable(v, insn->src_reg);
	if (r < 0)
		return r;
	if (BPF_SRC(insn->code) == BPF_X) {
		const struct vreg *src = reg_of(v, insn->src_reg);

		if (vreg_is_pointer(dst) || vreg_is_pointer(src))
			return check_pointer_alu(v, insn, dst, src);
		operand = &src->r;
	} else {
		r = op == BPF_NEG ? 0 : check_constant(v, insn, is64);
		if (r < 0)
			return r;
		constant = range_const(is64 ? (uint64_t)(int64_t)insn->imm : (uint32_t)insn->imm);
		if (vreg_is_pointer(dst)) {
			struct vreg src = {.type = V_SCALAR, .r = constant};

			return check_pointer_alu(v, insn, dst, &src);
		}
	}
	dst->id = 0;
	range_alu(op, is64, insn->off == 1, &dst->r, operand);
	return 0;
}
