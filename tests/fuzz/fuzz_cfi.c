/* fuzz_cfi.c: hostile call frame information, and hostile tables of it: nothing outside the input is read, ranges
 * ascend, what is told fits into a table, and every look-up in a table that was accepted ends in one of its rules. */
#include "lib/cfi.h"
#include "lib/unwind_table.h"

#include <stdlib.h>
#include <string.h>

struct told {
	unsigned count;
};

static void on_row(void *context, uint64_t from, uint64_t to, const struct unwind_rule *rule)
{
	/* A table of this rule alone. */
	struct __attribute__((packed)) {
		struct unwind_header h;
		struct unwind_block block[2];
		struct unwind_rule rule[2];
		struct unwind_row row;
	} one = {
		.h = {.magic = UNWIND_MAGIC,
		      .version = UNWIND_VERSION,
		      .block_count = 1,
		      .rule_count = 2,
		      .row_count = 1},
		.block = {{1, 0}, {2, 1}},
		.rule = {{0}, *rule},
		.row = {5, 1},
	};
	struct told *told = context;
	_Alignas(8) char bytes[sizeof(one)];
	struct unwind_table t;

	if (from >= to)
		abort();
	told->count++;
	memcpy(bytes, &one, sizeof(one));
	if (unwind_table_open(bytes, sizeof(bytes), &t) < 0 ||
	    memcmp(unwind_table_find(&t, 0x10006), rule, sizeof(*rule)) != 0)
		abort();
}

/* The input as instructions of a function behind a sound CIE. */
static void as_instructions(const uint8_t *data, size_t size)
{
	static const uint8_t cie[] = {16, 0,	0,  0,	  0xff, 0xff, 0xff, 0xff, 1, 0,
				      1,  0x78, 16, 0x0c, 7,	8,    0x90, 1,	  0, 0};
	uint8_t *section = malloc(sizeof(cie) + 24 + size);
	struct {
		uint32_t length, cie;
		uint64_t from, bytes;
	} fde = {(uint32_t)(20 + size), 0, 0x40100000, 0x10000};
	struct told told = {0};

	memcpy(section, cie, sizeof(cie));
	memcpy(section + sizeof(cie), &fde, 24);
	if (size)
		memcpy(section + sizeof(cie) + 24, data, size);
	cfi_read(section, sizeof(cie) + 24 + size, false, 0, on_row, &told);
	if (!told.count && !size)
		abort();
	free(section);
}

static void as_table(const uint8_t *data, size_t size)
{
	/* Counts must match the size, which a fuzzer finds late. */
	struct unwind_header h = {.magic = UNWIND_MAGIC, .version = UNWIND_VERSION, .block_count = 1, .rule_count = 1};
	size_t rest = size > 32 ? size - 32 : 0;
	char *bytes = malloc(sizeof(h) + size + 8);
	struct unwind_table t;

	h.rule_count = 1 + (uint32_t)(rest / 64);
	h.row_count = (uint32_t)((size - 16u * h.rule_count - 16) / 4);
	memcpy(bytes, &h, sizeof(h));
	if (size)
		memcpy(bytes + sizeof(h), data, size);
	for (unsigned as_it_is = 0; as_it_is < 2; as_it_is++) {
		if (unwind_table_open(bytes + as_it_is * sizeof(h), as_it_is ? size : sizeof(h) + size, &t) < 0)
			continue;
		for (uint64_t at = 0; at < 0x40000; at += 0x333)
			if (unwind_table_find(&t, at)->kind > UNWIND_CFA_DEREF)
				abort();
	}
	free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct told told = {0};

	cfi_read(data, size, false, 0, on_row, &told);
	cfi_read(data, size, true, 0x40000000, on_row, &told);
	as_instructions(data, size);
	as_table(data, size);
	return 0;
}
