/*
 * symbols.h: the symbol table of an image or a program: names to addresses for binding, addresses to names for reports.
 */
#ifndef HOST_SYMBOLS_H
#define HOST_SYMBOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct symbol {
	const char *name;
	const char *file;	/* of a file-local symbol, else NULL */
	uint64_t address;
	uint64_t size;
	uint8_t type;		/* STT_* */
	bool local;
};

struct symbols {
	struct symbol *list;	/* sorted by address */
	size_t count;
	struct symbols_file *file;	/* owns the strings */
};

/* Returns 0, -ENOENT (no such file), -ENODATA (it has no symbol table), -EINVAL (it is no ELF file). */
int symbols_load(const char *path, struct symbols **ret_symbols);
void symbols_free(struct symbols *s);

/*
 * Looks a name up as a linker that may also see file-local symbols: a global one wins; else the only local one.
 * Returns 0; -ENOENT; -EEXIST with *ret_text naming the files when several local ones have the name. The caller
 * frees *ret_text.
 */
int symbols_find(const struct symbols *s, const char *name, const struct symbol **ret_symbol, char **ret_text);

/* The function or object at or before an address, at most its size (or 1 KiB, if it has none) away; or NULL. */
const struct symbol *symbols_at(const struct symbols *s, uint64_t address);

/* The build-id in hexadecimal digits; "" if the file has none. The caller frees. */
char *symbols_build_id(const char *path);

/* True if both files have the same build-id, or one of them has none. */
bool symbols_same_build(const char *a, const char *b);

#endif
