/* pure */
/*
 * range_alu.c: arithmetic on ranges. Each operation is written once over a view (64 or 32 bits); bounds are computed
 * without overflow in 128 bits, and hold modulo 2^width if the lowest and the highest result wrap equally often.
 */
#include "bpf/insn.h"
#include "bpf/range_view.h"

typedef __int128 wide;

static struct view unknown(unsigned width)
{
	return (struct view){{0, view_umax(width)}, 0, view_umax(width), view_smin(width), view_smax(width), width};
}

static wide floor_shift(wide v, unsigned width)
{
	return v >> width;
}

/* Unsigned bounds LO .. HI before wrapping. */
static void put_unsigned(struct view *v, wide lo, wide hi)
{
	if (floor_shift(lo, v->width) != floor_shift(hi, v->width))
		return;
	v->umin = (uint64_t)lo & view_umax(v->width);
	v->umax = (uint64_t)hi & view_umax(v->width);
}

static void put_signed(struct view *v, wide lo, wide hi)
{
	wide bias = (wide)1 << (v->width - 1);
	wide turns = floor_shift(lo + bias, v->width);

	if (turns != floor_shift(hi + bias, v->width))
		return;
	v->smin = (int64_t)(lo - turns * ((wide)1 << v->width));
	v->smax = (int64_t)(hi - turns * ((wide)1 << v->width));
}

static void multiply(struct view *v, const struct view *a, const struct view *b)
{
	wide corner[4] = {(wide)a->smin * b->smin, (wide)a->smin * b->smax, (wide)a->smax * b->smin,
			  (wide)a->smax * b->smax};
	wide lo = corner[0], hi = corner[0];
	uint64_t most;

	for (int i = 1; i < 4; i++) {
		lo = corner[i] < lo ? corner[i] : lo;
		hi = corner[i] > hi ? corner[i] : hi;
	}
	put_signed(v, lo, hi);
	if (!__builtin_mul_overflow(a->umax, b->umax, &most))
		put_unsigned(v, (wide)(a->umin * b->umin), (wide)most);
}

/* A constant shift of an ALU instruction is taken modulo the width; beyond it only the bits speak. */
static bool shift_of(const struct view *b, unsigned width, unsigned *lo, unsigned *hi)
{
	if (tnum_is_const(b->bits)) {
		*lo = *hi = b->bits.value & (width - 1);
		return true;
	}
	if (b->umax >= width)
		return false;
	*lo = (unsigned)b->umin;
	*hi = (unsigned)b->umax;
	return true;
}

static void shift_left(struct view *v, const struct view *a, unsigned lo, unsigned hi)
{
	/* The product with 2^hi overflows nothing if the top HI bits of umax are clear. */
	if (!(a->umax >> (v->width - 1 - hi) >> 1)) {
		v->umin = a->umin << lo;
		v->umax = a->umax << hi;
	}
	if (lo == hi) {
		v->bits = tnum_zext(tnum_lsh(a->bits, lo), v->width / 8);
		put_signed(v, (wide)a->smin * ((wide)1 << lo), (wide)a->smax * ((wide)1 << lo));
	}
}

static void shift_right(struct view *v, const struct view *a, unsigned lo, unsigned hi)
{
	v->umin = a->umin >> hi;
	v->umax = a->umax >> lo;
	if (lo == hi)
		v->bits = tnum_rsh(a->bits, lo);
}

static void shift_right_signed(struct view *v, const struct view *a, unsigned lo, unsigned hi)
{
	/* Shifting further moves towards 0 or -1. */
	v->smin = a->smin >> (a->smin < 0 ? lo : hi);
	v->smax = a->smax >> (a->smax < 0 ? hi : lo);
	if (lo == hi)
		v->bits = tnum_arsh(a->bits, lo, v->width);
}

static void divide(struct view *v, const struct view *a, const struct view *b)
{
	/* x / 0 is 0. */
	v->umax = b->umax ? a->umax / (b->umin ? b->umin : 1) : 0;
	v->umin = b->umin ? a->umin / b->umax : 0;
}

static void modulo(struct view *v, const struct view *a, const struct view *b)
{
	/* x % 0 is x. */
	v->umax = a->umax;
	if (b->umin && b->umax - 1 < v->umax)
		v->umax = b->umax - 1;
	if (!b->umax || b->umin > a->umax) {
		*v = *a;
	} else if (tnum_is_const(a->bits) && tnum_is_const(b->bits)) {
		v->umin = v->umax = a->umin % b->umin;
	}
}

static int64_t signed_quotient(int64_t x, int64_t y)
{
	return (int64_t)((wide)y == -1 ? -(uint64_t)x : (uint64_t)(x / y));
}

static void divide_signed(struct view *v, const struct view *a, const struct view *b)
{
	int64_t by = b->smin;
	int64_t x, y;

	if (by != b->smax)
		return;
	if (!by) {
		v->smin = v->smax = 0;
		return;
	}
	/* The least number divided by -1 stays what it is. */
	if (by == -1 && a->smin == view_smin(v->width))
		return;
	x = signed_quotient(a->smin, by);
	y = signed_quotient(a->smax, by);
	v->smin = x < y ? x : y;
	v->smax = x < y ? y : x;
}

