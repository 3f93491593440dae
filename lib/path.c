/* pure */
/* path.c: the text functions of path.h. */
#include "lib/path.h"

#include "lib/errno.h"
#include "lib/str.h"

bool path_next(const char **at, const char **ret_name, size_t *ret_len)
{
	const char *p = *at;
	const char *name;

	while (*p == '/')
		p++;
	if (!*p) {
		*at = p;
		return false;
	}
	name = p;
	while (*p && *p != '/')
		p++;
	*ret_name = name;
	*ret_len = (size_t)(p - name);
	*at = p;
	return true;
}

bool path_at_end(const char *at)
{
	while (*at == '/')
		at++;
	return !*at;
}

bool path_is_dot(const char *name, size_t len)
{
	return len == 1 && name[0] == '.';
}

bool path_is_dotdot(const char *name, size_t len)
{
	return len == 2 && name[0] == '.' && name[1] == '.';
}

/* Removes the last component of OUT, of length LEN; returns the new length. */
static size_t cut_last(const char *out, size_t len)
{
	while (len > 0 && out[len - 1] != '/')
		len--;
	/* The slash goes too, unless it is the root. */
	return len > 1 ? len - 1 : len;
}

static bool last_is_dotdot(const char *out, size_t len)
{
	return len >= 2 && path_is_dotdot(out + len - 2, 2) && (len == 2 || out[len - 3] == '/');
}

/* Appends PATH's components to the normal form in OUT, of length LEN (0: empty relative). */
static int append(const char *path, char *out, size_t len, size_t size)
{
	const char *name;
	size_t n;

	while (path_next(&path, &name, &n)) {
		bool separate = len > 0 && out[len - 1] != '/';

		if (path_is_dot(name, n))
			continue;
		if (path_is_dotdot(name, n)) {
			if (len == 1 && out[0] == '/')
				continue;
			if (len > 0 && !last_is_dotdot(out, len)) {
				len = cut_last(out, len);
				continue;
			}
		}
		if (n >= size - len || separate > size - len - n - 1)
			return -ENAMETOOLONG;
		if (separate)
			out[len++] = '/';
		memcpy(out + len, name, n);
		len += n;
	}
	out[len] = '\0';
	return (int)len;
}

static int finish(int len, char *out, size_t size)
{
	if (len != 0)
		return len;
	if (size < 2)
		return -ENAMETOOLONG;
	out[0] = '.';
	out[1] = '\0';
	return 1;
}

int path_normalise(const char *path, char *out, size_t size)
{
	size_t len = 0;

	if (size < 2)
		return -ENAMETOOLONG;
	if (*path == '/')
		out[len++] = '/';
	return finish(append(path, out, len, size), out, size);
}

int path_join(const char *base, const char *name, char *out, size_t size)
{
	size_t len = 0;
	int r;

	if (*name == '/')
		return path_normalise(name, out, size);
	if (size < 2)
		return -ENAMETOOLONG;
	if (*base == '/')
		out[len++] = '/';
	r = append(base, out, len, size);
	if (r < 0)
		return r;
	return finish(append(name, out, (size_t)r, size), out, size);
}

const char *path_basename(const char *path)
{
	const char *at = path, *name = "", *last = "";
	size_t n;

	while (path_next(&at, &name, &n))
		last = name;
	return last;
}
