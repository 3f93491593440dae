/* test_path.c: what lib/path.h promises. */
#include "lib/path.h"

#include "lib/errno.h"
#include "tests/unit/test.h"

TEST(path_components_come_one_by_one_without_empty_ones)
{
	const char *at = "//usr/./lib/../x//", *name;
	static const char *const want[] = { "usr", ".", "lib", "..", "x" };
	size_t len;

	for (int i = 0; i < 5; i++) {
		assert_true(path_next(&at, &name, &len));
		assert_int_equal(len, strlen(want[i]));
		assert_memory_equal(name, want[i], len);
		assert_int_equal(path_at_end(at), i == 4);
	}
	assert_false(path_next(&at, &name, &len));
}

TEST(path_normalise_resolves_dots_lexically)
{
	static const char *const pairs[][2] = {
		{ "/", "/" },           { "//", "/" },         { "", "." },
		{ ".", "." },           { "./", "." },         { "/..", "/" },
		{ "/../../a", "/a" },   { "/a/b/../c", "/a/c" }, { "/a/..", "/" },
		{ "a/..", "." },        { "a/b/..", "a" },     { "..", ".." },
		{ "../../x", "../../x" }, { "a/../..", ".." }, { "/a//b/./c/", "/a/b/c" },
		{ "...", "..." },       { "x../..", "." },     { "../a../..", ".." },
	};
	char out[32];

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		assert_int_equal(path_normalise(pairs[i][0], out, sizeof(out)), strlen(pairs[i][1]));
		assert_string_equal(out, pairs[i][1]);
	}
}

TEST(path_join_starts_at_the_base_unless_the_name_is_absolute)
{
	char out[32];

	assert_int_equal(path_join("/home/x", "../y", out, sizeof(out)), 7);
	assert_string_equal(out, "/home/y");
	path_join("/home", "/etc/./p", out, sizeof(out));
	assert_string_equal(out, "/etc/p");
	path_join("/", "a", out, sizeof(out));
	assert_string_equal(out, "/a");
	path_join("a", "..", out, sizeof(out));
	assert_string_equal(out, ".");
}

TEST(path_functions_refuse_what_does_not_fit)
{
	char out[5];

	assert_int_equal(path_normalise("/abc", out, 5), 4);
	assert_int_equal(path_normalise("/abcd", out, 5), -ENAMETOOLONG);
	assert_int_equal(path_normalise("a/b/c", out, 5), -ENAMETOOLONG);
	assert_int_equal(path_normalise("", out, 1), -ENAMETOOLONG);
	assert_int_equal(path_join("/ab", "cd", out, 5), -ENAMETOOLONG);
}

TEST(path_basename_is_the_last_component)
{
	assert_string_equal(path_basename("/usr/bin/ls"), "ls");
	assert_string_equal(path_basename("ls"), "ls");
	assert_string_equal(path_basename("/"), "");
}

TEST_MAIN
