/* fuzz_symidx.c: a hostile symbol index: nothing outside the file is read, every name ends, every look-up too. The input
 * is a file as it is, then the part of one behind a header that fits, then records of a file whose tables fit. */
#include "lib/symidx.h"

#include <stdlib.h>
#include <string.h>

#include "lib/errno.h"
#include "lib/hash.h"

#define RECORDS_MAX 64

struct file {
	const uint8_t *data;
	size_t size;
	uint64_t broken;	/* reads from here on fail; 0: none does */
};

static const char *const names[] = { "main", "a", "b", "aab", "xaxb", "a_b_c" };

static int read_at(void *ctx, uint64_t offset, void *buf, size_t n)
{
	struct file *f = ctx;

	if (offset > f->size || n > f->size - offset)
		abort();
	if (f->broken && offset >= f->broken)
		return -EIO;
	memcpy(buf, f->data + offset, n);
	return 0;
}

static int look(void *ctx, const struct symidx_symbol *s)
{
	(void)ctx;
	if (!memchr(s->name, '\0', sizeof(s->name)))
		abort();
	return 0;
}

static void query(const struct symidx *s)
{
	struct symidx_symbol symbol;
	uint64_t offset;
	uint32_t count;
	int r;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		r = symidx_by_name(s, names[i], &symbol, &count);
		if (r == 0 && strcmp(symbol.name, names[i]) != 0)
			abort();
	}
	for (uint64_t at = 0; at < 0x400; at += 0x40) {
		r = symidx_by_addr(s, s->header.base + at - 0x40, &symbol, &offset);
		if (r == 0)
			look(NULL, &symbol);
	}
	symidx_foreach(s, "*a?b*", look, NULL);
	symidx_matches(s, names[0], 4);
}

static void open_and_query(const uint8_t *data, size_t size, uint64_t broken, bool must)
{
	struct file f = { data, size, broken };
	struct symidx s;

	if (symidx_open(&s, read_at, &f, size) == 0)
		query(&s);
	else if (must)
		abort();
}

/* The counts must match the size, which a fuzzer finds late: set them. A third of the input becomes names. */
static void with_header(const uint8_t *data, size_t size)
{
	struct symidx_header h = { .version = SYMIDX_VERSION, .base = 0x40000000 };
	uint8_t *whole = malloc(sizeof(h) + size);

	memcpy(h.magic, SYMIDX_MAGIC, sizeof(h.magic));
	h.count = (uint32_t)(size / 36);
	h.strings_size = (uint32_t)(size - h.count * 24u);
	memcpy(whole, &h, sizeof(h));
	if (size)
		memcpy(whole + sizeof(h), data, size);
	open_and_query(whole, sizeof(h) + size, 0, true);
	free(whole);
}

static int by_hash(const void *a, const void *b)
{
	const struct symidx_hash *x = a, *y = b;

	return x->hash < y->hash ? -1 : x->hash > y->hash;
}

/* A sound file with names that are asked for; the last bytes of the input then break it at one place. */
static void with_tables(const uint8_t *data, size_t size)
{
	static struct {
		struct symidx_header h;
		uint8_t rest[RECORDS_MAX * 24 + 64];
	} file;
	struct symidx_record *records = (void *)file.rest;
	uint32_t count = (uint32_t)(size / 4 < RECORDS_MAX ? size / 4 : RECORDS_MAX), used = 0, offset = 0;
	struct symidx_hash *hashes = (void *)(records + count);
	uint32_t name_at[sizeof(names) / sizeof(names[0])];
	char *strings = (char *)(hashes + count);
	size_t whole;

	if (size < 4)
		return;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		name_at[i] = used;
		memcpy(strings + used, names[i], strlen(names[i]) + 1);
		used += (uint32_t)strlen(names[i]) + 1;
	}
	file.h = (struct symidx_header){ .version = SYMIDX_VERSION, .count = count, .strings_size = used,
					 .base = 0x40000000, .build_id_size = data[0] % 33 };
	memcpy(file.h.magic, SYMIDX_MAGIC, sizeof(file.h.magic));
	memcpy(file.h.build_id, "main", 4);
	for (uint32_t i = 0; i < count; i++) {
		const uint8_t *d = data + i * 4;
		unsigned name = d[0] % (sizeof(names) / sizeof(names[0]));

		offset += d[1];
		records[i] = (struct symidx_record){ offset, d[2], name_at[name], d[3] & 3, d[3] >> 4 & 7, 0 };
		hashes[i] = (struct symidx_hash){ hash_string(names[name]), i };
	}
	qsort(hashes, count, sizeof(*hashes), by_hash);
	whole = (size_t)(strings + used - (char *)&file);
	open_and_query((uint8_t *)&file, whole, 0, true);
	open_and_query((uint8_t *)&file, whole, 1 + (data[0] | (size_t)data[1] << 8) % whole, false);
	((uint8_t *)&file)[(data[size - 4] | (size_t)data[size - 3] << 8) % whole] = data[size - 2];
	open_and_query((uint8_t *)&file, whole, 0, false);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	open_and_query(data, size, 0, false);
	with_header(data, size);
	with_tables(data, size);
	return 0;
}
