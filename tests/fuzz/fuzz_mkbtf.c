/*
 * fuzz_mkbtf.c: debugging information of any content on its way to BTF (host/mkbtf*.c): it is refused with a message, or types
 * come out of it that the reader of BTF can look at. An input is one file's sections or two files', each with its length before
 * it: .debug_info, .debug_abbrev, .debug_str, .debug_line_str, .debug_str_offsets.
 */
#undef free /* which is the tool's here (fuzz_mkbtf.sources) */
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/btf.h"
#include "host/mkbtf.h"
#include "tests/bpf/heap.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
void tool_free(void *p);

/* Between these two the kernel's code lies. */
#define KERNEL_START 0x1000
#define KERNEL_END   0x2000
#define BLOCKS_MAX   65536

static jmp_buf failed;
static void *blocks[BLOCKS_MAX];	/* of the tool's, which does not give back all */
static unsigned blocks_end;

void fail(const char *format, ...)
{
	longjmp(failed, 1);
}

void tool_free(void *p)
{
	for (unsigned i = blocks_end; p && i--;)
		if (blocks[i] == p) {
			blocks[i] = blocks[--blocks_end];
			free(p);
			return;
		}
	if (p)
		abort();
}

void *more(void *old, size_t count, size_t size)
{
	void *p;

	for (unsigned i = 0; old && i < blocks_end; i++)
		if (blocks[i] == old) {
			blocks[i] = blocks[--blocks_end];
			break;
		}
	p = reallocarray(old, count ? count : 1, size);
	if (!p || blocks_end == BLOCKS_MAX)
		abort();
	return blocks[blocks_end++] = p;
}

/* A section, copied: what lies behind it is out of bounds. */
static struct bytes section(const uint8_t **at, size_t *left)
{
	size_t n = *left < 2 ? 0 : (size_t)(*at)[0] << 8 | (*at)[1];
	uint8_t *copy;

	*at += *left < 2 ? *left : 2;
	*left -= *left < 2 ? *left : 2;
	n = n < *left ? n : *left;
	copy = more(NULL, n, 1);
	memcpy(copy, *at, n);
	*at += n;
	*left -= n;
	return (struct bytes){copy, n};
}

static void read_types(struct types *t, uint64_t base, const uint8_t **at, size_t *left)
{
	struct dwarf d = {.base = base};

	d.info = section(at, left);
	d.abbrev = section(at, left);
	d.str = section(at, left);
	d.line_str = section(at, left);
	d.str_offsets = section(at, left);
	types_read(t, &d);
}

static void look(const uint8_t *bytes, size_t size)
{
	struct bpf_mem mem = {.alloc = heap_alloc, .free = heap_free, .budget = 64u << 20};
	struct btf btf;
	const char *why;

	if (btf_open(bytes, size, &mem, &btf, &why) == 0)
		btf_close(&btf);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct types t = {.kernel_start = KERNEL_START, .kernel_end = KERNEL_END};
	uint8_t *made;
	size_t n;

	if (!setjmp(failed)) {
		read_types(&t, 0, &data, &size);
		if (size)
			read_types(&t, 1ull << 48, &data, &size);
		types_split_arrays(&t);
		types_digest(&t);
		types_rename(&t);
		types_digest(&t);
		made = btf_make(&t, "build-id 00", &n);
		look(made, n);
	}
	while (blocks_end)
		free(blocks[--blocks_end]);
	return 0;
}
