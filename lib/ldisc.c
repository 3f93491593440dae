/* pure */
/* ldisc.c: the input side, the read buffer and the output side of ldisc.h. */
#include "lib/ldisc.h"

#include "lib/errno.h"
#include "lib/str.h"

#define MASK      (LDISC_SIZE - 1)
#define TAB_STOP  8
#define DEL       0x7f
#define ECHO_MAX  32
#define WIPE_MAX  256

/* One call's callbacks, so that they need not be stored. */
struct sink {
	struct ldisc *ld;
	const struct ldisc_ops *ops;
	void *ctx;
};

static bool local(const struct ldisc *ld, uint32_t flag)
{
	return (ld->termios.lflag & flag) != 0;
}

static bool is_cc(const struct ldisc *ld, int which, uint8_t c)
{
	return ld->termios.cc[which] != 0 && ld->termios.cc[which] == c;
}

static bool is_control(uint8_t c)
{
	return c < 0x20 || c == DEL;
}

static bool ends_line(const struct ldisc *ld, uint32_t at)
{
	return ld->ends[(at & MASK) / 8] >> (at % 8) & 1;
}

static void set_end(struct ldisc *ld, uint32_t at, bool end)
{
	uint8_t bit = (uint8_t)(1u << (at % 8));

	if (end)
		ld->ends[(at & MASK) / 8] |= bit;
	else
		ld->ends[(at & MASK) / 8] &= (uint8_t)~bit;
}

static uint32_t next_tab(uint32_t column)
{
	return (column | (TAB_STOP - 1)) + 1;
}

void ldisc_init(struct ldisc *ld)
{
	/* Linux, drivers/tty/tty_io.c, tty_std_termios: B38400 | CS8 | CREAD | HUPCL. */
	static const struct ldisc_termios defaults = {
		.iflag = LDISC_ICRNL | LDISC_IXON,
		.oflag = LDISC_OPOST | LDISC_ONLCR,
		.cflag = 0xf | 0x30 | 0x80 | 0x400,
		.lflag = LDISC_ISIG | LDISC_ICANON | LDISC_ECHO | LDISC_ECHOE | LDISC_ECHOK | LDISC_ECHOCTL |
			 LDISC_ECHOKE | LDISC_IEXTEN,
		.cc = {
			[LDISC_VINTR] = 3, [LDISC_VQUIT] = 28, [LDISC_VERASE] = DEL, [LDISC_VKILL] = 21,
			[LDISC_VEOF] = 4, [LDISC_VMIN] = 1, [LDISC_VSTART] = 17, [LDISC_VSTOP] = 19,
			[LDISC_VSUSP] = 26, [LDISC_VREPRINT] = 18, [LDISC_VDISCARD] = 15, [LDISC_VWERASE] = 23,
			[LDISC_VLNEXT] = 22,
		},
	};

	memset(ld, 0, sizeof(*ld));
	ld->termios = defaults;
}

void ldisc_flush(struct ldisc *ld)
{
	ld->tail = ld->head;
	ld->canon = ld->head;
	ld->literal = false;
}

void ldisc_set_termios(struct ldisc *ld, const struct ldisc_termios *t)
{
	bool was = local(ld, LDISC_ICANON);

	ld->termios = *t;
	if (!(t->iflag & LDISC_IXON))
		ld->stopped = false;
	if (local(ld, LDISC_ICANON) == was)
		return;
	for (uint32_t i = ld->tail; i != ld->head; i++)
		set_end(ld, i, false);
	if (!was && ld->head != ld->tail)
		set_end(ld, ld->head - 1, true);
	ld->canon = ld->head;
	ld->literal = false;
}

/* ---- output ---------------------------------------------------------------------------------------------------- */

