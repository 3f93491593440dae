/* pure */
/*
 * verify_compare.c: is what may happen from here a part of what was looked at from a kept state? Registers and slots
 * that are not read any more do not count; of scalars only those whose value mattered (verify_need.c).
 */
#include "bpf/verify_pack.h"
#include "bpf/verify_priv.h"

/* ONE_TO_ONE: two old ids may not stand for the same new one either. */
static bool same_id(struct vpairs *pairs, uint32_t old, uint32_t new, bool one_to_one)
{
	for (unsigned i = 0; i < pairs->count; i++) {
		if (pairs->pair[i].old == old)
			return pairs->pair[i].new == new;
		if (one_to_one && pairs->pair[i].new == new)
			return false;
	}
	if (pairs->count == PAIRS_MAX)
		return false;
	pairs->pair[pairs->count].old = old;
	pairs->pair[pairs->count++].new = new;
	return true;
}

static bool scalar_fits(struct vpairs *pairs, const struct vreg *old, const struct vreg *new, enum compare how,
			bool needed)
{
	if (how == COMPARE_EQUAL)
		return range_equal(&old->r, &new->r);
	if (how == COMPARE_SAFE && !needed)
		return true;
	/* Two old copies of one value were refined together: so must be the new ones. */
	if (old->id && !(new->id ? same_id(pairs, old->id, new->id, false)
				 : same_id(pairs, old->id, UINT32_MAX - pairs->count, false)))
		return false;
	return range_contains(&old->r, &new->r);
}

static bool reg_fits(struct vpairs *pairs, const struct vreg *old, const struct vreg *new, enum compare how,
		     bool needed)
{
	if (old->type != new->type || old->flags != new->flags)
		return false;
	switch (old->type) {
	case V_UNINIT:
		return true;
	case V_SCALAR:
		return scalar_fits(pairs, old, new, how, needed);
	case V_PACKET:
	case V_META:
		/* Fewer bytes were known to be there. */
		if (how == COMPARE_EQUAL ? old->what != new->what : old->what > new->what)
			return false;
		if ((old->id || new->id) && !same_id(pairs, old->id, new->id, true))
			return false;
		break;
	default:
		if (old->what != new->what || old->frame != new->frame)
			return false;
		if ((old->flags & V_OR_NULL) && !same_id(pairs, old->id, new->id, true))
			return false;
		break;
	}
	if ((old->ref || new->ref) && !same_id(pairs, old->ref, new->ref, true))
		return false;
	if (old->off != new->off)
		return false;
	return how == COMPARE_EQUAL ? range_equal(&old->r, &new->r) : range_contains(&old->r, &new->r);
}

/* How many bytes from the slot's start the saved register fills. */
static unsigned spill_bytes(const uint8_t *byte)
{
	unsigned n = 0;

	while (n < SLOT_BYTES && byte[n] == B_SPILL)
		n++;
	return n;
}

static bool zero_byte(const uint8_t *byte, const struct vreg *saved, unsigned i)
{
	return byte[i] == B_ZERO || (byte[i] == B_SPILL && vreg_is_null(saved));
}

/* No saved register on both sides, or a scalar against loose bytes. */
static bool bytes_fit(const uint8_t *old, const struct vreg *old_reg, const uint8_t *new, const struct vreg *new_reg,
		      enum compare how, bool needed)
{
	for (unsigned i = 0; i < SLOT_BYTES; i++) {
		if (how == COMPARE_EQUAL && old[i] != new[i])
			return false;
		if (old[i] == B_INVALID)
			continue;
		if (new[i] == B_INVALID)
			return false;
		if (how == COMPARE_SAFE && !needed)
			continue;
		if (old[i] == B_ZERO && !zero_byte(new, new_reg, i))
			return false;
		if (old[i] == B_SPILL && (old_reg->r.bits.mask != UINT64_MAX || old_reg->r.umax != UINT64_MAX ||
					  old_reg->r.smin != INT64_MIN || old_reg->id))
			return false;
	}
	return true;
}

static bool slot_fits(struct vpairs *pairs, const uint8_t *old, const struct vreg *old_reg, const struct vslot *new,
		      enum compare how, bool needed)
{
	const struct vreg *new_reg = new->byte[0] == B_SPILL ? &new->reg : NULL;
	bool pointers = (old_reg && vreg_is_pointer(old_reg)) || (new_reg && vreg_is_pointer(new_reg));
	bool any = false;