static void modulo_signed(struct view *v, const struct view *a, const struct view *b)
{
	int64_t by = b->smin;
	int64_t most;

	/* The sign is the dividend's. */
	v->smin = a->smin < 0 ? a->smin : 0;
	v->smax = a->smax > 0 ? a->smax : 0;
	if (by != b->smax || by == INT64_MIN)
		return;
	if (!by) {
		*v = *a;
		return;
	}
	if (tnum_is_const(a->bits)) {
		v->smin = v->smax = by == -1 ? 0 : a->smin % by;
		return;
	}
	most = (by < 0 ? -by : by) - 1;
	if (v->smin < -most)
		v->smin = -most;
	if (v->smax > most)
		v->smax = most;
}

static struct view compute(unsigned op, bool is_signed, const struct view *a, const struct view *b)
{
	struct view v = unknown(a->width);
	unsigned lo, hi;

	switch (op) {
	case BPF_ADD:
		v.bits = tnum_add(a->bits, b->bits);
		put_unsigned(&v, (wide)a->umin + b->umin, (wide)a->umax + b->umax);
		put_signed(&v, (wide)a->smin + b->smin, (wide)a->smax + b->smax);
		break;
	case BPF_SUB:
		v.bits = tnum_sub(a->bits, b->bits);
		put_unsigned(&v, (wide)a->umin - b->umax, (wide)a->umax - b->umin);
		put_signed(&v, (wide)a->smin - b->smax, (wide)a->smax - b->smin);
		break;
	case BPF_MUL:
		v.bits = tnum_mul(a->bits, b->bits);
		multiply(&v, a, b);
		break;
	case BPF_AND:
		v.bits = tnum_and(a->bits, b->bits);
		v.umax = a->umax < b->umax ? a->umax : b->umax;
		break;
	case BPF_OR:
		v.bits = tnum_or(a->bits, b->bits);
		v.umin = a->umin > b->umin ? a->umin : b->umin;
		break;
	case BPF_XOR:
		v.bits = tnum_xor(a->bits, b->bits);
		break;
	case BPF_LSH:
		if (shift_of(b, v.width, &lo, &hi))
			shift_left(&v, a, lo, hi);
		break;
	case BPF_RSH:
		if (shift_of(b, v.width, &lo, &hi))
			shift_right(&v, a, lo, hi);
		break;
	case BPF_ARSH:
		if (shift_of(b, v.width, &lo, &hi))
			shift_right_signed(&v, a, lo, hi);
		break;
	case BPF_DIV:
		if (is_signed)
			divide_signed(&v, a, b);
		else
			divide(&v, a, b);
		break;
	case BPF_MOD:
		if (is_signed)
			modulo_signed(&v, a, b);
		else
			modulo(&v, a, b);
		break;
	default:
		break;
	}
	v.bits = tnum_zext(v.bits, v.width / 8);
	return v;
}

/* True if the low half of the result depends on the operands' low halves alone. */
static bool is_modular(unsigned op, const struct range *src)
{
	switch (op) {
	case BPF_ADD:
	case BPF_SUB:
	case BPF_MUL:
	case BPF_AND:
	case BPF_OR:
	case BPF_XOR:
		return true;
	case BPF_LSH:
		return src->umax < 32;
	default:
		return false;
	}
}

static void zero_high(struct range *r)
{
	r->bits = tnum_low(r->bits);
	r->umin = 0;
	r->umax = UINT32_MAX;
	r->smin = 0;
	r->smax = UINT32_MAX;
}

void range_alu(unsigned op, bool is64, bool is_signed, struct range *dst, const struct range *src)
{
	bool negate = op == BPF_NEG;
	struct range left = negate ? range_const(0) : *dst;
	struct range right = negate ? *dst : *src;
	struct view a, b, v;

	if (negate)
		op = BPF_SUB;
	*dst = range_unknown();
	if (!is64 || is_modular(op, &right)) {
		a = view_of(&left, false);
		b = view_of(&right, false);
		v = compute(op, is_signed, &a, &b);
		view_put_bounds(dst, &v);
		dst->bits = tnum_with_low(dst->bits, v.bits);
	}
	if (is64) {
		a = view_of(&left, true);
		b = view_of(&right, true);
		v = compute(op, is_signed, &a, &b);
		view_put_bounds(dst, &v);
		dst->bits = v.bits;
	} else {
		zero_high(dst);
	}
	range_sync(dst);
}

void range_zext(struct range *r, unsigned size)
{
	uint64_t most = size >= 8 ? UINT64_MAX : (UINT64_C(1) << (size * 8)) - 1;
	struct range low = range_unknown();

	if (size >= 8 || r->umax <= most)
		return;
	low.bits = tnum_zext(r->bits, size);
	low.umax = most;
	if (size == 4) {
		low.umin32 = r->umin32;
		low.umax32 = r->umax32;
		low.smin32 = r->smin32;
		low.smax32 = r->smax32;
	}
	range_sync(&low);
	*r = low;
}

void range_sext(struct range *r, unsigned size)
{
	int64_t most = INT64_MAX >> (64 - size * 8);
	struct range s = range_unknown();

	if (size >= 8 || (r->smin >= -most - 1 && r->smax <= most))
		return;
	s.bits = tnum_sext(r->bits, size);
	s.smin = -most - 1;
	s.smax = most;
	if (size == 4) {
		s.smin = r->smin32;
		s.smax = r->smax32;
	}
	range_sync(&s);
	*r = s;
}

void range_bswap(struct range *r, unsigned size)
{
	struct range s = range_unknown();

	s.bits = tnum_bswap(tnum_zext(r->bits, size), size);
	range_sync(&s);
	*r = s;
}
