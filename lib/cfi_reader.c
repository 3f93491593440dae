/* pure */
/*
 * cfi_reader.c: see cfi_internal.h.
 */
#include "lib/cfi_internal.h"

#include "lib/str.h"

uint64_t cfi_bytes(struct reader *r, unsigned n)
{
	uint64_t v = 0;

	if ((size_t)(r->end - r->at) < n) {
		r->bad = true;
		r->at = r->end;
		return 0;
	}
	memcpy(&v, r->at, n);
	r->at += n;
	return v;
}

uint64_t cfi_uleb(struct reader *r)
{
	uint64_t v = 0;
	uint8_t byte;

	for (unsigned shift = 0;; shift += 7) {
		byte = (uint8_t)cfi_bytes(r, 1);
		if (shift < 64)
			v |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			return v;
	}
}

int64_t cfi_sleb(struct reader *r)
{
	uint64_t v = 0;
	unsigned shift = 0;
	uint8_t byte;

	do {
		byte = (uint8_t)cfi_bytes(r, 1);
		if (shift < 64)
			v |= (uint64_t)(byte & 0x7f) << shift;
		shift += 7;
	} while (byte & 0x80);
	if (shift < 64 && (byte & 0x40))
		v |= ~0ULL << shift;
	return (int64_t)v;
}

struct reader cfi_block(struct reader *r, uint64_t n)
{
	struct reader block = {r->at, r->at, false};

	if (n > (size_t)(r->end - r->at)) {
		r->bad = true;
		r->at = r->end;
		return block;
	}
	r->at += n;
	block.end = r->at;
	return block;
}

uint64_t cfi_address(struct reader *r, uint8_t encoding, uint64_t here)
{
	uint64_t v;

	switch (encoding & 0x0f) {
	case 0x03:
		v = cfi_bytes(r, 4);
		break;
	case 0x0b:
		v = (uint64_t)(int64_t)(int32_t)cfi_bytes(r, 4);
		break;
	case 0x00:
	case 0x04:
	case 0x0c:
		v = cfi_bytes(r, 8);
		break;
	default:
		r->bad = true;
		return 0;
	}
	switch (encoding & 0x70) {
	case 0x00:
		return v;
	case 0x10:
		return v + here;
	default:
		r->bad = true;
		return 0;
	}
}