/* Writes at most 2 bytes to OUT for C; returns how many. */
static size_t post_process(struct ldisc *ld, uint8_t c, uint8_t *out)
{
	uint32_t oflag = ld->termios.oflag;
	size_t n = 0;

	if (oflag & LDISC_OPOST) {
		if (c == '\r' && (oflag & LDISC_OCRNL))
			c = '\n';
		else if (c == '\n' && (oflag & LDISC_ONLCR))
			out[n++] = '\r';
	}
	out[n++] = c;
	if (c == '\n' || c == '\r')
		ld->column = 0;
	else if (c == '\t')
		ld->column = next_tab(ld->column);
	else if (c == '\b')
		ld->column -= ld->column > 0;
	else if (!is_control(c) && (c & 0xc0) != 0x80) /* not inside a UTF-8 sequence */
		ld->column++;
	return n;
}

size_t ldisc_output(struct ldisc *ld, const void *in, size_t n, void *out, size_t out_size, size_t *ret_out_n)
{
	const uint8_t *from = in;
	uint8_t *to = out;
	size_t produced = 0, i;

	for (i = 0; i < n && out_size - produced >= 2; i++)
		produced += post_process(ld, from[i], to + produced);
	*ret_out_n = produced;
	return i;
}

static void echo_text(struct sink *s, const char *text, size_t n)
{
	uint8_t out[ECHO_MAX];
	size_t taken, produced;

	for (; n; n -= taken, text += taken) {
		taken = ldisc_output(s->ld, text, n, out, sizeof(out), &produced);
		s->ops->echo(s->ctx, out, produced);
	}
}

/* ECHOCTL shows a control character as ^X; newline and tab move the cursor as usual. */
static bool shown_as_caret(const struct ldisc *ld, uint8_t c)
{
	return local(ld, LDISC_ECHOCTL) && is_control(c) && c != '\n' && c != '\t';
}

static void echo_char(struct sink *s, uint8_t c)
{
	char caret[2] = { '^', (char)(c ^ 0x40) };

	if (shown_as_caret(s->ld, c))
		echo_text(s, caret, 2);
	else
		echo_text(s, (char *)&c, 1);
}

/* ---- editing --------------------------------------------------------------------------------------------------- */

/* Cells that C, which is no tab, took when it was echoed. */
static uint32_t cells_of(const struct ldisc *ld, uint8_t c)
{
	if (is_control(c))
		return local(ld, LDISC_ECHOCTL) ? 2 : 0;
	return (ld->termios.iflag & LDISC_IUTF8) && (c & 0xc0) == 0x80 ? 0 : 1;
}

/* Cells that the tab at position AT of the line being edited took. */
static uint32_t tab_cells(const struct ldisc *ld, uint32_t at)
{
	uint32_t column = ld->line_column;

	for (uint32_t i = ld->canon; i != at; i++) {
		uint8_t c = ld->data[i & MASK];

		column = c == '\t' ? next_tab(column) : column + cells_of(ld, c);
	}
	return next_tab(column) - column;
}

/* Removes the last character of the line being edited, and its picture if VISIBLE. */
static void erase_char(struct sink *s, bool visible)
{
	struct ldisc *ld = s->ld;
	uint32_t cells;
	uint8_t c;

	do
		c = ld->data[--ld->head & MASK];
	while ((ld->termios.iflag & LDISC_IUTF8) && ld->head != ld->canon && (c & 0xc0) == 0x80);
	if (!visible)
		return;
	/* A tab's cells are empty already: going back over them is enough. */
	cells = c == '\t' ? tab_cells(ld, ld->head) : cells_of(ld, c);
	while (cells--)
		echo_text(s, c == '\t' ? "\b" : "\b \b", c == '\t' ? 1 : 3);
}

