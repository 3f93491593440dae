/* pure */
/*
 * cfi.c: see cfi.h: the entries of a section.
 */
#include "lib/cfi_internal.h"

#include "lib/errno.h"
#include "lib/str.h"

/* Behind the identification: DWARF 5, 6.4.1. */
static bool read_cie(struct reader r, bool eh, struct cie *ret)
{
	struct cie c = {0};
	uint64_t version = cfi_bytes(&r, 1);
	const char *augmentation = (const char *)r.at;

	while (cfi_bytes(&r, 1))
		;
	if (r.bad || (version != 1 && version != 3 && version != 4))
		return false;
	/* Sizes of an address and of a segment's selector. */
	if (version == 4 && (cfi_bytes(&r, 1) != 8 || cfi_bytes(&r, 1) != 0))
		return false;
	c.code_align = cfi_uleb(&r);
	c.data_align = cfi_sleb(&r);
	if ((version == 1 ? cfi_bytes(&r, 1) : cfi_uleb(&r)) != RA)
		return false;
	if (augmentation[0] == 'z' && eh) {
		struct reader data = cfi_block(&r, cfi_uleb(&r));

		c.augmented = true;
		for (const char *a = augmentation + 1; *a; a++) {
			if (*a == 'R')
				c.encoding = (uint8_t)cfi_bytes(&data, 1);
			else if (*a == 'L')
				cfi_bytes(&data, 1);
			else if (*a == 'P')
				cfi_address(&data, (uint8_t)cfi_bytes(&data, 1) & 0x0f, 0);
			else if (*a != 'S' && *a != 'B')
				return false;
		}
		r.bad |= data.bad;
	} else if (augmentation[0]) {
		return false;
	}
	c.instructions = r;
	*ret = c;
	return !r.bad;
}

static bool read_fde(struct reader r, const struct cie *cie, const uint8_t *section, uint64_t address, cfi_row row,
		     void *context)
{
	uint64_t from, length, to;

	from = cfi_address(&r, cie->encoding, address + (uint64_t)(r.at - section));
	length = cfi_address(&r, cie->encoding & 0x0f, 0);
	if (cie->augmented)
		cfi_block(&r, cfi_uleb(&r));
	if (r.bad || __builtin_add_overflow(from, length, &to))
		return false;
	return cfi_run(cie, r, from, to, row, context);
}

/* The entry at r: its contents behind the length, and their start; false: there is none. */
static bool next_entry(struct reader *r, struct reader *ret, bool *wide)
{
	uint64_t length = cfi_bytes(r, 4);

	*wide = length == 0xffffffff;
	if (*wide)
		length = cfi_bytes(r, 8);
	*ret = cfi_block(r, length);
	return !r->bad && length;
}

/* The CIE that an FDE refers to, in .debug_frame by its place, in .eh_frame by how far before the reference. */
static bool find_cie(const uint8_t *section, size_t size, bool eh, uint64_t at, struct cie *ret)
{
	struct reader r = {section, section + size, false}, entry;
	uint64_t id;
	bool wide;

	if (at >= size)
		return false;
	r.at += at;
	if (!next_entry(&r, &entry, &wide))
		return false;
	id = cfi_bytes(&entry, wide && !eh ? 8 : 4);
	return id == (eh ? 0 : wide ? UINT64_MAX : UINT32_MAX) && read_cie(entry, eh, ret);
}

int cfi_read(const void *bytes, size_t size, bool eh, uint64_t address, cfi_row row, void *context)
{
	const uint8_t *section = bytes;
	struct reader r = {section, section + size, false}, entry;
	uint64_t cie_at = 0, at, id;
	struct cie cie;
	int functions = 0;
	bool wide, known = false, bad = false;

	while (r.at < r.end) {
		if (!next_entry(&r, &entry, &wide)) {
			if (r.bad)
				return -EBADMSG;
			continue; /* an end mark; .eh_frame of several files may have more behind it */
		}
		at = (uint64_t)(entry.at - section);
		id = cfi_bytes(&entry, wide && !eh ? 8 : 4);
		if (entry.bad)
			return -EBADMSG;
		if (id == (eh ? 0 : wide ? UINT64_MAX : UINT32_MAX))
			continue;
		if (eh)
			id = at - id;
		/* Most functions have the CIE of the one before. */
		if (!known || id != cie_at)
			known = find_cie(section, size, eh, id, &cie);
		cie_at = id;
		if (!known) {
			bad = true;
			continue;
		}
		functions++;
		bad |= !read_fde(entry, &cie, section, address, row, context);
	}
	return bad ? -EBADMSG : functions;
}
