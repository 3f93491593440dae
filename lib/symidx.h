/* pure */
/*
 * symidx.h: a compact index of an image's symbols, made on the host from the unstripped image (host/mksymidx.c), looked
 * up by name and by address without reading the whole file. The guest carries no symbol table; it reads this file when
 * an operator asks.
 *
 * The file, little-endian:
 *
 *     struct symidx_header
 *     struct symidx_record  [count]     ascending by offset; of equal ones local first, then smaller first
 *     struct symidx_hash    [count]     ascending by hash, then by record
 *     char                  [strings_size]   NUL-terminated names
 *
 * A file is not trusted: every field is checked where it is used, a damaged one gives -EBADMSG, and no look-up reads
 * more than SYMIDX_SCAN_MAX records.
 */
#ifndef LIB_SYMIDX_H
#define LIB_SYMIDX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SYMIDX_MAGIC    "uIOsymix"
#define SYMIDX_VERSION  1
#define SYMIDX_NAME_MAX 127  /* bytes without the NUL; longer names are not in the index */
#define SYMIDX_SCAN_MAX 4096 /* records with one hash, or at one address */
#define SYMIDX_ID_MAX   32

struct symidx_header {
	uint8_t magic[8];
	uint32_t version;
	uint32_t count;
	uint32_t strings_size;
	uint32_t build_id_size; /* <= SYMIDX_ID_MAX; 0: the image has none */
	uint64_t base;          /* what the records' offsets are relative to */
	uint8_t build_id[SYMIDX_ID_MAX];
};
_Static_assert(sizeof(struct symidx_header) == 64, "written to files");

struct symidx_record {
	uint32_t offset; /* address - base */
	uint32_t size;   /* 0: unknown */
	uint32_t name;   /* offset in the strings */
	uint8_t type;    /* enum symidx_type */
	uint8_t flags;   /* SYMIDX_* */
	uint16_t zero;
};
_Static_assert(sizeof(struct symidx_record) == 16, "written to files");

struct symidx_hash {
	uint32_t hash; /* hash_string() of the name */
	uint32_t record;
};
_Static_assert(sizeof(struct symidx_hash) == 8, "written to files");

enum symidx_type {
	SYMIDX_FUNCTION = 1,
	SYMIDX_OBJECT = 2,
	SYMIDX_LABEL = 3, /* from assembly: neither of both is known */
};

enum {
	SYMIDX_LOCAL = 1,  /* visible in one source file only */
	SYMIDX_UNIQUE = 2, /* symidx_by_name() finds it: the only global one, or the only local one and no global */
	SYMIDX_KERNEL = 4, /* part of the kernel: for backtraces; symidx_by_name() does not see it */
};

struct symidx {
	/* Reads exactly N bytes at OFFSET of the file into BUF, or fails with a negative errno. May block. */
	int (*read_at)(void *ctx, uint64_t offset, void *buf, size_t n);
	void *ctx;
	uint64_t hashes_at, strings_at; /* offsets in the file */
	struct symidx_header header;
};

struct symidx_symbol {
	uint64_t address;
	uint32_t size;
	uint8_t type;
	uint8_t flags;
	char name[SYMIDX_NAME_MAX + 1];
};

/*
 * Opens an index of FILE_SIZE bytes. -EBADMSG if it is none, of another version, or its size does not match its counts;
 * what read_at returned. There is nothing to close.
 */
int symidx_open(struct symidx *s, int (*read_at)(void *ctx, uint64_t offset, void *buf, size_t n), void *ctx,
		uint64_t file_size);

/* True if the index was made from the image with this build-id. */
bool symidx_matches(const struct symidx *s, const void *build_id, size_t size);

/* Symbol I in the order of addresses; -ENOENT beyond the last. */
int symidx_at(const struct symidx *s, uint32_t i, struct symidx_symbol *ret);

/*
 * The application's symbol NAME as a linker that also sees file-local ones would bind it: the global one; else the only
 * local one. -ENOENT if there is none; -EEXIST if only several local ones bear the name. *ret_count (may be null) is
 * then, and on success, how many bear it in all.
 */
int symidx_by_name(const struct symidx *s, const char *name, struct symidx_symbol *ret, uint32_t *ret_count);

/*
 * The symbol that ADDRESS lies in, the kernel's included, and how far behind its start. A symbol without a size reaches
 * to the next one, at most 64 KiB. -ENOENT if there is none.
 */
int symidx_by_addr(const struct symidx *s, uint64_t address, struct symidx_symbol *ret, uint64_t *ret_offset);

/*
 * Calls FN for each symbol whose name matches PATTERN (* and ?, else literally; a plain word matches itself only), in
 * the order of addresses, until FN returns other than 0, which is then returned.
 */
int symidx_foreach(const struct symidx *s, const char *pattern,
		   int (*fn)(void *ctx, const struct symidx_symbol *symbol), void *fn_ctx);

/* True if NAME matches PATTERN as above. */
bool symidx_glob(const char *pattern, const char *name);

#endif
