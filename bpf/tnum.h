/* pure */
/*
 * tnum.h: "tristate numbers": what is known of each bit of a 64-bit value. A bit is 0 or 1 where the mask has 0, and
 * unknown where the mask has 1; value and mask never share a bit. Each operation gives a tnum that contains the result
 * for all members of its operands (soundness); bpf/range.h combines them with intervals.
 *
 * May use lib/ only. Knows nothing of instructions.
 */
#ifndef BPF_TNUM_H
#define BPF_TNUM_H

#include <stdbool.h>
#include <stdint.h>

struct tnum {
	uint64_t value;
	uint64_t mask;
};

#define TNUM_UNKNOWN ((struct tnum){0, UINT64_MAX})

static inline struct tnum tnum_const(uint64_t value)
{
	return (struct tnum){value, 0};
}

static inline bool tnum_is_const(struct tnum a)
{
	return a.mask == 0;
}

/* The best tnum that contains MIN .. MAX (unsigned, MIN <= MAX). */
struct tnum tnum_range(uint64_t min, uint64_t max);

struct tnum tnum_add(struct tnum a, struct tnum b);
struct tnum tnum_sub(struct tnum a, struct tnum b);
struct tnum tnum_mul(struct tnum a, struct tnum b);
struct tnum tnum_and(struct tnum a, struct tnum b);
struct tnum tnum_or(struct tnum a, struct tnum b);
struct tnum tnum_xor(struct tnum a, struct tnum b);

/* Shifts by a known amount, 0 .. 63. tnum_arsh's WIDTH is 32 or 64; for 32 the result has no high half. */
struct tnum tnum_lsh(struct tnum a, unsigned shift);
struct tnum tnum_rsh(struct tnum a, unsigned shift);
struct tnum tnum_arsh(struct tnum a, unsigned shift, unsigned width);

/* The low SIZE bytes (1, 2, 4, 8), zero-extended or sign-extended to 64 bits. */
struct tnum tnum_zext(struct tnum a, unsigned size);
struct tnum tnum_sext(struct tnum a, unsigned size);

/* The order of the low SIZE bytes (2, 4, 8) reversed, the rest 0. */
struct tnum tnum_bswap(struct tnum a, unsigned size);

/* What both say. False, and *RET untouched, if no value is in both. */
bool tnum_intersect(struct tnum a, struct tnum b, struct tnum *ret);

/* True if each member of INNER is one of OUTER. */
bool tnum_contains(struct tnum outer, struct tnum inner);

/* True if each member is a multiple of SIZE, a power of two. */
bool tnum_is_aligned(struct tnum a, uint64_t size);

/* The low half of A, and A with its low half replaced by that of LOW. */
static inline struct tnum tnum_low(struct tnum a)
{
	return (struct tnum){(uint32_t)a.value, (uint32_t)a.mask};
}

static inline struct tnum tnum_with_low(struct tnum a, struct tnum low)
{
	return (struct tnum){(a.value & ~UINT64_C(0xffffffff)) | (uint32_t)low.value,
			     (a.mask & ~UINT64_C(0xffffffff)) | (uint32_t)low.mask};
}

#endif
