/* fuzz_symidx.c: a hostile symbol index: nothing outside the file is read, every name ends, every look-up too. */
#include "lib/symidx.h"

#include <stdlib.h>
#include <string.h>

#include "lib/errno.h"

struct file {
	const uint8_t *data;
	size_t size;
	size_t reads;
};

static int read_at(void *ctx, uint64_t offset, void *buf, size_t n)
{
	struct file *f = ctx;

	if (offset > f->size || n > f->size - offset)
		abort();
	f->reads++;
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

	r = symidx_by_name(s, "main", &symbol, &count);
	if (r == 0 && strcmp(symbol.name, "main") != 0)
		abort();
	r = symidx_by_addr(s, s->header.base + 0x100, &symbol, &offset);
	if (r == 0)
		look(NULL, &symbol);
	symidx_foreach(s, "*a?b*", look, NULL);
}

/* The counts must match the size, which a fuzzer finds late: set them. A third of the input becomes names. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct symidx_header h = { .version = SYMIDX_VERSION, .base = 0x40000000 };
	struct file f = { data, size, 0 };
	struct symidx s;
	uint8_t *whole;

	if (symidx_open(&s, read_at, &f, size) == 0)
		query(&s);
	memcpy(h.magic, SYMIDX_MAGIC, sizeof(h.magic));
	h.count = (uint32_t)(size / 36);
	h.strings_size = (uint32_t)(size - h.count * 24u);
	whole = malloc(sizeof(h) + size);
	memcpy(whole, &h, sizeof(h));
	if (size)
		memcpy(whole + sizeof(h), data, size);
	f = (struct file){ whole, sizeof(h) + size, 0 };
	if (symidx_open(&s, read_at, &f, f.size) < 0)
		abort();
	query(&s);
	free(whole);
	return 0;
}
