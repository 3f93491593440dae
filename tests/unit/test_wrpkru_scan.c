/* test_wrpkru_scan.c: what overlay/wrpkru_scan.h promises. */
#include "overlay/wrpkru_scan.h"

#include "tests/unit/test.h"

static const uint8_t seq[3] = { 0x0f, 0x01, 0xef };

/* The plain way to look, over the three parts laid end to end. */
static bool naive(const uint8_t *all, size_t before_n, size_t n, size_t after_n, int64_t *ret)
{
	for (size_t i = 0; i + 3 <= before_n + n + after_n; i++) {
		if (memcmp(all + i, seq, 3) == 0 && i + 3 > before_n && i < before_n + n) {
			*ret = (int64_t)i - (int64_t)before_n;
			return true;
		}
	}
	return false;
}

TEST(wrpkru_is_found_at_every_offset_and_across_both_borders)
{
	for (size_t n = 1; n <= 9; n++) {
		for (size_t at = 0; at + 3 <= 2 + n + 2; at++) {
			uint8_t *all = calloc(1, n + 4), *code = malloc(n);
			int64_t got = -9, want = -9;
			bool found, expected;

			memset(all, 0x0f, n + 4);
			memcpy(all + at, seq, 3);
			memcpy(code, all + 2, n); /* alone on the heap, so that ASan guards its ends */
			expected = naive(all, 2, n, 2, &want);
			found = wrpkru_find(all, 2, code, n, all + 2 + n, 2, &got);
			assert_int_equal(found, expected);
			assert_int_equal(got, want);
			free(all);
			free(code);
		}
	}
}

TEST(wrpkru_scan_agrees_with_the_plain_search_on_dense_random_bytes)
{
	static const uint8_t alphabet[4] = { 0x0f, 0x01, 0xef, 0x90 };
	uint8_t all[24];
	uint32_t random = 1;

	for (int round = 0; round < 200000; round++) {
		size_t before_n, n, after_n;
		int64_t got = 99, want = 99;
		bool found, expected;

		for (size_t i = 0; i < sizeof(all); i++) {
			random = random * 1664525 + 1013904223;
			all[i] = alphabet[random >> 30];
		}
		before_n = random >> 8 & 3;
		after_n = random >> 12 & 3;
		n = random >> 16 & 15;
		expected = n > 0 && naive(all, before_n, n, after_n, &want);
		found = wrpkru_find(all, before_n, all + before_n, n, all + before_n + n, after_n, &got);
		assert_int_equal(found, expected);
		assert_int_equal(got, want);
	}
}

TEST(wrpkru_scan_lets_harmless_neighbours_pass)
{
	static const uint8_t code[] = { 0x0f, 0x01, 0xee, /* rdpkru */ 0x0f, 0x01, 0x0f, 0xef, 0x01, 0xef, 0x0f, 0x01 };
	int64_t at;

	assert_false(wrpkru_find(NULL, 0, code, sizeof(code), NULL, 0, &at));
	assert_true(wrpkru_find(NULL, 0, code, sizeof(code), (const uint8_t *)"\xef", 1, &at));
	assert_int_equal(at, sizeof(code) - 2);
}

TEST(wrpkru_split_into_two_instructions_is_found)
{
	/* mov $0xef010f, %eax hides it; a jump into the middle would run it. */
	static const uint8_t code[] = { 0xb8, 0x0f, 0x01, 0xef, 0x00, 0xc3 };
	int64_t at;

	assert_true(wrpkru_find(NULL, 0, code, sizeof(code), NULL, 0, &at));
	assert_int_equal(at, 1);
}

TEST_MAIN
