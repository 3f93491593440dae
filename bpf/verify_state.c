/* pure */
/*
 * verify_state.c: making, packing and unpacking states. A packed state holds only registers that are initialised and
 * may still be read, and the slots in use: a few hundred bytes for a usual function.
 */
#include "bpf/verify_pack.h"
#include "bpf/verify_priv.h"

void *verify_alloc(struct verifier *v, size_t size)
{
	void *p = bpf_mem_alloc(v->mem, size);

	if (v->mem->used - v->memory_start > v->memory_peak)
		v->memory_peak = v->mem->used - v->memory_start;
	return p;
}

void vreg_set_scalar(struct vreg *reg, const struct range *r)
{
	*reg = (struct vreg){.type = V_SCALAR, .r = *r};
}

void vreg_set_unknown(struct vreg *reg)
{
	*reg = (struct vreg){.type = V_SCALAR, .r = range_unknown()};
}

void vreg_set_const(struct vreg *reg, uint64_t value)
{
	*reg = (struct vreg){.type = V_SCALAR, .r = range_const(value)};
}

void vreg_set_pointer(struct vreg *reg, enum vtype type, uint32_t what)
{
	*reg = (struct vreg){.type = (uint8_t)type, .what = what, .r = range_const(0)};
}

void state_init_slots(struct vframe *frame, unsigned slots)
{
	for (; frame->slots < slots; frame->slots++)
		memset(frame->slot[frame->slots].byte, B_INVALID, SLOT_BYTES);
}

int state_push_frame(struct verifier *v, uint32_t callsite, uint16_t function, bool callback)
{
	struct vstate *s = &v->state;
	struct vframe *frame;

	if (s->frames == BPF_MAX_CALL_FRAMES)
		return refuse(v, "the call of function %u is nested %u deep, the limit is %u", function, s->frames + 1,
			      BPF_MAX_CALL_FRAMES);
	if (!s->frame[s->frames]) {
		s->frame[s->frames] = verify_alloc(v, sizeof(struct vframe));
		if (!s->frame[s->frames])
			return refuse_with(v, -ENOMEM, "no memory for a frame");
	}
	frame = s->frame[s->frames];
	for (unsigned i = 0; i < BPF_REG_10; i++)
		frame->reg[i].type = V_UNINIT;
	vreg_set_pointer(&frame->reg[BPF_REG_10], V_STACK, 0);
	frame->reg[BPF_REG_10].frame = (uint8_t)s->frames;
	frame->callsite = callsite;
	frame->function = function;
	frame->callback = callback;
	frame->slots = 0;
	s->frames++;
	return 0;
}

void state_each_reg(struct verifier *v, void (*f)(struct verifier *v, struct vreg *reg, uint32_t arg), uint32_t arg)
{
	for (unsigned n = 0; n < v->state.frames; n++) {
		struct vframe *frame = v->state.frame[n];

		for (unsigned i = 0; i < BPF_REG_10; i++)
			f(v, &frame->reg[i], arg);
		for (unsigned i = 0; i < frame->slots; i++)
			if (frame->slot[i].byte[0] == B_SPILL)
				f(v, &frame->slot[i].reg, arg);
	}
}

void state_forget(struct verifier *v, bool (*match)(const struct vreg *reg, uint32_t arg), uint32_t arg)
{
	for (unsigned n = 0; n < v->state.frames; n++) {
		struct vframe *frame = v->state.frame[n];

		for (unsigned i = 0; i < BPF_REG_10; i++)
			if (match(&frame->reg[i], arg))
				frame->reg[i].type = V_UNINIT;
		for (unsigned i = 0; i < frame->slots; i++)
			if (frame->slot[i].byte[0] == B_SPILL && match(&frame->slot[i].reg, arg))
				memset(frame->slot[i].byte, B_INVALID, SLOT_BYTES);
	}
}

/* Registers of frame N that may still be read when the path stands before PC. */
static unsigned live_in_frame(struct verifier *v, unsigned n, uint32_t pc)
{
	const struct vframe *inner;
	unsigned live;

	if (n + 1 == v->state.frames)
		return v->aux[pc].live;
	inner = v->state.frame[n + 1];
	/* r1 .. r5 and r0 come back otherwise; a callback's helper call is looked at again. */
	live = v->aux[inner->callsite + 1].live & 0x3c0;
	return inner->callback ? live | v->aux[inner->callsite].live : live;
}

