/* pure */
/*
 * cfi_internal.h: between the files of lib/cfi*.c: reading bytes, and a function's instructions.
 */
#ifndef LIB_CFI_INTERNAL_H
#define LIB_CFI_INTERNAL_H

#include "lib/cfi.h"

#define RA 16 /* x86-64's column of the return address */

/* Reads on to the end; what lies beyond is 0 and sets bad. */
struct reader {
	const uint8_t *at, *end;
	bool bad;
};

/* cfi_reader.c: numbers of n <= 8 bytes, and DWARF's of any length (DWARF 5, 7.6). */
uint64_t cfi_bytes(struct reader *r, unsigned n);
uint64_t cfi_uleb(struct reader *r);
int64_t cfi_sleb(struct reader *r);
/* The next n bytes, which r is behind then. */
struct reader cfi_block(struct reader *r, uint64_t n);
/* An address as a CIE's augmentation says (LSB, Core, 10.5.1), `here` being its own: the encodings of gcc and clang. */
uint64_t cfi_address(struct reader *r, uint8_t encoding, uint64_t here);

struct cie {
	uint64_t code_align;
	int64_t data_align;
	uint8_t encoding; /* of addresses; 0: absolute */
	bool augmented;
	struct reader instructions;
};

/* cfi_run.c: does the CIE's instructions, then the function's, and tells the rules from `from` to `to`. False if they
 * are broken. */
bool cfi_run(const struct cie *cie, struct reader instructions, uint64_t from, uint64_t to, cfi_row row, void *context);

#endif
