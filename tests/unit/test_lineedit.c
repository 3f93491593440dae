/* test_lineedit.c: the shell's line editor. A small terminal keeps what is on the screen's line, to compare. */
#include "overlay/lineedit.h"

#include "tests/unit/test.h"

struct screen {
	char text[512];
	unsigned at, len, bells, newlines;
};

static void draw(void *ctx, const char *bytes, size_t n)
{
	struct screen *s = ctx;

	for (size_t i = 0; i < n; i++) {
		switch (bytes[i]) {
		case '\a': s->bells++; break;
		case '\b':
			assert_true(s->at > 0);
			s->at--;
			break;
		case '\r': s->at = 0; break;
		case '\n':
			s->newlines++;
			s->len = 0;
			break;
		default:
			if (((unsigned char)bytes[i] & 0xc0) == 0x80)
				break; /* one column a character */
			while (s->len < s->at)
				s->text[s->len++] = ' ';
			s->text[s->at++] = bytes[i];
			if (s->at > s->len)
				s->len = s->at;
		}
	}
	s->text[s->len] = '\0';
}

static void feed(struct lineedit *e, const char *keys)
{
	for (; *keys; keys++)
		assert_int_equal(lineedit_feed(e, *keys), LINEEDIT_MORE);
}

static const char *shown(struct screen *s)
{
	unsigned n = s->len;

	while (n && s->text[n - 1] == ' ')
		n--;
	s->len = n;
	s->text[n] = '\0';
	return s->text;
}

#define START struct screen s = { .len = 0 }; static struct lineedit e; lineedit_init(&e, draw, &s)

TEST(lineedit_gives_the_typed_line_and_echoes_it)
{
	START;
	feed(&e, "ls -l");
	assert_string_equal(shown(&s), "ls -l");
	assert_int_equal(lineedit_feed(&e, '\r'), LINEEDIT_LINE);
	assert_string_equal(e.line, "ls -l");
	assert_int_equal(s.newlines, 1);
	/* The LF of CR LF is no second line. */
	assert_int_equal(lineedit_feed(&e, '\n'), LINEEDIT_MORE);
	assert_int_equal(lineedit_feed(&e, '\n'), LINEEDIT_LINE);
	assert_string_equal(e.line, "");
}

TEST(lineedit_edits_in_the_middle)
{
	START;
	feed(&e, "cat fle");
	feed(&e, "\033[D\033[Di");
	assert_string_equal(shown(&s), "cat file");
	feed(&e, "\001\033[C\033[C\033[C\004X");
	assert_string_equal(shown(&s), "catXfile");
	feed(&e, "\005\b\177");
	assert_string_equal(shown(&s), "catXfi");
	feed(&e, "\033[1~\013now\027then");
	assert_string_equal(shown(&s), "then");
	feed(&e, "\025");
	assert_string_equal(shown(&s), "");
	assert_int_equal(s.at, 0);
}

TEST(lineedit_moves_over_whole_utf8_characters)
{
	START;
	feed(&e, "a\xc3\xa4z\002\002\004");
	assert_int_equal(lineedit_feed(&e, '\n'), LINEEDIT_LINE);
	assert_string_equal(e.line, "az");
}

TEST(lineedit_remembers_the_last_lines)
{
	START;
	for (int i = 0; i < LINEEDIT_HISTORY + 3; i++) {
		feed(&e, (char[]) { (char) ('a' + i), 0 });
		assert_int_equal(lineedit_feed(&e, '\n'), LINEEDIT_LINE);
	}
	feed(&e, "\033[A\033OA\020");
	assert_string_equal(shown(&s), "i");
	feed(&e, "\033[B");
	assert_string_equal(shown(&s), "j");
	for (int i = 0; i < 30; i++)
		feed(&e, "\020");
	assert_string_equal(shown(&s), "d");
	for (int i = 0; i < 30; i++)
		feed(&e, "\016");
	assert_string_equal(shown(&s), "");
}

TEST(lineedit_rings_at_the_limit_and_keeps_the_line)
{
	START;
	for (int i = 0; i < 2 * LINEEDIT_MAX; i++)
		feed(&e, "x");
	assert_int_equal(s.bells, LINEEDIT_MAX + 1);
	assert_int_equal(lineedit_feed(&e, '\n'), LINEEDIT_LINE);
	assert_int_equal(e.len, LINEEDIT_MAX - 1);
}

TEST(lineedit_tells_interrupt_and_end_apart)
{
	START;
	feed(&e, "abc");
	assert_int_equal(lineedit_feed(&e, 3), LINEEDIT_INTERRUPT);
	assert_int_equal(lineedit_feed(&e, 4), LINEEDIT_EOF);
	/* The Delete key on an empty line is neither. */
	feed(&e, "\033[3~");
}

TEST(lineedit_survives_any_bytes)
{
	START;
	uint32_t seed = 1;

	for (int i = 0; i < 200000; i++) {
		seed = seed * 1103515245u + 12345u;
		lineedit_feed(&e, (char) (seed >> 16));
		assert_true(e.at <= e.len && e.len < LINEEDIT_MAX);
	}
}

TEST_MAIN
