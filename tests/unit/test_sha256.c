/* test_sha256.c: lib/sha256.h against published digests. */
#include "lib/sha256.h"

#include "tests/unit/test.h"

static void check(const char *text, size_t piece, const char *want)
{
	uint8_t digest[SHA256_SIZE];
	char hex[2 * SHA256_SIZE + 1];
	size_t n = strlen(text);
	struct sha256 s;

	sha256_init(&s);
	for (size_t i = 0; i < n; i += piece)
		sha256_update(&s, text + i, n - i < piece ? n - i : piece);
	sha256_final(&s, digest);
	sha256_hex(digest, hex);
	assert_string_equal(hex, want);
}

TEST(sha256_matches_the_examples_of_fips_180)
{
	check("", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	check("abc", 3, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	check("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 64,
	      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

TEST(sha256_does_not_depend_on_how_the_input_is_cut)
{
	static char text[1000001];

	memset(text, 'a', 1000000);
	for (size_t piece = 1; piece < 3000; piece = piece * 3 + 1)
		check(text, piece, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_MAIN