static unsigned registers_to_keep(struct verifier *v, unsigned n, uint32_t pc)
{
	unsigned live = live_in_frame(v, n, pc);
	unsigned keep = 0;

	for (unsigned i = 0; i < BPF_REG_10; i++)
		if ((live & (1u << i)) && v->state.frame[n]->reg[i].type != V_UNINIT)
			keep |= 1u << i;
	return keep;
}

static size_t frame_size(const struct vframe *frame, unsigned keep)
{
	size_t size = sizeof(struct packed_frame) + frame->slots * SLOT_BYTES;

	size += (unsigned)__builtin_popcount(keep) * sizeof(struct vreg);
	for (unsigned i = 0; i < frame->slots; i++)
		if (frame->slot[i].byte[0] == B_SPILL)
			size += sizeof(struct vreg);
	return size;
}

struct vpacked *state_pack(struct verifier *v, uint32_t pc, uint32_t *ret_size)
{
	const struct vstate *s = &v->state;
	unsigned keep[BPF_MAX_CALL_FRAMES];
	size_t size = sizeof(struct vpacked) + s->refs * sizeof(struct vref);
	struct vpacked *packed;
	uint8_t *at;

	for (unsigned n = 0; n < s->frames; n++) {
		keep[n] = registers_to_keep(v, n, pc);
		size += frame_size(s->frame[n], keep[n]);
	}
	packed = verify_alloc(v, size);
	if (!packed)
		return NULL;
	*packed = (struct vpacked){.pc = pc, .turns = s->turns, .frames = (uint8_t)s->frames, .refs = (uint8_t)s->refs};
	at = (uint8_t *)(packed + 1);
	memcpy(at, s->ref, s->refs * sizeof(struct vref));
	at += s->refs * sizeof(struct vref);
	for (unsigned n = 0; n < s->frames; n++) {
		const struct vframe *frame = s->frame[n];
		struct packed_frame *head = (struct packed_frame *)at;

		*head = (struct packed_frame){.callsite = frame->callsite,
					      .function = frame->function,
					      .registers = (uint16_t)keep[n],
					      .callback = frame->callback,
					      .slots = frame->slots};
		at = (uint8_t *)(head + 1);
		for (unsigned i = 0; i < BPF_REG_10; i++)
			if (keep[n] & (1u << i)) {
				memcpy(at, &frame->reg[i], sizeof(struct vreg));
				at += sizeof(struct vreg);
			}
		for (unsigned i = 0; i < frame->slots; i++, at += SLOT_BYTES)
			memcpy(at, frame->slot[i].byte, SLOT_BYTES);
		for (unsigned i = 0; i < frame->slots; i++)
			if (frame->slot[i].byte[0] == B_SPILL) {
				memcpy(at, &frame->slot[i].reg, sizeof(struct vreg));
				at += sizeof(struct vreg);
			}
	}
	*ret_size = (uint32_t)size;
	return packed;
}

/* Every frame that is named was allocated when the state was packed. */
void state_unpack(struct verifier *v, const struct vpacked *packed)
{
	struct vstate *s = &v->state;
	struct unpack u;

	s->pc = packed->pc;
	s->turns = packed->turns;
	s->refs = packed->refs;
	s->frames = packed->frames;
	unpack_start(&u, packed);
	memcpy(s->ref, u.refs, packed->refs * sizeof(struct vref));
	for (unsigned n = 0; n < packed->frames; n++) {
		struct vframe *frame = s->frame[n];

		unpack_frame(&u);
		frame->callsite = u.head->callsite;
		frame->function = u.head->function;
		frame->callback = u.head->callback;
		frame->slots = u.head->slots;
		for (unsigned i = 0; i < BPF_REG_10; i++) {
			const struct vreg *reg = unpack_reg(&u, i);

			if (reg)
				frame->reg[i] = *reg;
			else
				frame->reg[i].type = V_UNINIT;
		}
		vreg_set_pointer(&frame->reg[BPF_REG_10], V_STACK, 0);
		frame->reg[BPF_REG_10].frame = (uint8_t)n;
		for (unsigned i = 0; i < frame->slots; i++) {
			const struct vreg *reg = unpack_slot(&u, i);

			memcpy(frame->slot[i].byte, u.bytes + i * SLOT_BYTES, SLOT_BYTES);
			if (reg)
				frame->slot[i].reg = *reg;
		}
	}
}

int state_save(struct verifier *v)
{
	v->saved_state = state_pack(v, v->pc, &v->saved_size);
	return v->saved_state ? 0 : refuse_with(v, -ENOMEM, "no memory for another path");
}

void state_restore(struct verifier *v)
{
	state_unpack(v, v->saved_state);
	bpf_mem_free(v->mem, v->saved_state, v->saved_size);
	v->saved_state = NULL;
}
