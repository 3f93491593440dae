/* pure */
/*
 * verify_stack.c: the program's stack: 512 bytes below each frame's r10, in slots of eight. A pointer keeps its type
 * when it is stored whole and loaded whole, a number its range; other stores leave loose bytes. Nothing is read before
 * it is written.
 */
#include "bpf/verify_priv.h"

/* A place on the stack: bytes FROM .. FROM + SIZE - 1 from the frame's r10, or somewhere up to there if not exact. */
struct place {
	struct vframe *frame;
	unsigned number; /* of the frame */
	int from, to;	 /* first byte, and behind the last */
	bool exact;
};

static int find(struct verifier *v, unsigned number, const struct vreg *ptr, int off, uint32_t size, struct place *ret)
{
	int64_t base = (int64_t)ptr->off + off;
	char text[RANGE_TEXT];

	if (ptr->r.smin < -(1 << 29) || ptr->r.smax >= 1 << 29)
		return refuse(v, "r%u in %s, stack is [-%u,-1]", number, range_text(&ptr->r, text), MAX_BPF_STACK);
	if (base + ptr->r.smin < -MAX_BPF_STACK || base + ptr->r.smax + size > 0)
		return refuse(v, "r%u in [%lld,%lld], stack is [-%u,-1]", number, (long long)(base + ptr->r.smin),
			      (long long)(base + ptr->r.smax + size - 1), MAX_BPF_STACK);
	ret->number = ptr->frame;
	ret->frame = v->state.frame[ptr->frame];
	ret->from = (int)(base + ptr->r.smin);
	ret->to = (int)(base + ptr->r.smax + size);
	ret->exact = range_is_const(&ptr->r);
	return 0;
}

static int check_aligned(struct verifier *v, unsigned number, const struct vreg *ptr, int off, unsigned size)
{
	if (!tnum_is_aligned(ptr->r.bits, size) || (ptr->off + off) % (int)size)
		return refuse(v, "r%u + %d on the stack is no multiple of the access's %u bytes", number,
			      ptr->off + off, size);
	return 0;
}

static unsigned slot_of(int byte)
{
	return (unsigned)(-byte - 1) / SLOT_BYTES;
}

/* Which byte of its slot. */
static unsigned index_of(int byte)
{
	return (unsigned)(byte + MAX_BPF_STACK) % SLOT_BYTES;
}

static uint64_t slots_of(const struct place *p)
{
	uint64_t slots = 0;

	for (int b = p->from; b < p->to; b++)
		slots |= UINT64_C(1) << slot_of(b);
	return slots;
}

/* The function needs the stack down to here. */
static void reserve(struct verifier *v, const struct place *p)
{
	struct vfunction *f = &v->function[p->frame->function];

	if ((uint32_t)-p->from > f->depth)
		f->depth = (uint32_t)-p->from;
	state_init_slots(p->frame, slot_of(p->from) + 1);
}

static unsigned spill_bytes(const struct vslot *slot)
{
	unsigned n = 0;

	while (n < SLOT_BYTES && slot->byte[n] == B_SPILL)
		n++;
	return n;
}

/* The slot's saved number becomes loose bytes, before some are overwritten. */
static void loosen(struct vslot *slot)
{
	bool zero = slot->byte[0] == B_SPILL && vreg_is_null(&slot->reg);

	for (unsigned i = 0; i < SLOT_BYTES; i++)
		if (slot->byte[i] == B_SPILL)
			slot->byte[i] = zero ? B_ZERO : B_MISC;
}

/* --- reading --- */

static enum vbyte byte_at(const struct place *p, int b, const struct vslot **ret_slot)
{
	unsigned slot = slot_of(b);

	*ret_slot = &p->frame->slot[slot];
	return slot < p->frame->slots ? (*ret_slot)->byte[index_of(b)] : B_INVALID;
}

