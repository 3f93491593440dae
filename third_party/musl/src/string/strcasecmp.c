/* strcasecmp.c: musl's, but for calling tolower() twice for each character: its only locales' letters outside ASCII are
 * no single bytes. Servers look up the names of commands and header lines with it. */
#include <strings.h>
#include "libc.h"

static inline unsigned lower(unsigned c)
{
	return c - 'A' < 26 ? c | 32 : c;
}

int strcasecmp(const char *a, const char *b)
{
	const unsigned char *l = (const void *) a, *r = (const void *) b;

	while (*l && (*l == *r || lower(*l) == lower(*r))) {
		l++;
		r++;
	}
	return (int) lower(*l) - (int) lower(*r);
}

int __strcasecmp_l(const char *a, const char *b, locale_t l)
{
	return strcasecmp(a, b);
}
weak_alias(__strcasecmp_l, strcasecmp_l);
