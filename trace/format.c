/* format.c: see format.h: each conversion is handed to lib/fmt with its one argument. */
#include "trace/format.h"

#include "lib/errno.h"
#include "lib/fmt.h"
#include "lib/str.h"
#include "trace/peek.h"

#define SPEC_MAX   16
#define STRING_MAX 128

struct out {
	char *buf;
	size_t size, n;
};

static void put(struct out *o, const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++, o->n++)
		if (o->n + 1 < o->size)
			o->buf[o->n] = text[i];
}

static uint64_t cut(uint64_t v, unsigned longs, char conversion)
{
	if (longs || conversion == 'p')
		return v;
	return conversion == 'd' || conversion == 'i' ? (uint64_t)(int64_t)(int32_t)v : (uint32_t)v;
}

/* One conversion: spec is "%-8", without length modifiers. */
static int convert(struct out *o, char *spec, size_t n, char c, uint64_t v)
{
	char text[STRING_MAX + 8], string[STRING_MAX] = "";
	int len;

	if (c == 's') {
		peek_string(string, v, sizeof(string));
		v = (uint64_t)string;
	}
	if (!strchr("sp", c) && c != 'c')
		spec[n++] = 'l';
	spec[n++] = c;
	spec[n] = '\0';
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-security"
	len = fmt_snprintf(text, sizeof(text), spec, v);
#pragma GCC diagnostic pop
	put(o, text, len < (int)sizeof(text) ? (size_t)len : sizeof(text) - 1);
	return 0;
}

int format_text(char *buf, size_t size, const char *format, size_t format_size, const uint64_t *args, unsigned count)
{
	struct out o = {buf, size, 0};
	unsigned used = 0;

	for (size_t i = 0; i < format_size && format[i]; i++) {
		char spec[SPEC_MAX] = "%";
		size_t n = 1;
		unsigned longs = 0, width = 0;

		if (format[i] != '%') {
			put(&o, format + i, 1);
			continue;
		}
		if (++i < format_size && format[i] == '%') {
			put(&o, "%", 1);
			continue;
		}
		while (i < format_size && format[i] && strchr("-0123456789lhz", format[i])) {
			if (format[i] == 'l' || format[i] == 'z')
				longs++;
			else if (format[i] != 'h' && n < SPEC_MAX - 4)
				spec[n++] = format[i];
			if (format[i] >= '0' && format[i] <= '9')
				width = width * 10 + (unsigned)(format[i] - '0');
			if (width > STRING_MAX)
				return -EINVAL;
			i++;
		}
		if (i >= format_size || !format[i] || !strchr("diuxXopcs", format[i]) || used == count)
			return -EINVAL;
		convert(&o, spec, n, format[i], cut(args[used++], longs + (format[i] == 's'), format[i]));
	}
	if (size)
		buf[o.n < size ? o.n : size - 1] = '\0';
	return (int)o.n;
}