/* All bytes are written numbers; *RET_ZERO (may be null) says if all are 0. */
static int check_bytes(struct verifier *v, unsigned number, const struct place *p, bool *ret_zero)
{
	bool zero = true;

	for (int b = p->from; b < p->to; b++) {
		const struct vslot *slot;
		enum vbyte byte = byte_at(p, b, &slot);

		if (byte == B_INVALID)
			return refuse(v, "r%u in [%d,%d] of the stack, byte %d was not written", number, p->from,
				      p->to - 1, b);
		if (byte == B_SPILL && vreg_is_pointer(&slot->reg))
			return refuse(
				v,
				"r%u in [%d,%d] of the stack, at %d is %s: part of an address is no number to be had",
				number, p->from, p->to - 1, b, type_text(&slot->reg));
		if (byte != B_ZERO && !(byte == B_SPILL && vreg_is_null(&slot->reg)))
			zero = false;
	}
	if (ret_zero)
		*ret_zero = zero;
	return 0;
}

int check_stack_load(struct verifier *v, const struct bpf_insn *insn, const struct vreg *ptr, unsigned size)
{
	struct vreg *dst = reg_of(v, insn->dst_reg);
	bool is_signed = BPF_MODE(insn->code) == BPF_MEMSX;
	struct place p;
	struct vslot *slot;
	bool zero;
	int r = find(v, insn->src_reg, ptr, insn->off, size, &p);

	if (r == 0)
		r = check_aligned(v, insn->src_reg, ptr, insn->off, size);
	if (r < 0)
		return r;
	reserve(v, &p);
	need_note_read(v, p.number, p.from, p.to);
	slot = &p.frame->slot[slot_of(p.from)];
	if (p.exact && slot->byte[0] == B_SPILL && index_of(p.from) == 0 && size <= spill_bytes(slot) &&
	    (size == SLOT_BYTES || !vreg_is_pointer(&slot->reg))) {
		if (!vreg_is_pointer(&slot->reg)) {
			need_note_load(v, p.number, slots_of(&p));
			if (size == spill_bytes(slot) && !is_signed && p.number + 1 == v->state.frames)
				link_registers(v, &slot->reg, &slot->reg);
		}
		*dst = slot->reg;
		if (vreg_is_pointer(dst))
			return 0;
		if (is_signed || size < spill_bytes(slot) || p.number + 1 != v->state.frames)
			dst->id = 0;
		if (is_signed)
			range_sext(&dst->r, size);
		else
			range_zext(&dst->r, size);
		return 0;
	}
	r = check_bytes(v, insn->src_reg, &p, &zero);
	if (r < 0)
		return r;
	need_note_load(v, p.number, slots_of(&p));
	if (zero) {
		vreg_set_const(dst, 0);
		return 0;
	}
	vreg_set_unknown(dst);
	if (is_signed)
		range_sext(&dst->r, size);
	else
		range_zext(&dst->r, size);
	return 0;
}

/* --- writing --- */

/* Pointers saved on the stack may be overwritten as a whole only: half an old address is an address all the same. */
static int check_no_pointer(struct verifier *v, unsigned number, const struct place *p, bool whole_is_fine)
{
	for (unsigned i = slot_of(p->to - 1); i <= slot_of(p->from) && i < p->frame->slots; i++) {
		int start = -(int)(i + 1) * SLOT_BYTES;
		bool whole = start >= p->from && start + SLOT_BYTES <= p->to;

		if (vslot_has_pointer(&p->frame->slot[i]) && !(whole && whole_is_fine))
			return refuse(v, "r%u in [%d,%d] of the stack overwrites a part of %s at %d", number, p->from,
				      p->to - 1, type_text(&p->frame->slot[i].reg), start);
	}
	return 0;
}

static void set_bytes(const struct place *p, enum vbyte byte)
{
	for (unsigned i = slot_of(p->to - 1); i <= slot_of(p->from); i++)
		loosen(&p->frame->slot[i]);
	for (int b = p->from; b < p->to; b++)
		p->frame->slot[slot_of(b)].byte[index_of(b)] = (uint8_t)byte;
}

