/* test_bpf_tnum.c: what bpf/tnum.h promises, against all members of all tnums of four bits. */
#include "bpf/tnum.h"

#include "tests/unit/test.h"

#define BITS 4
#define ALL  (1u << BITS)

/* The N-th place where the four bits stand: at the bottom, across the middle, at the top. */
static const unsigned places[] = {0, 30, 60};
#define PLACES (sizeof(places) / sizeof(places[0]))

static bool member(struct tnum t, uint64_t v)
{
	return !((v ^ t.value) & ~t.mask);
}

static bool well_formed(struct tnum t)
{
	return !(t.value & t.mask);
}

typedef struct tnum (*binary)(struct tnum, struct tnum);
typedef uint64_t (*concrete)(uint64_t, uint64_t);

static void check_binary(binary abstract, concrete real)
{
	for (size_t p = 0; p < PLACES; p++) {
		unsigned s = places[p];

		for (uint64_t am = 0; am < ALL; am++)
			for (uint64_t av = 0; av < ALL; av++)
				for (uint64_t bm = 0; bm < ALL; bm++)
					for (uint64_t bv = 0; bv < ALL; bv++) {
						struct tnum a = {av << s, am << s}, b = {bv << s, bm << s}, r;

						if (!well_formed(a) || !well_formed(b))
							continue;
						r = abstract(a, b);
						if (!well_formed(r))
							fail_msg("ill-formed");
						for (uint64_t x = 0; x < ALL; x++)
							for (uint64_t y = 0; y < ALL; y++)
								if (member(a, x << s) && member(b, y << s) &&
								    !member(r, real(x << s, y << s)))
									fail_msg("lost a member");
					}
	}
}

#define REAL(name, expr)                             \
	static uint64_t name(uint64_t x, uint64_t y) \
	{                                            \
		return expr;                         \
	}
REAL(real_add, x + y)
REAL(real_sub, x - y)
REAL(real_mul, x *y)
REAL(real_and, x &y)
REAL(real_or, x | y)
REAL(real_xor, x ^ y)

TEST(tnum_sums_lose_no_member)
{
	check_binary(tnum_add, real_add);
	check_binary(tnum_sub, real_sub);
}

TEST(tnum_products_lose_no_member)
{
	check_binary(tnum_mul, real_mul);
}

TEST(tnum_bit_operations_lose_no_member)
{
	check_binary(tnum_and, real_and);
	check_binary(tnum_or, real_or);
	check_binary(tnum_xor, real_xor);
}

TEST(tnum_bit_operations_are_exact_on_single_bits)
{
	struct tnum unknown = {0, 1};

	assert_true(tnum_is_const(tnum_and(unknown, tnum_const(0))));
	assert_true(tnum_or(unknown, tnum_const(1)).value == 1);
	assert_true(tnum_add(tnum_const(5), tnum_const(7)).value == 12);
	assert_true(tnum_mul(tnum_const(5), tnum_const(7)).value == 35);
	assert_true(tnum_sub(tnum_const(5), tnum_const(7)).value == (uint64_t)-2);
	/* An even number stays even. */
	assert_true(!(tnum_mul(TNUM_UNKNOWN, tnum_const(2)).mask & 1));
}

TEST(tnum_shifts_and_casts_keep_their_members)
{
	for (uint64_t m = 0; m < 256; m++)
		for (uint64_t v = 0; v < 256; v++) {
			struct tnum a = {v | v << 24 | v << 56, m | m << 24 | m << 56};

			if (!well_formed(a))
				continue;
			for (unsigned s = 0; s < 64; s += 7) {
				uint64_t x = a.value | (a.mask & 0x55aa00ff00aa55ff);

				assert_true(member(tnum_lsh(a, s), x << s));
				assert_true(member(tnum_rsh(a, s), x >> s));
				assert_true(member(tnum_arsh(a, s, 64), (uint64_t)((int64_t)x >> s)));
				if (s < 32)
					assert_true(member(tnum_arsh(a, s, 32), (uint32_t)((int32_t)x >> s)));
				assert_true(member(tnum_sext(a, 1), (uint64_t)(int8_t)x));
				assert_true(member(tnum_sext(a, 4), (uint64_t)(int32_t)x));
				assert_true(member(tnum_zext(a, 2), (uint16_t)x));
				assert_true(member(tnum_bswap(a, 8), __builtin_bswap64(x)));
				assert_true(member(tnum_bswap(a, 4), __builtin_bswap32(x)));
				assert_true(member(tnum_bswap(a, 2), __builtin_bswap16(x)));
			}
		}
}

TEST(tnum_range_is_the_least_tnum_around_an_interval)
{
	for (uint64_t lo = 0; lo < 64; lo++)
		for (uint64_t hi = lo; hi < 64; hi++) {
			struct tnum t = tnum_range(lo, hi);
			uint64_t prefix = 0;

			for (uint64_t v = lo; v <= hi; v++)
				assert_true(member(t, v));
			for (int bit = 5; bit >= 0 && !((lo ^ hi) >> bit); bit--)
				prefix |= UINT64_C(1) << bit;
			assert_true(!(t.mask & prefix));
		}
	assert_true(tnum_range(0, UINT64_MAX).mask == UINT64_MAX);
}

TEST(tnum_intersection_has_exactly_the_common_members)
{
	for (uint64_t am = 0; am < ALL; am++)
		for (uint64_t av = 0; av < ALL; av++)
			for (uint64_t bm = 0; bm < ALL; bm++)
				for (uint64_t bv = 0; bv < ALL; bv++) {
					struct tnum a = {av, am}, b = {bv, bm}, r = {0, 0};
					bool some = false, inside = true;
					bool ok;

					if (!well_formed(a) || !well_formed(b))
						continue;
					ok = tnum_intersect(a, b, &r);
					for (uint64_t x = 0; x < ALL; x++) {
						bool both = member(a, x) && member(b, x);

						some |= both;
						if (ok)
							assert_int_equal(member(r, x), both);
						if (member(b, x) && !member(a, x))
							inside = false;
					}
					assert_int_equal(ok, some);
					assert_int_equal(tnum_contains(a, b), inside);
				}
}

TEST(tnum_alignment_looks_at_unknown_bits_too)
{
	assert_true(tnum_is_aligned(tnum_const(8), 8));
	assert_false(tnum_is_aligned(tnum_const(4), 8));
	assert_false(tnum_is_aligned((struct tnum){8, 4}, 8));
	assert_true(tnum_is_aligned((struct tnum){8, 16}, 8));
}

TEST_MAIN
