/* pure */
/*
 * verify_pack.h: the packed form of a state, and a cursor that reads it from front to back: frames in order, in each
 * the registers in order, then the slots in order. Private to verify_state.c and verify_compare.c.
 *
 * Layout: vpacked, references, then for each frame packed_frame, its registers, 8 bytes for each slot, the registers
 * saved in slots. Every piece is a multiple of 8 bytes long.
 */
#ifndef BPF_VERIFY_PACK_H
#define BPF_VERIFY_PACK_H

#include "bpf/verify_state.h"

struct vpacked {
	uint32_t pc;
	uint32_t turns;
	uint8_t frames;
	uint8_t refs;
	uint8_t pad[6];
};

struct packed_frame {
	uint32_t callsite;
	uint16_t function;
	uint16_t registers; /* which ones follow */
	uint8_t callback;
	uint8_t slots;
	uint8_t pad[6];
};
_Static_assert(sizeof(struct vpacked) % 8 == 0 && sizeof(struct packed_frame) % 8 == 0, "pieces stay aligned");
_Static_assert(sizeof(struct vreg) % 8 == 0 && sizeof(struct vref) % 8 == 0, "pieces stay aligned");

struct unpack {
	const uint8_t *at;
	const struct vref *refs;
	const struct packed_frame *head; /* of the frame at hand */
	const uint8_t *bytes;		 /* its slots' bytes */
};

static inline void unpack_start(struct unpack *u, const struct vpacked *packed)
{
	u->refs = (const struct vref *)(packed + 1);
	u->at = (const uint8_t *)(u->refs + packed->refs);
}

/* The next frame; what was not read of the one before must have been read. */
static inline void unpack_frame(struct unpack *u)
{
	u->head = (const struct packed_frame *)u->at;
	u->at = (const uint8_t *)(u->head + 1);
	u->bytes = u->at + (unsigned)__builtin_popcount(u->head->registers) * sizeof(struct vreg);
}

/* Register I, or null if it is not there; to be asked for 0 .. 9 in order, before the slots. */
static inline const struct vreg *unpack_reg(struct unpack *u, unsigned i)
{
	const struct vreg *reg = (const struct vreg *)u->at;

	if (!(u->head->registers & (1u << i)))
		return NULL;
	u->at += sizeof(struct vreg);
	return reg;
}

/* What is saved in slot I, or null; to be asked for all slots in order. */
static inline const struct vreg *unpack_slot(struct unpack *u, unsigned i)
{
	const struct vreg *reg;

	if (i == 0)
		u->at = u->bytes + u->head->slots * SLOT_BYTES;
	reg = (const struct vreg *)u->at;
	if (u->bytes[i * SLOT_BYTES] != B_SPILL)
		return NULL;
	u->at += sizeof(struct vreg);
	return reg;
}

#endif
