/* pure */
/* fmt.c: the formatter of fmt.h. Everything goes to a sink; the buffer form is one sink. */
#include "lib/fmt.h"

#include <stdbool.h>
#include <stdint.h>

#include "lib/str.h"

#define DIGITS_MAX 22 /* 2^64 - 1 in octal */
#define FMT_INT_MAX __INT_MAX__

struct out {
	fmt_sink sink;
	void *ctx;
	size_t total;
};

struct spec {
	bool left;
	bool zero;
	int width;      /* >= 0 */
	int precision;  /* -1: none */
	int longs;      /* 'l' seen, or 2 for ll and z */
};

static void put(struct out *o, const char *text, size_t n)
{
	if (n == 0)
		return;
	o->sink(o->ctx, text, n);
	o->total += n;
}

static void pad(struct out *o, char c, size_t have, int width)
{
	for (size_t i = have; i < (size_t)width; i++)
		put(o, &c, 1);
}

static void put_padded(struct out *o, const struct spec *s, const char *text, size_t n)
{
	if (!s->left)
		pad(o, ' ', n, s->width);
	put(o, text, n);
	if (s->left)
		pad(o, ' ', n, s->width);
}

/* PREFIX ("-", "0x" or "") goes before the zeros, but after the blanks. */
static void put_number(struct out *o, const struct spec *s, const char *prefix, uint64_t v, unsigned base, bool upper)
{
	const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
	char text[DIGITS_MAX];
	size_t at = sizeof(text);
	size_t prefix_len = strlen(prefix);
	size_t len;

	do {
		text[--at] = digits[v % base];
		v /= base;
	} while (v);
	len = prefix_len + (sizeof(text) - at);
	if (!s->left && !s->zero)
		pad(o, ' ', len, s->width);
	put(o, prefix, prefix_len);
	if (!s->left && s->zero)
		pad(o, '0', len, s->width);
	put(o, text + at, sizeof(text) - at);
	if (s->left)
		pad(o, ' ', len, s->width);
}

static void put_string(struct out *o, const struct spec *s, const char *text)
{
	size_t n = 0;

	if (!text)
		text = "(null)";
	/* With a precision the text needs no NUL: C11 7.21.6.1 paragraph 8. */
	while ((s->precision < 0 || n < (size_t)s->precision) && text[n])
		n++;
	put_padded(o, s, text, n);
}

static int parse_count(const char **p)
{
	int n = 0;

	for (; **p >= '0' && **p <= '9'; (*p)++)
		n = n > (FMT_INT_MAX - 9) / 10 ? FMT_INT_MAX : n * 10 + (**p - '0');
	return n;
}

int fmt_vprintf(fmt_sink sink, void *ctx, const char *format, va_list args)
{
	struct out o = { .sink = sink, .ctx = ctx };
	const char *p = format;
	va_list ap;

	va_copy(ap, args);
	while (*p) {
		struct spec s = { .precision = -1 };
		const char *start = p;
		int64_t sv;
		uint64_t v;
		char c;

		while (*p && *p != '%')
			p++;
		put(&o, start, (size_t)(p - start));
		if (!*p)
			break;
		start = p++;
		for (; *p == '-' || *p == '0'; p++) {
			s.left |= *p == '-';
			s.zero |= *p == '0';
		}
		if (*p == '*') {
			s.width = va_arg(ap, int);
			if (s.width < 0) {
				s.left = true;
				s.width = s.width == (-FMT_INT_MAX - 1) ? FMT_INT_MAX : -s.width;
			}
			p++;
		} else {
			s.width = parse_count(&p);
		}
		if (*p == '.') {
			p++;
			if (*p == '*') {
				s.precision = va_arg(ap, int);
				p++;
			} else {
				s.precision = parse_count(&p);
			}
		}
		for (; *p == 'l' || *p == 'z' || *p == 'h'; p++)
			s.longs += *p == 'z' ? 2 : *p == 'l';
		switch (*p) {
		case 'd':
		case 'i':
			sv = s.longs ? va_arg(ap, long) : va_arg(ap, int);
			v = sv < 0 ? -(uint64_t)sv : (uint64_t)sv;
			put_number(&o, &s, sv < 0 ? "-" : "", v, 10, false);
			break;
		case 'u':
		case 'x':
		case 'X':
		case 'o':
			v = s.longs ? va_arg(ap, unsigned long) : va_arg(ap, unsigned int);
			put_number(&o, &s, "", v, *p == 'u' ? 10 : *p == 'o' ? 8 : 16, *p == 'X');
			break;
		case 'p':
			s.zero = true;
			s.width = 18;
			put_number(&o, &s, "0x", (uintptr_t)va_arg(ap, void *), 16, false);
			break;
		case 's':
			put_string(&o, &s, va_arg(ap, const char *));
			break;
		case 'c':
			c = (char)va_arg(ap, int);
			put_padded(&o, &s, &c, 1);
			break;
		case '%':
			put(&o, "%", 1);
			break;
		default:
			if (*p)
				p++;
			put(&o, start, (size_t)(p - start));
			continue;
		}
		p++;
	}
	va_end(ap);
	return o.total > FMT_INT_MAX ? FMT_INT_MAX : (int)o.total;
}

struct buffer {
	char *at;
	size_t left; /* without the NUL's byte */
};

static void buffer_sink(void *ctx, const char *text, size_t n)
{
	struct buffer *b = ctx;

	if (n > b->left)
		n = b->left;
	if (n == 0)
		return;
	memcpy(b->at, text, n);
	b->at += n;
	b->left -= n;
}

int fmt_vsnprintf(char *buf, size_t size, const char *format, va_list args)
{
	struct buffer b = { .at = buf, .left = size ? size - 1 : 0 };
	int n = fmt_vprintf(buffer_sink, &b, format, args);

	if (size)
		*b.at = '\0';
	return n;
}

int fmt_snprintf(char *buf, size_t size, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = fmt_vsnprintf(buf, size, format, args);
	va_end(args);
	return n;
}
