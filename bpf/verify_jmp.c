/* pure */
/*
 * verify_jmp.c: jumps. A comparison of numbers refines both sides, on both ways; one way may turn out impossible. A
 * comparison of a pointer with 0 tells that it is one; of a packet pointer with the packet's end, how much is there.
 */
#include "bpf/verify_priv.h"

/* As far as a packet pointer may be from the packet's start for a comparison to say something (MAX_PACKET_OFF). */
#define PACKET_MAX 0xffff

struct jump {
	const struct bpf_insn *insn;
	unsigned op;
	bool is64;
	uint32_t there, here;	/* where it leads if taken, and if not */
	struct vreg *dst, *src; /* src: null for a constant */
	struct range constant;
};

/* --- copies of a compared number --- */

struct copies {
	unsigned registers;
	uint64_t slots;
};

static struct copies find_copies(struct verifier *v, uint32_t id)
{
	struct vframe *frame = top(v);
	struct copies c = {0, 0};

	if (!id)
		return c;
	for (unsigned i = 0; i < BPF_REG_10; i++)
		if (frame->reg[i].type == V_SCALAR && frame->reg[i].id == id)
			c.registers |= 1u << i;
	for (unsigned i = 0; i < frame->slots; i++)
		if (frame->slot[i].byte[0] == B_SPILL && frame->slot[i].reg.type == V_SCALAR &&
		    frame->slot[i].reg.id == id)
			c.slots |= UINT64_C(1) << i;
	return c;
}

static void tell_copies(struct verifier *v, const struct copies *c, const struct range *r)
{
	struct vframe *frame = top(v);

	for (unsigned i = 0; i < BPF_REG_10; i++)
		if (c->registers & (1u << i))
			frame->reg[i].r = *r;
	for (unsigned i = 0; i < frame->slots; i++)
		if ((c->slots >> i) & 1)
			frame->slot[i].reg.r = *r;
}

/* --- numbers --- */

static void put_outcome(struct verifier *v, const struct jump *j, const struct range *a, const struct range *b)
{
	struct copies c = find_copies(v, j->dst->id);

	j->dst->r = *a;
	tell_copies(v, &c, a);
	if (!j->src)
		return;
	c = find_copies(v, j->src->id);
	j->src->r = *b;
	tell_copies(v, &c, b);
}

static int compare_numbers(struct verifier *v, const struct jump *j)
{
	unsigned operands = 1u << j->insn->dst_reg | (j->src ? 1u << j->insn->src_reg : 0);
	struct range *a = &v->outcome[0], *b = &v->outcome[1], *c = &v->outcome[2], *d = &v->outcome[3];
	struct copies of_dst = find_copies(v, j->dst->id), of_src = find_copies(v, j->src ? j->src->id : 0);
	bool taken, passed;
	int r;

	*a = *c = j->dst->r;
	*b = *d = j->src ? j->src->r : j->constant;
	taken = range_branch(j->op, j->is64, true, a, b);
	passed = range_branch(j->op, j->is64, false, c, d);
	if (!taken || !passed)
		need_registers(v, v->pc, operands);
	if (!taken && !passed) {
		/* What is known contradicts itself: nothing runs here. */
		v->path_done = true;
		return 0;
	}
	if (of_dst.registers | of_src.registers | of_dst.slots | of_src.slots)
		need_note_links(v, operands | of_dst.registers | of_src.registers, of_dst.slots | of_src.slots);
	if (taken) {
		/* What the other way tells of an operand, it tells of all its copies: nothing needs to be put back. */
		put_outcome(v, j, a, b);
		if (!passed) {
			v->state.pc = j->there;
			return 0;
		}
		r = push_pending(v, j->there);
		if (r < 0)
			return r;
	}
	put_outcome(v, j, c, d);
	v->state.pc = j->here;
	return 0;
}

/* --- null --- */

static void mark_null(struct verifier *v, struct vreg *reg, uint32_t arg)
{
	if (!(reg->flags & V_OR_NULL) || reg->id != arg)
		return;
	if (v->null_branch) {
		vreg_set_const(reg, 0);
	} else {
		reg->flags &= (uint8_t)~V_OR_NULL;
		reg->id = 0;
	}
}

static void set_null(struct verifier *v, uint32_t id, uint32_t ref, bool null)
{
	/* There is nothing to release where nothing was given. */
	if (null && ref)
		ref_release(v, ref);
	v->null_branch = null;
	state_each_reg(v, mark_null, id);
}

static int compare_with_null(struct verifier *v, const struct jump *j)
{
	uint32_t id = j->dst->id, ref = j->dst->ref;
	bool null_if_taken = j->op == BPF_JEQ;
	int r;

	if (!(j->dst->flags & V_OR_NULL)) {
		/* A pointer that is one is not 0. */
		v->state.pc = null_if_taken ? j->here : j->there;
		return 0;
	}
	/* Many registers change at once: the state is kept packed while the path of one outcome is put aside. */
	r = state_save(v);
	if (r < 0)
		return r;
	set_null(v, id, ref, null_if_taken);
	r = push_pending(v, j->there);
	state_restore(v);
	if (r < 0)
		return r;
	set_null(v, id, ref, !null_if_taken);
	v->state.pc = j->here;
	return 0;
}