static void save(const struct place *p, const struct vreg *value, unsigned size)
{
	struct vslot *slot = &p->frame->slot[slot_of(p->from)];

	loosen(slot);
	for (unsigned i = 0; i < size; i++)
		slot->byte[i] = B_SPILL;
	slot->reg = *value;
}

/* Somewhere in the place a number was written: what was written there stays written. */
static int store_somewhere(struct verifier *v, unsigned number, const struct place *p)
{
	int r = check_bytes(v, number, p, NULL);

	if (r < 0)
		return r;
	need_note_read(v, p->number, p->from, p->to);
	set_bytes(p, B_MISC);
	return 0;
}

int check_stack_store(struct verifier *v, const struct bpf_insn *insn, const struct vreg *ptr, unsigned size,
		      const struct vreg *value)
{
	struct vreg copy = *value;
	struct place p;
	int r = find(v, insn->dst_reg, ptr, insn->off, size, &p);

	if (r == 0)
		r = check_aligned(v, insn->dst_reg, ptr, insn->off, size);
	if (r < 0)
		return r;
	reserve(v, &p);
	if (vreg_is_pointer(value)) {
		if (size != SLOT_BYTES || !p.exact)
			return refuse(v, "r%u is %s: it can only be stored whole, at a known place", insn->src_reg,
				      type_text(value));
		/* A key may be the helper's own, and gone with the callback. */
		if ((value->type == V_STACK && p.number < value->frame) ||
		    (value->type == V_MAP_KEY && p.number + 1 < v->state.frames))
			return refuse(v,
				      "r%u is %s, which ends with this function: the caller's stack must not keep it",
				      insn->src_reg, type_text(value));
	}
	r = check_no_pointer(v, insn->dst_reg, &p, p.exact);
	if (r < 0)
		return r;
	if (!vreg_is_pointer(value))
		need_note_store(v, p.number, slots_of(&p));
	if (!p.exact)
		return store_somewhere(v, insn->dst_reg, &p);
	if (vreg_is_pointer(value)) {
		save(&p, value, size);
		return 0;
	}
	if (index_of(p.from) != 0) {
		set_bytes(&p, vreg_is_null(value) ? B_ZERO : B_MISC);
		return 0;
	}
	/* The copy on the stack learns what comparisons tell of the register. */
	if (BPF_CLASS(insn->code) == BPF_STX && size == SLOT_BYTES && p.number + 1 == v->state.frames)
		link_registers(v, reg_of(v, insn->src_reg), &copy);
	else
		copy.id = 0;
	range_zext(&copy.r, size);
	save(&p, &copy, size);
	return 0;
}

int check_stack_atomic(struct verifier *v, const struct bpf_insn *insn, const struct vreg *ptr, unsigned size)
{
	struct place p;
	int r = find(v, insn->dst_reg, ptr, insn->off, size, &p);

	if (r == 0)
		r = check_aligned(v, insn->dst_reg, ptr, insn->off, size);
	if (r < 0)
		return r;
	reserve(v, &p);
	r = check_no_pointer(v, insn->dst_reg, &p, false);
	return r < 0 ? r : store_somewhere(v, insn->dst_reg, &p);
}

int check_stack_helper(struct verifier *v, unsigned number, uint32_t size, bool writes_all)
{
	const struct vreg *ptr = reg_of(v, number);
	struct place p;
	int r;

	if (!size)
		return 0;
	r = find(v, number, ptr, 0, size, &p);
	if (r < 0)
		return r;
	reserve(v, &p);
	if (writes_all && p.exact) {
		r = check_no_pointer(v, number, &p, true);
		if (r == 0)
			set_bytes(&p, B_MISC);
		return r;
	}
	if (writes_all) {
		/* Where exactly is not known: it must be initialised, as for any store. */
		r = check_no_pointer(v, number, &p, false);
		return r < 0 ? r : store_somewhere(v, number, &p);
	}
	need_note_read(v, p.number, p.from, p.to);
	return check_bytes(v, number, &p, NULL);
}
