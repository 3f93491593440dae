/*
 * test_bpf_range.c: what bpf/range.h promises. Ranges are made from sets of real values around every place where
 * something wraps; each operation must keep the results of all members.
 */
#include "bpf/range.h"

#include "bpf/insn.h"
#include "tests/unit/test.h"

static const uint64_t edges[] = {
	0,
	1,
	2,
	7,
	63,
	0x7f,
	0x80,
	0xffff,
	0x7fffffff,
	0x80000000,
	0x80000001,
	0xfffffffe,
	0xffffffff,
	0x100000000,
	0x100000007,
	0x17fffffff,
	0x7fffffff00000000,
	0x7fffffffffffffff,
	0x8000000000000000,
	0x8000000000000001,
	0xffffffff00000000,
	0xffffffff7fffffff,
	0xffffffff80000000,
	0xfffffffffffffffe,
	0xffffffffffffffff,
};
#define EDGES (sizeof(edges) / sizeof(edges[0]))
#define SET   4

static uint64_t seed = 88172645463325252;

static uint64_t rnd(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

static bool member(const struct range *r, uint64_t v)
{
	return !((v ^ r->bits.value) & ~r->bits.mask) && v >= r->umin && v <= r->umax && (int64_t)v >= r->smin &&
	       (int64_t)v <= r->smax && (uint32_t)v >= r->umin32 && (uint32_t)v <= r->umax32 &&
	       (int32_t)v >= r->smin32 && (int32_t)v <= r->smax32;
}

/* A set of values, and a range around them that is often wider than it must be. */
struct sample {
	uint64_t v[SET];
	struct range r;
};

static uint64_t some_value(void)
{
	uint64_t v = edges[rnd() % EDGES];

	switch (rnd() % 4) {
	case 0:
		return v + rnd() % 5 - 2;
	case 1:
		return v ^ (rnd() & 0xf);
	case 2:
		return rnd() >> (rnd() % 64);
	default:
		return v;
	}
}

static void sample_make(struct sample *s, unsigned kind)
{
	for (int i = 0; i < SET; i++)
		s->v[i] = i && kind % 2 ? s->v[0] + rnd() % 16 : some_value();
	if (kind == 6)
		for (int i = 1; i < SET; i++)
			s->v[i] = s->v[0];
	s->r = range_const(s->v[0]);
	for (int i = 1; i < SET; i++) {
		struct range one = range_const(s->v[i]);

		range_join(&s->r, &one);
	}
	/* Without some of what is known, so that descriptions of every strength meet. */
	if (kind == 2 || kind == 3)
		s->r.bits = TNUM_UNKNOWN;
	if (kind == 4 || kind == 5) {
		struct range all = range_unknown();

		all.bits = s->r.bits;
		s->r = all;
	}
	assert_true(range_sync(&s->r));
}

static uint64_t real_alu(unsigned op, bool is64, bool sgn, uint64_t x, uint64_t y)
{
	if (!is64) {
		int32_t sx = (int32_t)x, sy = (int32_t)y;

		x = (uint32_t)x;
		y = (uint32_t)y;
		switch (op) {
		case BPF_DIV:
			if (sgn)
				return !sy ? 0 : sy == -1 ? (uint32_t)-x : (uint32_t)(sx / sy);
			break;
		case BPF_MOD:
			if (sgn)
				return !sy ? x : sy == -1 ? 0 : (uint32_t)(sx % sy);
			break;
		case BPF_LSH:
			return (uint32_t)(x << (y & 31));
		case BPF_RSH:
			return x >> (y & 31);
		case BPF_ARSH:
			return (uint32_t)(sx >> (y & 31));
		}
	}
	switch (op) {
	case BPF_ADD:
		x += y;
		break;
	case BPF_SUB:
		x -= y;
		break;
	case BPF_MUL:
		x *= y;
		break;
	case BPF_DIV:
		if (sgn)
			x = !y ? 0 : y == UINT64_MAX ? -x : (uint64_t)((int64_t)x / (int64_t)y);
		else
			x = y ? x / y : 0;
		break;
	case BPF_MOD:
		if (sgn)
			x = !y ? x : y == UINT64_MAX ? 0 : (uint64_t)((int64_t)x % (int64_t)y);
		else
			x = y ? x % y : x;
		break;
	case BPF_AND:
		x &= y;
		break;
	case BPF_OR:
		x |= y;
		break;
	case BPF_XOR:
		x ^= y;
		break;
	case BPF_LSH:
		x <<= y & 63;
		break;
	case BPF_RSH:
		x >>= y & 63;
		break;
	case BPF_ARSH:
		x = (uint64_t)((int64_t)x >> (y & 63));
		break;
	case BPF_NEG:
		x = -x;
		break;
	}
	return is64 ? x : (uint32_t)x;
}

static void check_alu(unsigned op, bool sgn)
{
	for (int round = 0; round < 30000; round++) {
		bool is64 = round & 1;
		struct sample a, b;
		struct range r;

		sample_make(&a, rnd() % 7);
		sample_make(&b, rnd() % 7);
		if (round % 5 == 0)
			for (int i = 0; i < SET; i++)
				b.v[i] = b.v[0], b.r = range_const(b.v[0]);
		/* Shift amounts that mean something. */
		if (round % 3 == 0 && (op == BPF_LSH || op == BPF_RSH || op == BPF_ARSH)) {
			for (int i = 0; i < SET; i++)
				b.v[i] = 3 + (rnd() % 8) * (is64 ? 8 : 4) % (is64 ? 61 : 29);
			b.r = range_unsigned(3, is64 ? 63 : 31);
		}
		r = a.r;
		range_alu(op, is64, sgn, &r, &b.r);
		for (int i = 0; i < SET; i++)
			for (int j = 0; j < SET; j++)
				if (!member(&r, real_alu(op, is64, sgn, a.v[i], b.v[j])))
					fail_msg("op %#x is64 %d: %#llx, %#llx lost", op, is64,
						 (unsigned long long)a.v[i], (unsigned long long)b.v[j]);
	}
}

TEST(range_sums_differences_and_products_lose_no_member)
{
	check_alu(BPF_ADD, false);
	check_alu(BPF_SUB, false);
	check_alu(BPF_MUL, false);
	check_alu(BPF_NEG, false);
}

TEST(range_divisions_lose_no_member)
{
	check_alu(BPF_DIV, false);
	check_alu(BPF_MOD, false);
	check_alu(BPF_DIV, true);
	check_alu(BPF_MOD, true);
}

TEST(range_bit_operations_and_shifts_lose_no_member)
{
	check_alu(BPF_AND, false);
	check_alu(BPF_OR, false);
	check_alu(BPF_XOR, false);
	check_alu(BPF_LSH, false);
	check_alu(BPF_RSH, false);
	check_alu(BPF_ARSH, false);
}

TEST(range_extensions_and_swaps_lose_no_member)
{
	static const unsigned sizes[] = {1, 2, 4, 8};

	for (int round = 0; round < 40000; round++) {
		unsigned size = sizes[round % 4];
		unsigned shift = 64 - size * 8;
		struct sample a;
		struct range z, s, w;

		sample_make(&a, rnd() % 7);
		z = s = w = a.r;
		range_zext(&z, size);
		range_sext(&s, size);
		if (size > 1)
			range_bswap(&w, size);
		for (int i = 0; i < SET; i++) {
			assert_true(member(&z, a.v[i] << shift >> shift));
			assert_true(member(&s, (uint64_t)((int64_t)(a.v[i] << shift) >> shift)));
			if (size > 1)
				assert_true(member(&w, __builtin_bswap64(a.v[i]) >> shift));
		}
	}
}

static bool real_branch(unsigned op, bool is64, uint64_t x, uint64_t y)
{
	int64_t sx = is64 ? (int64_t)x : (int32_t)x, sy = is64 ? (int64_t)y : (int32_t)y;

	if (!is64) {
		x = (uint32_t)x;
		y = (uint32_t)y;
	}
	switch (op) {
	case BPF_JEQ:
		return x == y;
	case BPF_JNE:
		return x != y;
	case BPF_JGT:
		return x > y;
	case BPF_JGE:
		return x >= y;
	case BPF_JLT:
		return x < y;
	case BPF_JLE:
		return x <= y;
	case BPF_JSGT:
		return sx > sy;
	case BPF_JSGE:
		return sx >= sy;
	case BPF_JSLT:
		return sx < sy;
	case BPF_JSLE:
		return sx <= sy;
	default:
		return x & y;
	}
}

TEST(range_branches_keep_the_members_that_go_their_way)
{
	static const uint8_t ops[] = {BPF_JEQ,	BPF_JNE,  BPF_JGT,  BPF_JGE,  BPF_JLT, BPF_JLE,
				      BPF_JSGT, BPF_JSGE, BPF_JSLT, BPF_JSLE, BPF_JSET};

	for (int round = 0; round < 200000; round++) {
		unsigned op = ops[rnd() % sizeof(ops)];
		bool is64 = round & 1;
		struct sample a, b;

		sample_make(&a, rnd() % 7);
		sample_make(&b, rnd() % 7);
		for (int taken = 0; taken < 2; taken++) {
			struct range ra = a.r, rb = b.r;
			bool possible = range_branch(op, is64, taken, &ra, &rb);

			for (int i = 0; i < SET; i++)
				for (int j = 0; j < SET; j++) {
					if (real_branch(op, is64, a.v[i], b.v[j]) != taken)
						continue;
					if (!possible || !member(&ra, a.v[i]) || !member(&rb, b.v[j]))
						fail_msg("op %#x is64 %d taken %d: %#llx, %#llx lost", op, is64, taken,
							 (unsigned long long)a.v[i], (unsigned long long)b.v[j]);
				}
			if (possible) {
				assert_true(range_contains(&a.r, &ra));
				assert_true(range_contains(&b.r, &rb));
			}
		}
	}
}

TEST(range_constants_decide_every_comparison)
{
	static const uint8_t ops[] = {BPF_JEQ,	BPF_JNE,  BPF_JGT,  BPF_JGE,  BPF_JLT, BPF_JLE,
				      BPF_JSGT, BPF_JSGE, BPF_JSLT, BPF_JSLE, BPF_JSET};

	for (size_t i = 0; i < EDGES; i++)
		for (size_t j = 0; j < EDGES; j++)
			for (size_t o = 0; o < sizeof(ops) * 4; o++) {
				struct range a = range_const(edges[i]), b = range_const(edges[j]);
				bool is64 = o & 1, taken = o & 2;

				assert_int_equal(range_branch(ops[o / 4], is64, taken, &a, &b),
						 real_branch(ops[o / 4], is64, edges[i], edges[j]) == taken);
			}
}

TEST(range_constants_compute_exactly)
{
	static const uint8_t ops[] = {BPF_ADD, BPF_SUB, BPF_MUL, BPF_DIV, BPF_OR,  BPF_AND,
				      BPF_LSH, BPF_RSH, BPF_NEG, BPF_MOD, BPF_XOR, BPF_ARSH};

	for (size_t i = 0; i < EDGES; i++)
		for (size_t j = 0; j < EDGES; j++)
			for (size_t o = 0; o < sizeof(ops) * 2; o++) {
				struct range a = range_const(edges[i]), b = range_const(edges[j]);

				range_alu(ops[o / 2], o & 1, false, &a, &b);
				assert_true(range_is_const(&a));
				assert_true(a.umin == real_alu(ops[o / 2], o & 1, false, edges[i], edges[j]));
			}
}

TEST(range_knows_what_usual_bound_checks_tell)
{
	struct range a = range_unknown(), b = range_const(16);

	/* if a < 16: unsigned says signed, 32 bits and bits */
	assert_true(range_branch(BPF_JLT, true, true, &a, &b));
	assert_true(a.umax == 15 && a.smin == 0 && a.smax == 15 && a.smin32 == 0 && a.umax32 == 15);
	assert_true(a.bits.mask == 15 && a.bits.value == 0);

	/* if w1 < 16 after a zero-extension */
	a = range_unknown();
	range_zext(&a, 4);
	b = range_const(16);
	assert_true(range_branch(BPF_JLT, false, true, &a, &b));
	assert_true(a.umax == 15 && a.smin == 0);

	/* signed on both sides */
	a = range_unknown();
	b = range_const(0);
	assert_true(range_branch(BPF_JSGE, true, true, &a, &b));
	b = range_const(100);
	assert_true(range_branch(BPF_JSLE, true, true, &a, &b));
	assert_true(a.umin == 0 && a.umax == 100);

	/* a & 7, times 8 */
	a = range_unknown();
	b = range_const(7);
	range_alu(BPF_AND, true, false, &a, &b);
	assert_true(a.umax == 7);
	b = range_const(3);
	range_alu(BPF_LSH, true, false, &a, &b);
	assert_true(a.umax == 56 && tnum_is_aligned(a.bits, 8));

	/* a & 1 == 0 leaves an even number */
	a = range_unsigned(0, 9);
	b = range_const(1);
	assert_true(range_branch(BPF_JSET, true, false, &a, &b));
	assert_true(tnum_is_aligned(a.bits, 2) && a.umax <= 9);

	/* a != 0 over 0 .. 9 */
	a = range_unsigned(0, 9);
	b = range_const(0);
	assert_true(range_branch(BPF_JNE, true, true, &a, &b));
	assert_true(a.umin == 1);

	/* a - 5 over 5 .. 9 */
	a = range_unsigned(5, 9);
	b = range_const(5);
	range_alu(BPF_SUB, true, false, &a, &b);
	assert_true(a.umin == 0 && a.umax == 4);
	/* x % 10, x / 10 */
	a = range_unknown();
	b = range_const(10);
	range_alu(BPF_MOD, true, false, &a, &b);
	assert_true(a.umax == 9);
	range_alu(BPF_DIV, true, false, &a, &b);
	assert_true(range_is_const(&a) && a.umin == 0);
}

TEST(range_sync_finds_contradictions)
{
	struct range r = range_unsigned(8, 9);

	r.smax = 7;
	assert_false(range_sync(&r));
	r = range_unknown();
	r.bits = tnum_const(1);
	r.umin32 = 2;
	assert_false(range_sync(&r));
}

/* Every interval of 6-bit numbers placed across each border: sync never loses a member that all descriptions allow. */
TEST(range_sync_keeps_every_member_of_small_intervals)
{
	static const uint64_t at[] = {0, 0x7fffffe0, 0xffffffe0, 0x7fffffffffffffe0, 0xffffffffffffffe0};

	for (size_t p = 0; p < sizeof(at) / sizeof(at[0]); p++)
		for (uint64_t lo = 0; lo < 64; lo++)
			for (uint64_t hi = lo; hi < 64; hi++) {
				struct range r = range_unknown();
				bool wraps = at[p] + lo > at[p] + hi;
				bool ok;

				if (wraps) {
					r.smin = (int64_t)(at[p] + lo);
					r.smax = (int64_t)(at[p] + hi);
				} else {
					r.umin = at[p] + lo;
					r.umax = at[p] + hi;
				}
				r.bits.mask = ~UINT64_C(1);
				r.bits.value = 1;
				ok = range_sync(&r);
				for (uint64_t v = lo; v <= hi; v++)
					if (v & 1)
						assert_true(ok && member(&r, at[p] + v));
			}
}

TEST_MAIN