/* --- the packet's end --- */

static void mark_packet(struct verifier *v, struct vreg *reg, uint32_t bytes)
{
	if (reg->type == v->packet_type && reg->id == v->packet_base && reg->what < bytes)
		reg->what = bytes;
}

/* Packet pointer PTR is known to be at most the end, or STRICTLY below it. */
static void learn_bytes(struct verifier *v, const struct vreg *ptr, bool strictly)
{
	int64_t bytes = (int64_t)ptr->off + (strictly ? 1 : 0);

	if (ptr->off <= 0 && !strictly)
		return;
	if (bytes <= 0 || bytes > PACKET_MAX || ptr->r.umax > PACKET_MAX || (int64_t)ptr->r.umax + bytes > PACKET_MAX)
		return;
	v->packet_type = ptr->type;
	v->packet_base = ptr->id;
	state_each_reg(v, mark_packet, (uint32_t)bytes);
}

static bool is_end_of(const struct vreg *ptr, const struct vreg *end)
{
	if (ptr->type == V_PACKET && end->type == V_PACKET_END)
		return true;
	/* Metadata ends where the packet starts. */
	return ptr->type == V_META && end->type == V_PACKET && !end->off && !end->id;
}

/* PTR OP END: what this outcome tells: 0 nothing, 1 that PTR is at most END, 2 that it is below. */
static int packet_outcome(unsigned op, bool taken)
{
	switch (op) {
	case BPF_JGT:
		return taken ? 0 : 1;
	case BPF_JGE:
		return taken ? 0 : 2;
	case BPF_JLT:
		return taken ? 2 : 0;
	case BPF_JLE:
		return taken ? 1 : 0;
	default:
		return 0;
	}
}

static unsigned mirrored(unsigned op)
{
	switch (op) {
	case BPF_JGT:
		return BPF_JLT;
	case BPF_JGE:
		return BPF_JLE;
	case BPF_JLT:
		return BPF_JGT;
	case BPF_JLE:
		return BPF_JGE;
	default:
		return op;
	}
}

static int compare_pointers(struct verifier *v, const struct jump *j)
{
	bool forward = is_end_of(j->dst, j->src), backward = is_end_of(j->src, j->dst);
	const struct vreg ptr = backward ? *j->src : *j->dst;
	unsigned op = backward ? mirrored(j->op) : j->op;
	int r = 0;

	if (!forward && !backward && j->dst->type != j->src->type)
		return refuse(v, "r%u (%s) is compared with r%u (%s)", j->insn->dst_reg, type_text(j->dst),
			      j->insn->src_reg, type_text(j->src));
	if (!forward && !backward) {
		v->state.pc = j->here;
		return push_pending(v, j->there);
	}
	r = state_save(v);
	if (r < 0)
		return r;
	if (packet_outcome(op, true))
		learn_bytes(v, &ptr, packet_outcome(op, true) == 2);
	r = push_pending(v, j->there);
	state_restore(v);
	if (r < 0)
		return r;
	if (packet_outcome(op, false))
		learn_bytes(v, &ptr, packet_outcome(op, false) == 2);
	v->state.pc = j->here;
	return 0;
}

static int compare(struct verifier *v, const struct jump *j)
{
	bool pointer = vreg_is_pointer(j->dst), other = j->src && vreg_is_pointer(j->src);
	unsigned number = pointer ? j->insn->dst_reg : j->insn->src_reg;

	if (!pointer && !other)
		return compare_numbers(v, j);
	if (!j->is64)
		return refuse(v, "r%u is %s: its lower half is compared", number, type_text(pointer ? j->dst : j->src));
	if (pointer && other)
		return compare_pointers(v, j);
	if (pointer && (j->op == BPF_JEQ || j->op == BPF_JNE) &&
	    (j->src ? vreg_is_null(j->src) : range_is_const(&j->constant) && j->constant.umin == 0)) {
		if (j->src)
			need_registers(v, v->pc, 1u << j->insn->src_reg);
		return compare_with_null(v, j);
	}
	return refuse(v, "r%u is %s: it is compared with a number", number, type_text(pointer ? j->dst : j->src));
}

int check_jump(struct verifier *v, const struct bpf_insn *insn)
{
	uint32_t next[2];
	unsigned n = cfg_successors(v->prog, v->pc, next);
	struct jump jump, *j = &jump;
	int r;

	v->jumps_since++;
	if (n == 1) {
		v->state.pc = next[0];
		return 0;
	}
	r = check_readable(v, insn->dst_reg);
	if (r == 0 && BPF_SRC(insn->code) == BPF_X)
		r = check_readable(v, insn->src_reg);
	if (r < 0)
		return r;
	j->insn = insn;
	j->op = BPF_OP(insn->code);
	j->is64 = BPF_CLASS(insn->code) == BPF_JMP;
	j->here = next[0];
	j->there = next[1];
	j->dst = reg_of(v, insn->dst_reg);
	j->src = BPF_SRC(insn->code) == BPF_X ? reg_of(v, insn->src_reg) : NULL;
	if (!j->src)
		j->constant = range_const(j->is64 ? (uint64_t)(int64_t)insn->imm : (uint32_t)insn->imm);
	return compare(v, j);
}
