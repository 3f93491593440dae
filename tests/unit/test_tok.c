/* test_tok.c: what lib/tok.h promises. */
#include "lib/tok.h"

#include "lib/errno.h"
#include "tests/unit/test.h"

static int split(const char *text, char **argv, size_t max, char *line)
{
	strcpy(line, text);
	return tok_split(line, argv, max);
}

TEST(tok_splits_at_runs_of_blanks)
{
	char line[64], *argv[5];

	assert_int_equal(split("  ls  -l\t/host \n", argv, 4, line), 3);
	assert_string_equal(argv[0], "ls");
	assert_string_equal(argv[1], "-l");
	assert_string_equal(argv[2], "/host");
	assert_null(argv[3]);
	assert_int_equal(split(" \t ", argv, 4, line), 0);
	assert_null(argv[0]);
}

TEST(tok_quotes_and_backslashes_keep_characters_as_a_shell_does)
{
	char line[128], *argv[9];

	assert_int_equal(split("a'b c'd \"x \\\"y\\\" \\z\" '' e\\ f 'back\\slash'", argv, 8, line), 5);
	assert_string_equal(argv[0], "ab cd");
	assert_string_equal(argv[1], "x \"y\" \\z");
	assert_string_equal(argv[2], "");
	assert_string_equal(argv[3], "e f");
	assert_string_equal(argv[4], "back\\slash");
}

TEST(tok_refuses_unclosed_quotes_and_too_many_words)
{
	char line[64], *argv[3];

	assert_int_equal(split("echo 'it", argv, 2, line), -EINVAL);
	assert_int_equal(split("echo \"it\\\"", argv, 2, line), -EINVAL);
	assert_int_equal(split("echo \\", argv, 2, line), -EINVAL);
	assert_int_equal(split("a b c", argv, 2, line), -E2BIG);
	assert_int_equal(split("a b ", argv, 2, line), 2);
	assert_string_equal(tok_error(-E2BIG), "too many words");
}

TEST_MAIN
