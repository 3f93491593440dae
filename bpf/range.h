/* pure */
/*
 * range.h: what is known of a 64-bit scalar: its bits (tnum), and its bounds as unsigned and signed number of 64 and of
 * 32 bits (the low half). The five descriptions hold together and each refines the others.
 *
 * Every operation is sound: if x is in A and y in B, then x OP y is in the result. The semantics of the operations are
 * those of RFC 9669, 4.1 and 4.2 (division by zero gives 0, modulo by zero the dividend, shifts are masked).
 *
 * May use lib/ only. Knows opcodes (bpf/insn.h's numbers), nothing of registers, pointers or programs.
 */
#ifndef BPF_RANGE_H
#define BPF_RANGE_H

#include "bpf/tnum.h"

struct range {
	struct tnum bits;
	uint64_t umin, umax;
	int64_t smin, smax;
	uint32_t umin32, umax32;
	int32_t smin32, smax32;
};

/* All values; one value; MIN .. MAX unsigned; MIN .. MAX signed. */
struct range range_unknown(void);
struct range range_const(uint64_t value);
struct range range_unsigned(uint64_t min, uint64_t max);
struct range range_signed(int64_t min, int64_t max);

/* True if just one value is possible: R->umin. */
static inline bool range_is_const(const struct range *r)
{
	return r->bits.mask == 0;
}

/* True if the low half has one possible value: R->umin32. */
static inline bool range_is_const32(const struct range *r)
{
	return (uint32_t)r->bits.mask == 0;
}

/* Lets the descriptions refine each other. False if they contradict: no value is possible, and *R is meaningless. */
bool range_sync(struct range *r);

/* True if each value that INNER describes is one that OUTER describes, description by description. */
bool range_contains(const struct range *outer, const struct range *inner);

/* True if both say the same. */
bool range_equal(const struct range *a, const struct range *b);

/*
 * DST = DST OP SRC, OP being the code nibble of an ALU instruction (BPF_ADD .. BPF_ARSH, BPF_NEG takes no SRC); IS64 or
 * else the low halves, the result zero-extended; IS_SIGNED for sdiv and smod.
 */
void range_alu(unsigned op, bool is64, bool is_signed, struct range *dst, const struct range *src);

/* The low SIZE bytes (1, 2, 4, 8) of R, zero-extended or sign-extended to 64 bits. */
void range_zext(struct range *r, unsigned size);
void range_sext(struct range *r, unsigned size);

/* The low SIZE bytes (2, 4, 8) in reversed order. */
void range_bswap(struct range *r, unsigned size);

/*
 * Refines A and B by the knowledge that "A OP B" is TAKEN (or not), OP being the code nibble of a conditional jump
 * (BPF_JEQ .. BPF_JSLE), comparing whole values (IS64) or low halves. False if that is impossible: the jump never goes
 * this way, and both are meaningless.
 */
bool range_branch(unsigned op, bool is64, bool taken, struct range *a, struct range *b);

/* The value A or B: the least range that contains both. */
void range_join(struct range *a, const struct range *b);

#endif
