/* pure */
/*
 * range.c: making ranges, letting their descriptions refine each other, comparing and joining them. Arithmetic is in
 * range_alu.c, what comparisons tell in range_branch.c.
 */
#include "bpf/range.h"

#define HIGH UINT64_C(0xffffffff00000000)

struct range range_unknown(void)
{
	return (struct range){
		.bits = TNUM_UNKNOWN,
		.umax = UINT64_MAX,
		.smin = INT64_MIN,
		.smax = INT64_MAX,
		.umax32 = UINT32_MAX,
		.smin32 = INT32_MIN,
		.smax32 = INT32_MAX,
	};
}

struct range range_const(uint64_t value)
{
	return (struct range){
		.bits = tnum_const(value),
		.umin = value,
		.umax = value,
		.smin = (int64_t)value,
		.smax = (int64_t)value,
		.umin32 = (uint32_t)value,
		.umax32 = (uint32_t)value,
		.smin32 = (int32_t)value,
		.smax32 = (int32_t)value,
	};
}

struct range range_unsigned(uint64_t min, uint64_t max)
{
	struct range r = range_unknown();

	r.umin = min;
	r.umax = max;
	range_sync(&r);
	return r;
}

struct range range_signed(int64_t min, int64_t max)
{
	struct range r = range_unknown();

	r.smin = min;
	r.smax = max;
	range_sync(&r);
	return r;
}

#define RAISE(field, bound)                 \
	do {                                \
		if (r->field < (bound))     \
			r->field = (bound); \
	} while (0)
#define LOWER(field, bound)                 \
	do {                                \
		if (r->field > (bound))     \
			r->field = (bound); \
	} while (0)

static void bounds_from_bits(struct range *r)
{
	uint64_t most = r->bits.value | r->bits.mask;
	uint64_t sign = UINT64_C(1) << 63;
	uint32_t sign32 = UINT32_C(1) << 31;

	RAISE(umin, r->bits.value);
	LOWER(umax, most);
	RAISE(umin32, (uint32_t)r->bits.value);
	LOWER(umax32, (uint32_t)most);
	/* The least signed member has an unknown sign set and all else clear, the greatest the other way round. */
	RAISE(smin, (int64_t)(r->bits.value | (r->bits.mask & sign)));
	LOWER(smax, (int64_t)(r->bits.value | (r->bits.mask & ~sign)));
	RAISE(smin32, (int32_t)((uint32_t)r->bits.value | ((uint32_t)r->bits.mask & sign32)));
	LOWER(smax32, (int32_t)((uint32_t)r->bits.value | ((uint32_t)r->bits.mask & ~sign32)));
}

/* Signed and unsigned bounds of one width agree on each side of zero. */
static void signs(struct range *r)
{
	/* All of one sign as unsigned: the same order as signed. */
	if ((int64_t)r->umin <= (int64_t)r->umax) {
		RAISE(smin, (int64_t)r->umin);
		LOWER(smax, (int64_t)r->umax);
	}
	if ((r->smin < 0) == (r->smax < 0)) {
		RAISE(umin, (uint64_t)r->smin);
		LOWER(umax, (uint64_t)r->smax);
	} else if (r->umax < (uint64_t)r->smin) {
		/* smin .. -1 are too large: only 0 .. smax remain. */
		LOWER(umax, (uint64_t)r->smax);
		RAISE(smin, 0);
	} else if (r->umin > (uint64_t)r->smax) {
		/* Only smin .. -1 remain. */
		RAISE(umin, (uint64_t)r->smin);
		LOWER(smax, -1);
	}
}

