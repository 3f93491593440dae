/* pure */
/* num.c: the parsers of num.h. */
#include "lib/num.h"

#include "lib/errno.h"
#include "lib/str.h"

#define NS_PER_S 1000000000ull

static unsigned digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	if (c >= 'a' && c <= 'z')
		return (unsigned)(c - 'a') + 10;
	if (c >= 'A' && c <= 'Z')
		return (unsigned)(c - 'A') + 10;
	return UINT8_MAX;
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

int num_parse_u64_n(const char *s, size_t n, unsigned base, uint64_t *ret)
{
	uint64_t v = 0;
	size_t i = 0;

	if (base == 0) {
		base = 10;
		if (n >= 2 && s[0] == '0' && lower(s[1]) == 'x') {
			base = 16;
			i = 2;
		} else if (n >= 2 && s[0] == '0') {
			base = 8;
			i = 1;
		}
	}
	if (i == n)
		return -EINVAL;
	for (size_t k = i; k < n; k++) {
		if (digit_of(s[k]) >= base)
			return -EINVAL;
	}
	for (; i < n; i++) {
		if (__builtin_mul_overflow(v, base, &v) || __builtin_add_overflow(v, digit_of(s[i]), &v))
			return -ERANGE;
	}
	*ret = v;
	return 0;
}

int num_parse_u64(const char *s, unsigned base, uint64_t *ret)
{
	return num_parse_u64_n(s, strlen(s), base, ret);
}

int num_parse_int(const char *s, int *ret)
{
	int negative = *s == '-';
	uint64_t v;
	int r;

	if (*s == '-' || *s == '+')
		s++;
	r = num_parse_u64(s, 10, &v);
	if (r < 0)
		return r;
	if (v > (uint64_t)INT32_MAX + (uint64_t)negative)
		return -ERANGE;
	*ret = (int)(negative ? -(int64_t)v : (int64_t)v);
	return 0;
}

int num_parse_size_n(const char *s, size_t n, uint64_t *ret_bytes)
{
	static const char units[] = "kmgt";
	unsigned shift = 0;
	uint64_t v;
	int r;

	/* "b" may be a digit of a hexadecimal number, so it counts as the unit only behind a letter of one. */
	if (n >= 3 && lower(s[n - 1]) == 'b' && lower(s[n - 2]) == 'i' && strchr(units, lower(s[n - 3])))
		n -= 2;
	else if (n >= 2 && lower(s[n - 1]) == 'b' && strchr(units, lower(s[n - 2])))
		n -= 1;
	if (n >= 2 && s[n - 1] && strchr(units, lower(s[n - 1]))) {
		shift = 10 * (unsigned)(strchr(units, lower(s[n - 1])) - units + 1);
		n--;
	}
	r = num_parse_u64_n(s, n, 0, &v);
	if (r < 0)
		return r;
	if (v > UINT64_MAX >> shift)
		return -ERANGE;
	*ret_bytes = v << shift;
	return 0;
}

int num_parse_size(const char *s, uint64_t *ret_bytes)
{
	return num_parse_size_n(s, strlen(s), ret_bytes);
}

static int duration_unit(const char *s, uint64_t *ret_ns)
{
	static const struct {
		const char *name;
		uint64_t ns;
	} units[] = {
		{ "", NS_PER_S },  { "ns", 1 },          { "us", 1000 },         { "ms", 1000000 },
		{ "s", NS_PER_S }, { "m", 60 * NS_PER_S }, { "h", 3600 * NS_PER_S },
	};

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(s, units[i].name) != 0)
			continue;
		*ret_ns = units[i].ns;
		return 0;
	}
	return -EINVAL;
}

int num_parse_duration(const char *s, uint64_t *ret_ns)
{
	uint64_t whole, unit, nano = 0, scale = NS_PER_S;
	size_t n = 0;
	int r;

	while (digit_of(s[n]) < 10)
		n++;
	r = num_parse_u64_n(s, n, 10, &whole);
	if (r < 0)
		return r;
	s += n;
	if (*s == '.') {
		/* The decimals as billionths of the unit. */
		for (s++; digit_of(*s) < 10 && scale > 1; s++) {
			scale /= 10;
			nano += digit_of(*s) * scale;
		}
		if (scale == NS_PER_S)
			return -EINVAL;
	}
	r = duration_unit(s, &unit);
	if (r < 0)
		return r;
	if (__builtin_mul_overflow(whole, unit, &whole))
		return -ERANGE;
	/* Split so that nano * unit cannot overflow: the largest unit is 3600 seconds. */
	nano = unit >= NS_PER_S ? nano * (unit / NS_PER_S) : nano * unit / NS_PER_S;
	if (__builtin_add_overflow(whole, nano, &whole))
		return -ERANGE;
	*ret_ns = whole;
	return 0;
}

int num_parse_percent(const char *s, unsigned *ret_percent)
{
	size_t n = strlen(s);
	uint64_t v;
	int r;

	if (n > 0 && s[n - 1] == '%')
		n--;
	r = num_parse_u64_n(s, n, 10, &v);
	if (r < 0)
		return r;
	if (v > 100)
		return -ERANGE;
	*ret_percent = (unsigned)v;
	return 0;
}