static bool is_word(uint8_t c)
{
	return c >= 0x80 || c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static void erase_word(struct sink *s, bool visible)
{
	struct ldisc *ld = s->ld;

	visible = visible && ld->head - ld->canon <= WIPE_MAX;
	while (ld->head != ld->canon && !is_word(ld->data[(ld->head - 1) & MASK]))
		erase_char(s, visible);
	while (ld->head != ld->canon && is_word(ld->data[(ld->head - 1) & MASK]))
		erase_char(s, visible);
}

static void erase_line(struct sink *s, uint8_t c)
{
	struct ldisc *ld = s->ld;

	/* Wiping out a very long line cell by cell would hold the CPU: then it is shown as killed, on a new line. */
	if (local(ld, LDISC_ECHO) && local(ld, LDISC_ECHOKE) && local(ld, LDISC_ECHOE) &&
	    ld->head - ld->canon <= WIPE_MAX) {
		while (ld->head != ld->canon)
			erase_char(s, true);
		return;
	}
	ld->head = ld->canon;
	if (!local(ld, LDISC_ECHO))
		return;
	echo_char(s, c);
	if (local(ld, LDISC_ECHOK))
		echo_text(s, "\n", 1);
	ld->line_column = ld->column;
}

static void reprint(struct sink *s, uint8_t c)
{
	struct ldisc *ld = s->ld;

	echo_char(s, c);
	echo_text(s, "\n", 1);
	ld->line_column = ld->column;
	for (uint32_t i = ld->canon; i != ld->head; i++)
		echo_char(s, ld->data[i & MASK]);
}

/* True if C was an editing character and has been acted on. */
static bool edit(struct sink *s, uint8_t c)
{
	struct ldisc *ld = s->ld;
	bool echo = local(ld, LDISC_ECHO);
	bool empty = ld->head == ld->canon;

	if (is_cc(ld, LDISC_VERASE, c)) {
		if (!empty)
			erase_char(s, echo && local(ld, LDISC_ECHOE));
		if (!empty && echo && !local(ld, LDISC_ECHOE))
			echo_char(s, c);
		return true;
	}
	if (is_cc(ld, LDISC_VKILL, c)) {
		erase_line(s, c);
		return true;
	}
	if (!local(ld, LDISC_IEXTEN))
		return false;
	if (is_cc(ld, LDISC_VWERASE, c)) {
		erase_word(s, echo && local(ld, LDISC_ECHOE));
		return true;
	}
	if (is_cc(ld, LDISC_VREPRINT, c)) {
		if (echo)
			reprint(s, c);
		return true;
	}
	return false;
}

/* ---- input ----------------------------------------------------------------------------------------------------- */

static void append(struct ldisc *ld, uint8_t c, bool end)
{
	ld->data[ld->head & MASK] = c;
	set_end(ld, ld->head, end);
	ld->head++;
	if (end || !local(ld, LDISC_ICANON))
		ld->canon = ld->head;
}

/* A byte of data that ends no line. One place stays free for the line's end. */
static void append_data(struct sink *s, uint8_t c)
{
	struct ldisc *ld = s->ld;
	bool canonical = local(ld, LDISC_ICANON);

	if (ld->head - ld->tail >= (canonical ? LDISC_SIZE - 1 : LDISC_SIZE))
		return;
	if (canonical && ld->head == ld->canon)
		ld->line_column = ld->column;
	append(ld, c, false);
	if (local(ld, LDISC_ECHO))
		echo_char(s, c);
}

static bool try_signal(struct sink *s, uint8_t c)
{
	struct ldisc *ld = s->ld;
	int signo;

	if (is_cc(ld, LDISC_VINTR, c))
		signo = LDISC_SIGINT;
	else if (is_cc(ld, LDISC_VQUIT, c))
		signo = LDISC_SIGQUIT;
	else if (is_cc(ld, LDISC_VSUSP, c))
		signo = LDISC_SIGTSTP;
	else
		return false;
	if (!local(ld, LDISC_NOFLSH))
		ldisc_flush(ld);
	ld->stopped = false;
	if (local(ld, LDISC_ECHO))
		echo_char(s, c);
	s->ops->signal(s->ctx, signo);
	return true;
}

static bool try_flow(struct ldisc *ld, uint8_t c)
{
	if (is_cc(ld, LDISC_VSTART, c))
		ld->stopped = false;
	else if (is_cc(ld, LDISC_VSTOP, c))
		ld->stopped = true;
	else
		return false;
	return true;
}

/* True if C ended the line. */
static bool try_end(struct sink *s, uint8_t c)
{
	struct ldisc *ld = s->ld;

	if (is_cc(ld, LDISC_VEOF, c)) {
		append(ld, 0, true);
		return true;
	}
	if (c != '\n' && !is_cc(ld, LDISC_VEOL, c) && !(is_cc(ld, LDISC_VEOL2, c) && local(ld, LDISC_IEXTEN)))
		return false;
	if (local(ld, LDISC_ECHO) || (c == '\n' && local(ld, LDISC_ECHONL)))
		echo_char(s, c);
	append(ld, c, true);
	return true;
}

static void input_byte(struct sink *s, uint8_t c)
{
	struct ldisc *ld = s->ld;
	uint32_t iflag = ld->termios.iflag;

	if (ld->literal) {
		ld->literal = false;
		append_data(s, c);
		return;
	}
	if ((iflag & LDISC_IXON) && try_flow(ld, c))
		return;
	if (local(ld, LDISC_ISIG) && try_signal(s, c))
		return;
	if (c == '\r') {
		if (iflag & LDISC_IGNCR)
			return;
		if (iflag & LDISC_ICRNL)
			c = '\n';
	} else if (c == '\n' && (iflag & LDISC_INLCR)) {
		c = '\r';
	}
	if (local(ld, LDISC_ICANON)) {
		if (local(ld, LDISC_IEXTEN) && is_cc(ld, LDISC_VLNEXT, c)) {
			ld->literal = true;
			if (local(ld, LDISC_ECHO) && local(ld, LDISC_ECHOCTL))
				echo_text(s, "^\b", 2);
			return;
		}
		if (edit(s, c) || try_end(s, c))
			return;
	}
	append_data(s, c);
}

size_t ldisc_input(struct ldisc *ld, const void *bytes, size_t n, const struct ldisc_ops *ops, void *ctx)
{
	struct sink s = { .ld = ld, .ops = ops, .ctx = ctx };
	const uint8_t *p = bytes;
	size_t i;

	for (i = 0; i < n; i++) {
		/* Full: wait for a reader if there is something for it, or else a line too long loses its excess. */
		uint32_t used = ld->head - ld->tail;

		if (ld->canon != ld->tail && used >= (local(ld, LDISC_ICANON) ? LDISC_SIZE - 1 : LDISC_SIZE))
			break;
		input_byte(&s, p[i]);
	}
	return i;
}

void ldisc_input_eof(struct ldisc *ld)
{
	if (ld->head - ld->tail < LDISC_SIZE)
		append(ld, 0, true);
}

/* ---- reading --------------------------------------------------------------------------------------------------- */

static bool is_eof_mark(const struct ldisc *ld, uint32_t at)
{
	return ld->data[at & MASK] == 0 && ends_line(ld, at);
}

size_t ldisc_unread(const struct ldisc *ld)
{
	size_t n = 0;

	for (uint32_t i = ld->tail; i != ld->canon; i++)
		n += !is_eof_mark(ld, i);
	return n;
}

bool ldisc_readable(const struct ldisc *ld)
{
	uint32_t used = ld->canon - ld->tail;
	uint32_t min = 1;

	if (used == 0)
		return !local(ld, LDISC_ICANON) && ld->termios.cc[LDISC_VMIN] == 0 && ld->termios.cc[LDISC_VTIME] == 0;
	if (!local(ld, LDISC_ICANON) && ld->termios.cc[LDISC_VTIME] == 0 && ld->termios.cc[LDISC_VMIN] > 0)
		min = ld->termios.cc[LDISC_VMIN];
	return used >= min || is_eof_mark(ld, ld->canon - 1);
}

long ldisc_read(struct ldisc *ld, void *bytes, size_t n)
{
	uint8_t *to = bytes;
	size_t got = 0;

	if (ld->canon == ld->tail)
		return ldisc_readable(ld) ? 0 : -EAGAIN;
	if (n == 0)
		return 0;
	while (ld->tail != ld->canon) {
		uint32_t at = ld->tail;

		/* An EOF mark ends the line in front of it even if the bytes just filled the caller's buffer. */
		if (is_eof_mark(ld, at)) {
			if (got > 0 && !local(ld, LDISC_ICANON))
				break;
			ld->tail++;
			break;
		}
		if (got == n)
			break;
		to[got++] = ld->data[at & MASK];
		ld->tail++;
		if (ends_line(ld, at) && local(ld, LDISC_ICANON))
			break;
	}
	return (long)got;
}
