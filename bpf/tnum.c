/* pure */
/*
 * tnum.c: arithmetic on tristate numbers. The formulas for sums are those of "Sound, Precise, and Fast Abstract
 * Interpretation with Tristate Numbers" (Vishwanathan et al., CGO 2022), section III.
 */
#include "bpf/tnum.h"

static struct tnum from(uint64_t value, uint64_t mask)
{
	return (struct tnum){value & ~mask, mask};
}

struct tnum tnum_range(uint64_t min, uint64_t max)
{
	uint64_t differ = min ^ max;
	uint64_t mask;

	/* All bits from the highest one that differs downwards are unknown. */
	if (!differ)
		return tnum_const(min);
	mask = UINT64_MAX >> __builtin_clzll(differ);
	return from(min, mask);
}

struct tnum tnum_add(struct tnum a, struct tnum b)
{
	uint64_t masks = a.mask + b.mask;
	uint64_t values = a.value + b.value;
	/* A bit of the sum is unknown if it or a carry into it is: compare the sums of the least and greatest members.
	 */
	uint64_t carries = (values + masks) ^ values;

	return from(values, carries | a.mask | b.mask);
}

struct tnum tnum_sub(struct tnum a, struct tnum b)
{
	uint64_t values = a.value - b.value;
	uint64_t borrows = (values + a.mask) ^ (values - b.mask);

	return from(values, borrows | a.mask | b.mask);
}

struct tnum tnum_and(struct tnum a, struct tnum b)
{
	/* 1 where both are, possibly 1 where both may be. */
	uint64_t may = (a.value | a.mask) & (b.value | b.mask);
	uint64_t one = a.value & b.value;

	return from(one, may & ~one);
}

struct tnum tnum_or(struct tnum a, struct tnum b)
{
	uint64_t one = a.value | b.value;

	return from(one, (a.mask | b.mask) & ~one);
}

struct tnum tnum_xor(struct tnum a, struct tnum b)
{
	return from(a.value ^ b.value, a.mask | b.mask);
}

/* Long multiplication: each bit of A adds B, nothing, or either; the known and the unknown parts are summed apart. */
struct tnum tnum_mul(struct tnum a, struct tnum b)
{
	uint64_t known = a.value * b.value;
	struct tnum unknown = tnum_const(0);

	for (; a.value || a.mask; a.value >>= 1, a.mask >>= 1) {
		if (a.value & 1)
			unknown = tnum_add(unknown, from(0, b.mask));
		else if (a.mask & 1)
			unknown = tnum_add(unknown, from(0, b.value | b.mask));
		b.value <<= 1;
		b.mask <<= 1;
	}
	return tnum_add(tnum_const(known), unknown);
}

struct tnum tnum_lsh(struct tnum a, unsigned shift)
{
	return (struct tnum){a.value << shift, a.mask << shift};
}

struct tnum tnum_rsh(struct tnum a, unsigned shift)
{
	return (struct tnum){a.value >> shift, a.mask >> shift};
}

struct tnum tnum_arsh(struct tnum a, unsigned shift, unsigned width)
{
	if (width == 32)
		return (struct tnum){(uint32_t)((int32_t)a.value >> shift), (uint32_t)((int32_t)a.mask >> shift)};
	/* An unknown sign is spread as unknown, a known one as known. */
	return (struct tnum){(uint64_t)((int64_t)a.value >> shift), (uint64_t)((int64_t)a.mask >> shift)};
}

static uint64_t low_bytes(unsigned size)
{
	return size >= 8 ? UINT64_MAX : (UINT64_C(1) << (size * 8)) - 1;
}

struct tnum tnum_zext(struct tnum a, unsigned size)
{
	return (struct tnum){a.value & low_bytes(size), a.mask & low_bytes(size)};
}

struct tnum tnum_sext(struct tnum a, unsigned size)
{
	unsigned shift = 64 - size * 8;

	return tnum_arsh(tnum_lsh(a, shift), shift, 64);
}

static uint64_t swap(uint64_t v, unsigned size)
{
	return __builtin_bswap64(v) >> (64 - size * 8);
}

struct tnum tnum_bswap(struct tnum a, unsigned size)
{
	return (struct tnum){swap(a.value, size), swap(a.mask, size)};
}

bool tnum_intersect(struct tnum a, struct tnum b, struct tnum *ret)
{
	if ((a.value ^ b.value) & ~a.mask & ~b.mask)
		return false;
	*ret = from(a.value | b.value, a.mask & b.mask);
	return true;
}

bool tnum_contains(struct tnum outer, struct tnum inner)
{
	return !(inner.mask & ~outer.mask) && !((inner.value ^ outer.value) & ~outer.mask);
}

bool tnum_is_aligned(struct tnum a, uint64_t size)
{
	return !((a.value | a.mask) & (size - 1));
}