static void signs32(struct range *r)
{
	if ((int32_t)r->umin32 <= (int32_t)r->umax32) {
		RAISE(smin32, (int32_t)r->umin32);
		LOWER(smax32, (int32_t)r->umax32);
	}
	if ((r->smin32 < 0) == (r->smax32 < 0)) {
		RAISE(umin32, (uint32_t)r->smin32);
		LOWER(umax32, (uint32_t)r->smax32);
	} else if (r->umax32 < (uint32_t)r->smin32) {
		LOWER(umax32, (uint32_t)r->smax32);
		RAISE(smin32, 0);
	} else if (r->umin32 > (uint32_t)r->smax32) {
		RAISE(umin32, (uint32_t)r->smin32);
		LOWER(smax32, -1);
	}
}

static void halves(struct range *r)
{
	/* One high half for all: the low halves are in the same order. */
	if (!((r->umin ^ r->umax) & HIGH)) {
		RAISE(umin32, (uint32_t)r->umin);
		LOWER(umax32, (uint32_t)r->umax);
	}
	/* Numbers that fit 32 bits with sign are the sign-extension of their low halves. */
	if (r->smin >= INT32_MIN && r->smax <= INT32_MAX) {
		RAISE(smin32, (int32_t)r->smin);
		LOWER(smax32, (int32_t)r->smax);
		RAISE(smin, r->smin32);
		LOWER(smax, r->smax32);
	}
	/* A lower bound with its low half below umin32 moves up to it, under the same high half; and so on. */
	RAISE(umin, (r->umin & HIGH) | r->umin32);
	LOWER(umax, (r->umax & HIGH) | r->umax32);
	RAISE(smin, (int64_t)(((uint64_t)r->smin & HIGH) | r->umin32));
	LOWER(smax, (int64_t)(((uint64_t)r->smax & HIGH) | r->umax32));
}

static bool empty(const struct range *r)
{
	return r->umin > r->umax || r->smin > r->smax || r->umin32 > r->umax32 || r->smin32 > r->smax32;
}

static bool bits_from_bounds(struct range *r)
{
	struct tnum low;

	return tnum_intersect(r->bits, tnum_range(r->umin, r->umax), &r->bits) &&
	       tnum_intersect(tnum_low(r->bits), tnum_range(r->umin32, r->umax32), &low) &&
	       (r->bits = tnum_with_low(r->bits, low), true);
}

bool range_sync(struct range *r)
{
	/* Each round only narrows; a few reach the fixed point in practice, and stopping early is sound. */
	for (int round = 0; round < 4; round++) {
		struct range before = *r;

		bounds_from_bits(r);
		if (empty(r))
			return false;
		signs(r);
		signs32(r);
		halves(r);
		if (empty(r) || !bits_from_bounds(r))
			return false;
		if (range_equal(&before, r))
			break;
	}
	return true;
}

bool range_contains(const struct range *outer, const struct range *inner)
{
	return outer->umin <= inner->umin && outer->umax >= inner->umax && outer->smin <= inner->smin &&
	       outer->smax >= inner->smax && outer->umin32 <= inner->umin32 && outer->umax32 >= inner->umax32 &&
	       outer->smin32 <= inner->smin32 && outer->smax32 >= inner->smax32 &&
	       tnum_contains(outer->bits, inner->bits);
}

bool range_equal(const struct range *a, const struct range *b)
{
	return a->bits.value == b->bits.value && a->bits.mask == b->bits.mask && a->umin == b->umin &&
	       a->umax == b->umax && a->smin == b->smin && a->smax == b->smax && a->umin32 == b->umin32 &&
	       a->umax32 == b->umax32 && a->smin32 == b->smin32 && a->smax32 == b->smax32;
}

void range_join(struct range *r, const struct range *b)
{
	uint64_t mask = r->bits.mask | b->bits.mask | (r->bits.value ^ b->bits.value);

	r->bits = (struct tnum){r->bits.value & ~mask, mask};
	LOWER(umin, b->umin);
	RAISE(umax, b->umax);
	LOWER(smin, b->smin);
	RAISE(smax, b->smax);
	LOWER(umin32, b->umin32);
	RAISE(umax32, b->umax32);
	LOWER(smin32, b->smin32);
	RAISE(smax32, b->smax32);
}