	for (unsigned i = 0; i < SLOT_BYTES; i++)
		any |= old[i] != B_INVALID;
	/* What was not written before could not be read. */
	if (!any && how != COMPARE_EQUAL)
		return true;
	if (pointers)
		return old_reg && new_reg && reg_fits(pairs, old_reg, new_reg, how, needed);
	if (old_reg && new_reg && spill_bytes(old) == spill_bytes(new->byte)) {
		if (!scalar_fits(pairs, old_reg, new_reg, how, needed))
			return false;
		for (unsigned i = spill_bytes(old); i < SLOT_BYTES; i++)
			if (old[i] != B_INVALID && (new->byte[i] == B_INVALID || old[i] != new->byte[i]))
				return false;
		return true;
	}
	return bytes_fit(old, old_reg, new->byte, new_reg, how, needed);
}

/* Is slot I of frame N read from here on, as far as is known? */
static bool slot_alive(struct verifier *v, unsigned n, unsigned i)
{
	uint32_t pc = n + 1 == v->state.frames ? v->state.pc : v->state.frame[n + 1]->callsite;
	const uint64_t *live = v->aux[pc].half_live;
	unsigned half = 2 * i;

	return (live[half / 64] >> (half % 64)) & 3;
}

static bool frame_fits(struct verifier *v, struct vpairs *pairs, struct unpack *u, unsigned n, enum compare how)
{
	static const struct vslot never = {.byte = {B_INVALID}};
	const struct vframe *new = v->state.frame[n];
	bool innermost = n + 1 == v->state.frames;
	bool fits = u->head->function == new->function && u->head->callback == new->callback &&
		    u->head->callsite == new->callsite;
	uint64_t need_slots = v->function[new->function].need_slots;
	unsigned need = 0x3ff;

	/* In outer frames r6 .. r9 wait for the return. */
	if (innermost)
		need = v->aux[v->state.pc].need;
	else
		need = v->aux[v->state.frame[n + 1]->callsite + 1].need | v->aux[v->state.frame[n + 1]->callsite].need;
	for (unsigned i = 0; i < BPF_REG_10; i++) {
		const struct vreg *old = unpack_reg(u, i);

		if (old && fits)
			fits = reg_fits(pairs, old, &new->reg[i], how, v->need_all || (need & (1u << i)));
	}
	for (unsigned i = 0; i < u->head->slots; i++) {
		const struct vreg *old = unpack_slot(u, i);

		if (!fits || (how == COMPARE_SAFE && !v->need_all && !slot_alive(v, n, i)))
			continue;
		fits = slot_fits(pairs, u->bytes + i * SLOT_BYTES, old, i < new->slots ? &new->slot[i] : &never, how,
				 v->need_all || ((need_slots >> i) & 1));
	}
	if (!u->head->slots)
		u->at = u->bytes;
	return fits && (how != COMPARE_EQUAL || u->head->slots == new->slots);
}

bool state_compare(struct verifier *v, const struct vpacked *old, enum compare how)
{
	const struct vstate *new = &v->state;
	struct vpairs *pairs = &v->pairs;
	struct unpack u;

	if (old->frames != new->frames || old->refs != new->refs)
		return false;
	if (how == COMPARE_EQUAL && old->turns != new->turns)
		return false;
	pairs->count = 0;
	unpack_start(&u, old);
	for (unsigned i = 0; i < new->refs; i++)
		if (u.refs[i].frame != new->ref[i].frame || !same_id(pairs, u.refs[i].id, new->ref[i].id, true))
			return false;
	for (unsigned n = 0; n < new->frames; n++) {
		unpack_frame(&u);
		if (!frame_fits(v, pairs, &u, n, how))
			return false;
	}
	return true;
}

void state_widen(struct verifier *v, const struct vpacked *old, bool all)
{
	struct unpack u;

	if (old->frames != v->state.frames)
		return;
	unpack_start(&u, old);
	for (unsigned n = 0; n < old->frames; n++) {
		struct vframe *frame = v->state.frame[n];
		uint64_t need = v->function[frame->function].need_slots;

		unpack_frame(&u);
		for (unsigned i = 0; i < BPF_REG_10; i++)
			unpack_reg(&u, i);
		if (!u.head->slots)
			u.at = u.bytes;
		for (unsigned i = 0; i < u.head->slots; i++) {
			const struct vreg *was = unpack_slot(&u, i);
			struct vslot *slot = &frame->slot[i];

			if (i >= frame->slots || !was || slot->byte[0] != B_SPILL || was->type != V_SCALAR ||
			    slot->reg.type != V_SCALAR || range_contains(&was->r, &slot->reg.r))
				continue;
			if (all || !((need >> i) & 1))
				vreg_set_unknown(&slot->reg);
		}
	}
}
