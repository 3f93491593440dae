/* test_num.c: what lib/num.h promises. */
#include "lib/num.h"

#include "lib/errno.h"
#include "tests/unit/test.h"

TEST(num_parses_whole_strings_in_any_base)
{
	uint64_t v = 7;

	assert_int_equal(num_parse_u64("18446744073709551615", 10, &v), 0);
	assert_true(v == UINT64_MAX);
	assert_int_equal(num_parse_u64("ff", 16, &v), 0);
	assert_int_equal(v, 255);
	assert_int_equal(num_parse_u64("0xfEb00e00", 0, &v), 0);
	assert_int_equal(v, 0xfeb00e00);
	assert_int_equal(num_parse_u64("0755", 0, &v), 0);
	assert_int_equal(v, 0755);
	assert_int_equal(num_parse_u64("0", 0, &v), 0);
	assert_int_equal(v, 0);
}

TEST(num_refuses_bad_text_and_overflow_and_leaves_the_result_alone)
{
	static const char *const bad[] = { "", "-1", "+1", " 1", "1 ", "0x", "08", "1a", "99999999999999999999x" };
	uint64_t v = 7;
	int i = 7;

	for (size_t n = 0; n < sizeof(bad) / sizeof(bad[0]); n++)
		assert_int_equal(num_parse_u64(bad[n], 0, &v), -EINVAL);
	assert_int_equal(num_parse_u64("18446744073709551616", 10, &v), -ERANGE);
	assert_int_equal(num_parse_int("2147483648", &i), -ERANGE);
	assert_int_equal(num_parse_int("-", &i), -EINVAL);
	assert_int_equal(v, 7);
	assert_int_equal(i, 7);
	assert_int_equal(num_parse_int("-2147483648", &i), 0);
	assert_int_equal(i, INT32_MIN);
}

TEST(num_sizes_take_powers_of_1024)
{
	uint64_t v;

	assert_int_equal(num_parse_size("512", &v), 0);
	assert_int_equal(v, 512);
	assert_int_equal(num_parse_size("32M", &v), 0);
	assert_int_equal(v, 32 << 20);
	assert_int_equal(num_parse_size("4kB", &v), 0);
	assert_int_equal(v, 4096);
	assert_int_equal(num_parse_size("2GiB", &v), 0);
	assert_true(v == 2ull << 30);
	assert_int_equal(num_parse_size("0xb", &v), 0);
	assert_int_equal(v, 11);
	assert_int_equal(num_parse_size("16777216T", &v), -ERANGE);
	assert_int_equal(num_parse_size("M", &v), -EINVAL);
	assert_int_equal(num_parse_size("1.5M", &v), -EINVAL);
	assert_int_equal(num_parse_size("", &v), -EINVAL);
}

TEST(num_durations_have_units_and_decimals)
{
	uint64_t v;

	assert_int_equal(num_parse_duration("500ms", &v), 0);
	assert_int_equal(v, 500000000);
	assert_int_equal(num_parse_duration("10s", &v), 0);
	assert_int_equal(v, 10000000000);
	assert_int_equal(num_parse_duration("10", &v), 0);
	assert_int_equal(v, 10000000000);
	assert_int_equal(num_parse_duration("1.5s", &v), 0);
	assert_int_equal(v, 1500000000);
	assert_int_equal(num_parse_duration("0.25us", &v), 0);
	assert_int_equal(v, 250);
	assert_int_equal(num_parse_duration("1.5h", &v), 0);
	assert_int_equal(v, 5400000000000);
	assert_int_equal(num_parse_duration("1.s", &v), -EINVAL);
	assert_int_equal(num_parse_duration("ms", &v), -EINVAL);
	assert_int_equal(num_parse_duration("1d", &v), -EINVAL);
	assert_int_equal(num_parse_duration("999999999999h", &v), -ERANGE);
}

TEST(num_percentages_end_at_100)
{
	unsigned v;

	assert_int_equal(num_parse_percent("10%", &v), 0);
	assert_int_equal(v, 10);
	assert_int_equal(num_parse_percent("100", &v), 0);
	assert_int_equal(num_parse_percent("101%", &v), -ERANGE);
	assert_int_equal(num_parse_percent("%", &v), -EINVAL);
}

TEST_MAIN
