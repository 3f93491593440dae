/* test_ldisc.c: what lib/ldisc.h promises. Each test types bytes and looks at the echo, the signals and the reads. */
#include "lib/ldisc.h"

#include "lib/errno.h"
#include "tests/unit/test.h"

static struct ldisc ld;
static char echoed[65536];
static size_t echoed_n;
static int last_signal;

static void on_echo(void *ctx, const void *bytes, size_t n)
{
	(void)ctx;
	assert_true(n > 0 && echoed_n + n < sizeof(echoed));
	memcpy(echoed + echoed_n, bytes, n);
	echoed_n += n;
	echoed[echoed_n] = '\0';
}

static void on_signal(void *ctx, int signo)
{
	(void)ctx;
	last_signal = signo;
}

static const struct ldisc_ops ops = { on_echo, on_signal };

static void start(void)
{
	ldisc_init(&ld);
	echoed_n = 0;
	echoed[0] = '\0';
	last_signal = 0;
}

static void type(const char *text)
{
	assert_int_equal(ldisc_input(&ld, text, strlen(text), &ops, NULL), strlen(text));
}

static void raw(uint8_t vmin, uint8_t vtime)
{
	struct ldisc_termios t = ld.termios;

	t.lflag &= ~(uint32_t)(LDISC_ICANON | LDISC_ECHO | LDISC_ISIG | LDISC_IEXTEN);
	t.iflag = 0;
	t.cc[LDISC_VMIN] = vmin;
	t.cc[LDISC_VTIME] = vtime;
	ldisc_set_termios(&ld, &t);
}

#define READS(want)                                                                \
	do {                                                                       \
		char got[LDISC_SIZE];                                              \
		long n = ldisc_read(&ld, got, sizeof(got));                        \
		assert_int_equal(n, sizeof(want) - 1);                             \
		assert_memory_equal(got, want, sizeof(want) - 1);                  \
	} while (0)

TEST(ldisc_line_becomes_readable_when_it_is_complete)
{
	char c;

	start();
	type("hel");
	assert_false(ldisc_readable(&ld));
	assert_int_equal(ldisc_read(&ld, &c, 1), -EAGAIN);
	type("lo\rnext");
	assert_true(ldisc_readable(&ld));
	assert_int_equal(ldisc_unread(&ld), 6);
	READS("hello\n");
	assert_false(ldisc_readable(&ld));
	assert_string_equal(echoed, "hello\r\nnext");
}

TEST(ldisc_short_reads_take_a_line_in_pieces_and_never_two_lines)
{
	char b[3];

	start();
	type("abcd\nef\n");
	assert_int_equal(ldisc_read(&ld, b, 3), 3);
	READS("d\n");
	READS("ef\n");
}

TEST(ldisc_erase_word_and_kill_edit_the_line_and_the_screen)
{
	start();
	type("ab\x7f");
	assert_string_equal(echoed, "ab\b \b");
	type("\x7f\x7f\x7f");
	assert_string_equal(echoed, "ab\b \b\b \b");
	type("one two\x17x\n");
	READS("one x\n");
	type("gone\x15kept\n");
	READS("kept\n");
}

TEST(ldisc_erases_both_cells_of_a_control_character_and_a_tabs_width)
{
	start();
	type("\x01\x7f");
	assert_string_equal(echoed, "^A\b \b\b \b");
	start();
	type("ab\t\x7f");
	assert_string_equal(echoed, "ab\t\b\b\b\b\b\b");
}

TEST(ldisc_erases_a_whole_utf8_character_with_iutf8)
{
	struct ldisc_termios t;

	start();
	t = ld.termios;
	t.iflag |= LDISC_IUTF8;
	ldisc_set_termios(&ld, &t);
	type("a\xc3\xa9\x7f\n");
	assert_string_equal(echoed, "a\xc3\xa9\b \b\r\n");
	READS("a\n");
}

TEST(ldisc_eof_is_an_empty_read_and_ends_a_line_without_a_newline)
{
	char b[3];

	start();
	type("\x04");
	assert_true(ldisc_readable(&ld));
	READS("");
	assert_false(ldisc_readable(&ld));
	type("abc\x04");
	/* The read that fills its buffer takes the mark along: no false end of file follows. */
	assert_int_equal(ldisc_read(&ld, b, 3), 3);
	assert_false(ldisc_readable(&ld));
	type("x\x04y\n");
	READS("x");
	READS("y\n");
	assert_string_equal(echoed, "abcxy\r\n");
}

TEST(ldisc_signal_characters_signal_echo_and_flush)
{
	start();
	type("half\x03");
	assert_int_equal(last_signal, LDISC_SIGINT);
	assert_string_equal(echoed, "half^C");
	type("ok\n");
	READS("ok\n");
	type("\x1c");
	assert_int_equal(last_signal, LDISC_SIGQUIT);
	type("\x1a");
	assert_int_equal(last_signal, LDISC_SIGTSTP);
}

