/* pure */
/* tok.c: the word splitter of tok.h. A word never grows when its quotes go, so it is written over its own source. */
#include "lib/tok.h"

#include <stdbool.h>

#include "lib/errno.h"
#include "lib/str.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Copies from *FROM, right behind an opening QUOTE, to *TO, up to the closing one. */
static int copy_quoted(char **from, char **to, char quote)
{
	char *p = *from, *q = *to;

	while (*p && *p != quote) {
		if (quote == '"' && *p == '\\' && p[1] && strchr("\"\\$`", p[1]))
			p++;
		*q++ = *p++;
	}
	if (!*p)
		return -EINVAL;
	*from = p + 1;
	*to = q;
	return 0;
}

int tok_next(char **at, char **ret_word)
{
	char *p = *at, *q;

	while (is_blank(*p))
		p++;
	if (!*p) {
		*at = p;
		return 0;
	}
	*ret_word = q = p;
	while (*p && !is_blank(*p)) {
		char c = *p++;

		if (c == '\'' || c == '"') {
			int r = copy_quoted(&p, &q, c);

			if (r < 0)
				return r;
			continue;
		}
		if (c == '\\') {
			if (!*p)
				return -EINVAL;
			c = *p++;
		}
		*q++ = c;
	}
	/* The terminator may fall on the blank itself: step over it first. */
	if (*p)
		p++;
	*q = '\0';
	*at = p;
	return 1;
}

int tok_split(char *line, char **argv, size_t max)
{
	size_t n = 0;
	char *word;
	int r;

	while ((r = tok_next(&line, &word)) > 0) {
		if (n == max)
			return -E2BIG;
		argv[n++] = word;
	}
	if (r < 0)
		return r;
	argv[n] = NULL;
	return (int)n;
}

const char *tok_error(int error)
{
	return error == -E2BIG ? "too many words" : "unclosed quote, or a backslash at the end of the line";
}
