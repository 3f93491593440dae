/* pure */
/*
 * verify_ptr.c: arithmetic on pointers: a number may be added or subtracted, in 64 bits; nothing else. A constant goes
 * to the fixed offset, all else to the range.
 */
#include "bpf/verify_priv.h"

/* Offsets stay within +-512 MiB, so that no sum of them and an object's size can overflow. */
#define OFFSET_MAX (1 << 29)

static int check_pair(struct verifier *v, const struct bpf_insn *insn, struct vreg *dst, const struct vreg *src)
{
	bool packet = dst->type >= V_PACKET && dst->type <= V_PACKET_END && src->type >= V_PACKET &&
		      src->type <= V_PACKET_END;

	/* The distance of two places in one packet tells no address. */
	if (packet && BPF_OP(insn->code) == BPF_SUB && BPF_CLASS(insn->code) == BPF_ALU64) {
		vreg_set_unknown(dst);
		return 0;
	}
	return refuse(v, "arithmetic on two pointers, r%u (%s) and r%u (%s)", insn->dst_reg, type_text(dst),
		      insn->src_reg, type_text(src));
}

static int check_pointer(struct verifier *v, unsigned number, const struct vreg *ptr)
{
	if (ptr->flags & V_OR_NULL)
		return refuse(v, "arithmetic on r%u, %s: compare it with 0 first", number, type_text(ptr));
	if (ptr->type == V_MAP || ptr->type == V_PACKET_END || ptr->type == V_FUNC)
		return refuse(v, "arithmetic on r%u, %s", number, type_text(ptr));
	return 0;
}

static int check_amount(struct verifier *v, const struct range *amount)
{
	char text[RANGE_TEXT];

	if (range_is_const(amount)) {
		if (amount->smin >= OFFSET_MAX || amount->smin <= -OFFSET_MAX)
			return refuse(v, "the offset %lld, the limit for pointers is %d", (long long)amount->smin,
				      OFFSET_MAX);
	} else if (amount->smin <= -OFFSET_MAX || amount->smin >= OFFSET_MAX) {
		return refuse(v, "the offset is in %s, its lower bound must be above %d", range_text(amount, text),
			      -OFFSET_MAX);
	}
	return 0;
}

static bool add_constant(struct vreg *ptr, int64_t amount)
{
	int64_t sum = ptr->off + amount;

	if (sum >= OFFSET_MAX || sum <= -OFFSET_MAX)
		return false;
	ptr->off = (int32_t)sum;
	return true;
}

int check_pointer_alu(struct verifier *v, const struct bpf_insn *insn, struct vreg *dst, const struct vreg *src)
{
	bool dst_is_pointer = vreg_is_pointer(dst);
	unsigned op = BPF_OP(insn->code);
	unsigned number = dst_is_pointer ? insn->dst_reg : insn->src_reg;
	struct vreg ptr = dst_is_pointer ? *dst : *src;
	struct range amount;
	int r;

	if (dst_is_pointer && vreg_is_pointer(src))
		return check_pair(v, insn, dst, src);
	if (BPF_CLASS(insn->code) != BPF_ALU64)
		return refuse(v, "arithmetic in 32 bits on r%u, %s", number, type_text(&ptr));
	if (op != BPF_ADD && op != BPF_SUB)
		return refuse(v, "r%u is %s: only + and - are possible", number, type_text(&ptr));
	if (op == BPF_SUB && !dst_is_pointer)
		return refuse(v, "r%u, %s, is subtracted from a number", number, type_text(&ptr));
	r = check_pointer(v, number, &ptr);
	if (r < 0)
		return r;
	amount = dst_is_pointer ? src->r : dst->r;
	if (BPF_SRC(insn->code) == BPF_X)
		need_registers(v, v->pc, 1u << (dst_is_pointer ? insn->src_reg : insn->dst_reg));
	if (op == BPF_SUB)
		range_alu(BPF_NEG, true, false, &amount, &amount);
	r = check_amount(v, &amount);
	if (r < 0)
		return r;
	if (ptr.type == V_CTX && !range_is_const(&amount))
		return refuse(v, "r%u is the context: its offset must be constant", number);
	if (range_is_const(&amount)) {
		if (!add_constant(&ptr, amount.smin))
			return refuse(v, "r%u has the offset %lld, the limit for pointers is %d", number,
				      (long long)ptr.off + amount.smin, OFFSET_MAX);
		/* A distance known to be in the packet moves along: it counts from the base. */
		*dst = ptr;
		return 0;
	}
	range_alu(BPF_ADD, true, false, &ptr.r, &amount);
	if (ptr.type == V_PACKET || ptr.type == V_META) {
		/* A new base, of which nothing is known to be there. */
		ptr.id = ++v->id;
		ptr.what = 0;
	}
	r = check_amount(v, &ptr.r);
	if (r < 0)
		return r;
	*dst = ptr;
	return 0;
}
