/* pure */
/*
 * path.h: path names as text: their components, and the lexical normal form. Nothing here looks at a file system, so
 * symbolic links are the caller's matter.
 */
#ifndef LIB_PATH_H
#define LIB_PATH_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Takes the next component from *AT, which it advances past it: true, the component (not terminated) in *ret_name and
 * its length in *ret_len; false when none is left. Empty components are skipped; "." and ".." are handed out.
 */
bool path_next(const char **at, const char **ret_name, size_t *ret_len);

/* True if nothing but slashes is left of AT: the component just taken was the last. */
bool path_at_end(const char *at);

/* True for the names "." and "..". */
bool path_is_dot(const char *name, size_t len);
bool path_is_dotdot(const char *name, size_t len);

/*
 * Writes PATH without empty, "." and ".." components to OUT (SIZE bytes with the NUL). A ".." that would climb above
 * the root vanishes; leading ones of a relative path stay. The result is never empty: "/" or ".". Returns its length,
 * or -ENAMETOOLONG. OUT must not overlap PATH.
 */
int path_normalise(const char *path, char *out, size_t size);

/* The normal form of NAME seen from the directory BASE; an absolute NAME ignores BASE. -ENAMETOOLONG as above. */
int path_join(const char *base, const char *name, char *out, size_t size);

/* The last component of PATH (within PATH, not copied), with what follows it; "" for "/" and "". */
const char *path_basename(const char *path);

#endif
