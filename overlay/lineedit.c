/* pure */
/* lineedit.c: see lineedit.h. What changes behind the cursor is drawn again to the end of the line. */
#include "overlay/lineedit.h"

#include "lib/str.h"

enum { PLAIN, ESCAPE, SEQUENCE };
#define CTRL(c) ((c) & 0x1f)
#define DELETE	0x7f
#define CONTINUES(c) (((c) & 0xc0) == 0x80) /* inside a UTF-8 character */

void lineedit_init(struct lineedit *e, void (*out)(void *ctx, const char *bytes, size_t n), void *ctx)
{
	memset(e, 0, sizeof(*e));
	e->out = out;
	e->ctx = ctx;
}

static void show(struct lineedit *e, const char *text, size_t n)
{
	if (n)
		e->out(e->ctx, text, n);
}

static void repeat(struct lineedit *e, const char *text, unsigned n)
{
	while (n--)
		show(e, text, 1);
}

static unsigned columns(const struct lineedit *e, unsigned from, unsigned to)
{
	unsigned n = 0;

	for (; from < to; from++)
		n += !CONTINUES(e->line[from]);
	return n;
}

static void move(struct lineedit *e, unsigned to)
{
	if (to < e->at)
		repeat(e, "\b", columns(e, to, e->at));
	else
		show(e, e->line + e->at, to - e->at);
	e->at = (uint16_t) to;
}

/* The place one character before or behind the cursor. */
static unsigned before(const struct lineedit *e)
{
	unsigned to = e->at;

	while (to && CONTINUES(e->line[--to]))
		;
	return to;
}

static unsigned behind(const struct lineedit *e)
{
	unsigned to = e->at;

	if (to < e->len)
		do
			to++;
		while (to < e->len && CONTINUES(e->line[to]));
	return to;
}

/* Takes line[from..to) away; the cursor goes to `from`. */
static void cut(struct lineedit *e, unsigned from, unsigned to)
{
	unsigned gone = columns(e, from, to);

	if (from == to)
		return;
	move(e, from);
	memmove(e->line + from, e->line + to, e->len - to);
	e->len -= (uint16_t) (to - from);
	show(e, e->line + from, e->len - from);
	repeat(e, " ", gone);
	repeat(e, "\b", gone + columns(e, from, e->len));
}

static void insert(struct lineedit *e, const char *text, unsigned n)
{
	if (n > LINEEDIT_MAX - 1u - e->len) {
		show(e, "\a", 1);
		return;
	}
	memmove(e->line + e->at + n, e->line + e->at, e->len - e->at);
	memcpy(e->line + e->at, text, n);
	e->len += (uint16_t) n;
	show(e, e->line + e->at, e->len - e->at);
	e->at += (uint16_t) n;
	repeat(e, "\b", columns(e, e->at, e->len));
}

static void browse(struct lineedit *e, unsigned to)
{
	const char *line;

	if (to > e->history_count)
		return;
	e->browse = (uint8_t) to;
	cut(e, 0, e->len);
	if (to) {
		line = e->history[(e->history_next + LINEEDIT_HISTORY - to) % LINEEDIT_HISTORY];
		insert(e, line, (unsigned) strlen(line));
	}
}

static void remember(struct lineedit *e)
{
	const char *last = e->history[(e->history_next + LINEEDIT_HISTORY - 1) % LINEEDIT_HISTORY];

	if (!e->len || (e->history_count && !strcmp(last, e->line)))
		return;
	memcpy(e->history[e->history_next], e->line, e->len + 1u);
	e->history_next = (uint8_t) ((e->history_next + 1) % LINEEDIT_HISTORY);
	if (e->history_count < LINEEDIT_HISTORY)
		e->history_count++;
}

static unsigned word_start(const struct lineedit *e)
{
	unsigned to = e->at;

	while (to && e->line[to - 1] == ' ')
		to--;
	while (to && e->line[to - 1] != ' ')
		to--;
	return to;
}

static enum lineedit_result finish(struct lineedit *e, enum lineedit_result how)
{
	e->line[e->len] = '\0';
	e->done = true;
	if (how == LINEEDIT_LINE)
		remember(e);
	move(e, e->len);
	if (how == LINEEDIT_INTERRUPT)
		show(e, "^C", 2);
	if (how != LINEEDIT_EOF)
		show(e, "\r\n", 2);
	return how;
}

/* The keys that send ESC [ ... or ESC O ...: as the control character that does the same; 0: none. */
static char sequence_key(char last, unsigned parameter)
{
	switch (last) {
	case 'A': return CTRL('P');
	case 'B': return CTRL('N');
	case 'C': return CTRL('F');
	case 'D': return CTRL('B');
	case 'H': return CTRL('A');
	case 'F': return CTRL('E');
	case '~': return parameter == 3 ? CTRL('D') : parameter == 1 ? CTRL('A') : parameter == 4 ? CTRL('E') : 0;
	default: return 0;
	}
}

static enum lineedit_result key(struct lineedit *e, char c)
{
	switch (c) {
	case '\r':
	case '\n': return finish(e, LINEEDIT_LINE);
	case CTRL('C'): return finish(e, LINEEDIT_INTERRUPT);
	case CTRL('D'):
		if (!e->len)
			return finish(e, LINEEDIT_EOF);
		cut(e, e->at, behind(e));
		break;
	case '\b':
	case DELETE: cut(e, before(e), e->at); break;
	case CTRL('A'): move(e, 0); break;
	case CTRL('E'): move(e, e->len); break;
	case CTRL('B'): move(e, before(e)); break;
	case CTRL('F'): move(e, behind(e)); break;
	case CTRL('K'): cut(e, e->at, e->len); break;
	case CTRL('U'): cut(e, 0, e->at); break;
	case CTRL('W'): cut(e, word_start(e), e->at); break;
	case CTRL('P'): browse(e, e->browse + 1u); break;
	case CTRL('N'):
		if (e->browse)
			browse(e, e->browse - 1u);
		break;
	default:
		if ((uint8_t) c >= ' ')
			insert(e, &c, 1);
	}
	return LINEEDIT_MORE;
}

enum lineedit_result lineedit_feed(struct lineedit *e, char c)
{
	bool after_cr = e->cr;

	e->cr = c == '\r';
	if (c == '\n' && after_cr)
		return LINEEDIT_MORE;
	if (e->done) {
		e->done = false;
		e->len = e->at = 0;
		e->browse = 0;
	}
	if (e->escape == ESCAPE) {
		e->escape = c == '[' || c == 'O' ? SEQUENCE : PLAIN;
		e->parameter = 0;
		return LINEEDIT_MORE;
	}
	if (e->escape == SEQUENCE) {
		if (c >= '0' && c <= '9')
			e->parameter = (uint8_t) (e->parameter * 10 + (c - '0'));
		if (c < '@')
			return LINEEDIT_MORE;
		e->escape = PLAIN;
		c = sequence_key(c, e->parameter);
		/* Delete on an empty line is not the end. */
		if (!c || (c == CTRL('D') && !e->len))
			return LINEEDIT_MORE;
	}
	if (c == '\033') {
		e->escape = ESCAPE;
		return LINEEDIT_MORE;
	}
	return key(e, c);
}
