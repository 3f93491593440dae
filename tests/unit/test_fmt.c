/* test_fmt.c: lib/fmt.h against the C library's snprintf. */
#include "lib/fmt.h"

#include <limits.h>

#include "tests/unit/test.h"

/* Both formatters get the same arguments; text and returned length must agree. */
#define SAME(...)                                                               \
	do {                                                                    \
		char ours[128], theirs[128];                                    \
		int n = fmt_snprintf(ours, sizeof(ours), __VA_ARGS__);          \
		int m = snprintf(theirs, sizeof(theirs), __VA_ARGS__);          \
		assert_string_equal(ours, theirs);                              \
		assert_int_equal(n, m);                                         \
	} while (0)

TEST(fmt_prints_integers_of_every_length_as_libc_does)
{
	SAME("%d %i %d %d", 0, -1, INT_MAX, INT_MIN);
	SAME("%u %x %X %o", UINT_MAX, 0xbeefu, 0xBEEFu, 8u);
	SAME("%ld %ld %lu", LONG_MIN, LONG_MAX, ULONG_MAX);
	SAME("%lld %llu %llx", LLONG_MIN, ULLONG_MAX, 0x123456789abcdefULL);
	SAME("%zu %zd %lo", SIZE_MAX, (ssize_t)-5, ULONG_MAX);
	SAME("%hd %hhu", 7, 9);
}

TEST(fmt_honours_width_and_flags_as_libc_does)
{
	SAME("[%5d][%-5d][%05d]", -42, -42, -42);
	SAME("[%08x][%-8x][%8X]", 0xabcu, 0xabcu, 0xabcu);
	SAME("[%*d][%-*d][%2d]", 6, 1, 6, 2, 12345);
	SAME("[%*d]", -6, 1);
}

TEST(fmt_prints_strings_and_characters_as_libc_does)
{
	SAME("[%s][%10s][%-10s][%.2s][%.*s]", "abc", "abc", "abc", "abc", 1, "abc");
	SAME("[%c][%3c][%-3c] 100%%", 'x', 'y', 'z');
	SAME("%s", "");
}

TEST(fmt_precision_bounds_what_is_read_of_a_string)
{
	char *unterminated = malloc(3);
	char out[8];

	memcpy(unterminated, "abc", 3);
	assert_int_equal(fmt_snprintf(out, sizeof(out), "%.3s", unterminated), 3);
	assert_string_equal(out, "abc");
	free(unterminated);
}

TEST(fmt_returns_the_full_length_and_terminates_when_the_buffer_is_short)
{
	char out[4] = "???";

	assert_int_equal(fmt_snprintf(out, sizeof(out), "%s-%d", "abcdef", 12), 9);
	assert_string_equal(out, "abc");
	assert_int_equal(fmt_snprintf(NULL, 0, "%05d", 1), 5);
	assert_int_equal(fmt_snprintf(out, 1, "x"), 1);
	assert_string_equal(out, "");
}

TEST(fmt_prints_pointers_with_sixteen_digits_and_null_strings_in_words)
{
	char out[64];
	const char *volatile null = NULL;

	fmt_snprintf(out, sizeof(out), "%p %s", (void *)0x40001000, null);
	assert_string_equal(out, "0x0000000040001000 (null)");
}

TEST(fmt_copies_an_unknown_conversion_as_it_stands)
{
	char out[64];
	const char *volatile odd = "%5q %d%";

	fmt_snprintf(out, sizeof(out), odd, 3);
	assert_string_equal(out, "%5q 3%");
}

TEST_MAIN