TEST(ldisc_raw_mode_passes_every_byte_at_once_without_echo)
{
	start();
	raw(1, 0);
	assert_false(ldisc_readable(&ld));
	type("\x03\r\x04\x7f");
	assert_int_equal(last_signal, 0);
	assert_int_equal(echoed_n, 0);
	READS("\x03\r\x04\x7f");
}

TEST(ldisc_raw_mode_follows_vmin_and_polls_with_zero)
{
	char b[8];

	start();
	raw(3, 0);
	type("ab");
	assert_false(ldisc_readable(&ld));
	type("c");
	assert_true(ldisc_readable(&ld));
	READS("abc");
	raw(0, 0);
	assert_true(ldisc_readable(&ld));
	assert_int_equal(ldisc_read(&ld, b, 8), 0);
	raw(0, 5);
	assert_false(ldisc_readable(&ld));
	assert_int_equal(ldisc_read(&ld, b, 8), -EAGAIN);
}

TEST(ldisc_changing_modes_loses_no_type_ahead)
{
	struct ldisc_termios cooked;

	start();
	cooked = ld.termios;
	type("half");
	raw(1, 0);
	READS("half");
	type("typed");
	ldisc_set_termios(&ld, &cooked);
	assert_true(ldisc_readable(&ld));
	READS("typed");
	type("x\n");
	READS("x\n");
}

TEST(ldisc_hang_up_is_an_end_of_file_in_both_modes)
{
	char b[8];

	start();
	type("z");
	ldisc_input_eof(&ld);
	READS("z");
	ldisc_input_eof(&ld);
	READS("");
	raw(1, 0);
	type("q");
	ldisc_input_eof(&ld);
	READS("q");
	assert_true(ldisc_readable(&ld));
	assert_int_equal(ldisc_read(&ld, b, 8), 0);
	assert_int_equal(ldisc_read(&ld, b, 8), -EAGAIN);
}

TEST(ldisc_keeps_the_end_of_a_line_longer_than_its_buffer)
{
	char big[5000], got[LDISC_SIZE];

	start();
	memset(big, 'a', sizeof(big));
	assert_int_equal(ldisc_input(&ld, big, sizeof(big), &ops, NULL), sizeof(big));
	assert_int_equal(ldisc_input(&ld, "\nmore", 5, &ops, NULL), 1);
	assert_int_equal(ldisc_read(&ld, got, sizeof(got)), LDISC_SIZE);
	assert_int_equal(got[LDISC_SIZE - 1], '\n');
	type("more\n");
	READS("more\n");
}

TEST(ldisc_full_raw_buffer_leaves_the_rest_to_the_device)
{
	char big[5000], got[LDISC_SIZE];

	start();
	raw(1, 0);
	memset(big, 'r', sizeof(big));
	assert_int_equal(ldisc_input(&ld, big, sizeof(big), &ops, NULL), LDISC_SIZE);
	assert_int_equal(ldisc_read(&ld, got, 100), 100);
	assert_int_equal(ldisc_input(&ld, big, 200, &ops, NULL), 100);
}

TEST(ldisc_killing_a_very_long_line_does_not_wipe_cell_by_cell)
{
	char big[3000];

	start();
	memset(big, '\t', sizeof(big));
	ldisc_input(&ld, big, sizeof(big), &ops, NULL);
	echoed_n = 0;
	type("\x15ok\n");
	assert_string_equal(echoed, "^U\r\nok\r\n");
	READS("ok\n");
}

TEST(ldisc_literal_next_takes_a_signal_character_as_data)
{
	start();
	type("\x16\x03\n");
	assert_int_equal(last_signal, 0);
	READS("\x03\n");
	assert_string_equal(echoed, "^\b^C\r\n");
}

TEST(ldisc_flow_control_characters_stop_and_start)
{
	start();
	type("\x13");
	assert_true(ld.stopped);
	type("\x11");
	assert_false(ld.stopped);
	assert_int_equal(echoed_n, 0);
}

TEST(ldisc_reprint_shows_the_line_again)
{
	start();
	type("ab\x12");
	assert_string_equal(echoed, "ab^R\r\nab");
}

TEST(ldisc_output_turns_newlines_into_cr_nl_within_the_room)
{
	char out[4];
	size_t n;

	start();
	assert_int_equal(ldisc_output(&ld, "a\nbc", 4, out, 4, &n), 2);
	assert_int_equal(n, 3);
	assert_memory_equal(out, "a\r\n", 3);
	ld.termios.oflag = 0;
	assert_int_equal(ldisc_output(&ld, "\n\n", 2, out, 4, &n), 2);
	assert_memory_equal(out, "\n\n", 2);
}

TEST(ldisc_cr_flags_choose_what_return_means)
{
	struct ldisc_termios t;

	start();
	t = ld.termios;
	t.iflag = LDISC_IGNCR;
	ldisc_set_termios(&ld, &t);
	type("a\r\n");
	READS("a\n");
	t.iflag = LDISC_INLCR;
	ldisc_set_termios(&ld, &t);
	type("b\n\x04");
	READS("b\r");
}

TEST_MAIN
