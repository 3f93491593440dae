/* pure */
/*
 * verify_state.h: what the verifier knows at one point of one path: registers, stack slots, frames, references. Private
 * to bpf/verify*.c. verify_state.c has the functions.
 */
#ifndef BPF_VERIFY_STATE_H
#define BPF_VERIFY_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/prog.h"
#include "bpf/range.h"

enum vtype {
	V_UNINIT,     /* not readable */
	V_SCALAR,     /* a number: `r` */
	V_CTX,	      /* the context */
	V_MAP,	      /* a map itself; `what` is its number */
	V_MAP_VALUE,  /* into a value of map `what` */
	V_MAP_KEY,    /* into a key of map `what` */
	V_STACK,      /* relative to r10 of `frame` */
	V_PACKET,     /* into the packet: `what` bytes from its base are known to be there; `id` names the base */
	V_META,	      /* into the bytes before the packet, likewise */
	V_PACKET_END, /* behind the last byte of the packet */
	V_MEM,	      /* into `what` bytes of a helper's */
	V_FUNC,	      /* function `what` of the program, for a callback */
};

#define V_OR_NULL 0x1u /* flag: or null; all with the same `id` are null together */

/* A pointer points at its object's start + off + one of r. */
struct vreg {
	uint8_t type; /* enum vtype */
	uint8_t flags;
	uint8_t frame; /* V_STACK */
	int32_t off;
	uint32_t id;  /* scalars: equal ids, equal values; pointers: see above. 0: none */
	uint32_t ref; /* the reference that the memory belongs to, or 0 */
	uint32_t what;
	struct range r;
};

/* A byte of the stack. */
enum vbyte {
	B_INVALID, /* never written */
	B_MISC,	   /* some number */
	B_ZERO,	   /* 0 */
	B_SPILL,   /* part of the register saved in the slot */
};

#define SLOT_BYTES 8
#define SLOTS	   (MAX_BPF_STACK / SLOT_BYTES)

/* Eight bytes; byte 0 is the lowest. Slot n lies at r10 - 8 * (n + 1). */
struct vslot {
	uint8_t byte[SLOT_BYTES];
	struct vreg reg; /* where byte[0] is B_SPILL: scalars may fill fewer than 8 bytes, pointers fill all */
};

struct vframe {
	struct vreg reg[BPF_REG_10 + 1];
	uint32_t callsite; /* instruction in the caller; 0 in the main function */
	uint16_t function; /* index into prog->subprogs */
	bool callback;	   /* entered from a helper: its return goes back to the helper's call */
	uint8_t slots;	   /* how many of `slot` are in use; the others were never written */
	struct vslot slot[SLOTS];
};

struct vref {
	uint32_t id;
	uint32_t insn;	/* where it was made */
	uint32_t frame; /* the frame that must pass it on or release it */
	uint32_t pad;
};

#define REFS_MAX 16

struct vstate {
	uint32_t pc;
	uint32_t frames; /* 1 .. BPF_MAX_CALL_FRAMES */
	uint32_t refs;
	uint32_t turns; /* callback iterations on this path */
	struct vref ref[REFS_MAX];
	struct vframe *frame[BPF_MAX_CALL_FRAMES]; /* allocated as they are first needed */
};

/* A state in one piece of memory: only what is in use and, for registers, alive. */
struct vpacked;

static inline struct vframe *vstate_top(const struct vstate *s)
{
	return s->frame[s->frames - 1];
}

static inline bool vreg_is_pointer(const struct vreg *reg)
{
	return reg->type > V_SCALAR;
}

static inline bool vreg_is_null(const struct vreg *reg)
{
	return reg->type == V_SCALAR && range_is_const(&reg->r) && reg->r.umin == 0;
}

void vreg_set_scalar(struct vreg *reg, const struct range *r);
void vreg_set_unknown(struct vreg *reg);
void vreg_set_const(struct vreg *reg, uint64_t value);
/* A pointer of TYPE with offset 0, without flags and ids. */
void vreg_set_pointer(struct vreg *reg, enum vtype type, uint32_t what);

/* True if the slot holds a whole spilled pointer. */
static inline bool vslot_has_pointer(const struct vslot *slot)
{
	return slot->byte[0] == B_SPILL && vreg_is_pointer(&slot->reg);
}

#endif
