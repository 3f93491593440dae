/*
 * mkbtf_dwarf.c: walks over the entries of .debug_info (DWARF 5, chapter 7; versions 2 to 5). Knows forms and
 * abbreviations, and nothing of types.
 */
#include <stdlib.h>
#include <string.h>

#include "host/mkbtf.h"

struct reader {
	const char *section;
	const uint8_t *start, *at, *end;
};

struct attribute {
	uint32_t name, form;
	int64_t implicit;
};

struct abbreviation {
	uint32_t tag; /* 0: there is no such code */
	bool children;
	struct attribute *attributes;
	uint32_t count;
};

struct unit {
	const struct dwarf *d;
	uint64_t start; /* in .debug_info */
	unsigned version, address_size, offset_size;
	uint64_t str_offsets_base;
	struct abbreviation *abbreviations; /* by code */
	uint64_t abbreviation_count;
};

struct value {
	enum { NOTHING, NUMBER, SIGNED_NUMBER, REFERENCE, TEXT, BLOCK } is;
	uint64_t number;
	const char *text;
	struct bytes block;
};

static _Noreturn void damaged(const struct reader *r)
{
	fail("damaged debugging information: %s at 0x%zx", r->section, (size_t)(r->at - r->start));
}

static const uint8_t *take(struct reader *r, uint64_t n)
{
	const uint8_t *p = r->at;

	if (n > (uint64_t)(r->end - r->at))
		damaged(r);
	r->at += n;
	return p;
}

/* N little-endian bytes, at most 8. */
static uint64_t fixed(struct reader *r, unsigned n)
{
	const uint8_t *p = take(r, n);
	uint64_t v = 0;

	for (unsigned i = 0; i < n; i++)
		v |= (uint64_t)p[i] << 8 * i;
	return v;
}

/* DWARF 5, 7.6. */
static uint64_t leb(struct reader *r, bool is_signed)
{
	uint64_t v = 0;
	unsigned shift = 0;
	uint8_t b;

	do {
		b = *take(r, 1);
		if (shift < 64)
			v |= (uint64_t)(b & 0x7f) << shift;
		shift += 7;
	} while (b & 0x80);
	if (is_signed && shift < 64 && b & 0x40)
		v |= ~(uint64_t)0 << shift;
	return v;
}

static const char *string_at(const struct bytes *section, uint64_t offset)
{
	if (offset >= section->size || !memchr(section->at + offset, 0, section->size - offset))
		fail("damaged debugging information: a string at 0x%llx", (unsigned long long)offset);
	return (const char *)section->at + offset;
}

static const char *indexed_string(const struct unit *u, uint64_t index)
{
	const struct bytes *s = &u->d->str_offsets;
	struct reader r = {".debug_str_offsets", s->at, s->at, s->at + s->size};

	if (index > UINT32_MAX)
		damaged(&r);
	take(&r, u->str_offsets_base);
	take(&r, index * u->offset_size);
	return string_at(&u->d->str, fixed(&r, u->offset_size));
}

static struct value block(struct reader *r, uint64_t n)
{
	return (struct value){.is = BLOCK, .block = {take(r, n), n}};
}

static struct value number(uint64_t n)
{
	return (struct value){.is = NUMBER, .number = n};
}

static struct value reference(const struct unit *u, uint64_t n)
{
	return (struct value){.is = REFERENCE, .number = u->d->base + u->start + n};
}

static struct value text(const char *s)
{
	return (struct value){.is = TEXT, .text = s};
}

/* DWARF 5, table 7.6, and GNU's of older versions. */
static struct value read_value(const struct unit *u, struct reader *r, uint32_t form, int64_t implicit)
{
	const struct value nothing = {.is = NOTHING};
	const char *s;

	switch (form) {
	case 0x01: /* addr */
		return number(fixed(r, u->address_size));
	case 0x03: /* block2 */
		return block(r, fixed(r, 2));
	case 0x04: /* block4 */
		return block(r, fixed(r, 4));
	case 0x05: /* data2 */
		return number(fixed(r, 2));
	case 0x06: /* data4 */
		return number(fixed(r, 4));
	case 0x07: /* data8 */
		return number(fixed(r, 8));
	case 0x08: /* string */
		s = (const char *)r->at;
		take(r, strnlen(s, (size_t)(r->end - r->at)) + 1);
		return text(s);
	case 0x09: /* block */
	case 0x18: /* exprloc */
		return block(r, leb(r, false));
	case 0x0a: /* block1 */
		return block(r, fixed(r, 1));
	case 0x0b: /* data1 */
	case 0x0c: /* flag */
		return number(fixed(r, 1));
	case 0x0d: /* sdata */
		return (struct value){.is = SIGNED_NUMBER, .number = leb(r, true)};
	case 0x0e: /* strp */
		return text(string_at(&u->d->str, fixed(r, u->offset_size)));
	case 0x0f: /* udata */
		return number(leb(r, false));
	case 0x10: /* ref_addr: version 2 has an address there */
		return (struct value){.is = REFERENCE,
				      .number = u->d->base +
						fixed(r, u->version == 2 ? u->address_size : u->offset_size)};
	case 0x11: /* ref1 */
		return reference(u, fixed(r, 1));
	case 0x12: /* ref2 */
		return reference(u, fixed(r, 2));
	case 0x13: /* ref4 */
		return reference(u, fixed(r, 4));
	case 0x14: /* ref8 */
		return reference(u, fixed(r, 8));
	case 0x15: /* ref_udata */
		return reference(u, leb(r, false));
	case 0x16: /* indirect */
		form = (uint32_t)leb(r, false);
		if (form == 0x16 || form == 0x21)
			damaged(r);
		return read_value(u, r, form, 0);
	case 0x17: /* sec_offset */
		return number(fixed(r, u->offset_size));
	case 0x19: /* flag_present */
		return number(1);
	case 0x1a: /* strx */
		return text(indexed_string(u, leb(r, false)));
	case 0x25: /* strx1 to strx4 */
	case 0x26:
	case 0x27:
	case 0x28:
		return text(indexed_string(u, fixed(r, form - 0x24)));
	case 0x1b: /* addrx, loclistx, rnglistx; GNU_addr_index, GNU_str_index */
	case 0x22:
	case 0x23:
	case 0x1f01:
	case 0x1f02:
		leb(r, false);
		return nothing;
	case 0x1c: /* ref_sup4 */
		take(r, 4);
		return nothing;
	case 0x1d: /* strp_sup, GNU_ref_alt, GNU_strp_alt: in another file */
	case 0x1f20:
	case 0x1f21:
		take(r, u->offset_size);
		return nothing;
	case 0x1e: /* data16 */
		take(r, 16);
		return nothing;
	case 0x1f: /* line_strp */
		return text(string_at(&u->d->line_str, fixed(r, u->offset_size)));
	case 0x20: /* ref_sig8: in a type unit, which is not read */
	case 0x24: /* ref_sup8 */
		take(r, 8);
		return nothing;
	case 0x21: /* implicit_const */
		return (struct value){.is = SIGNED_NUMBER, .number = (uint64_t)implicit};
	case 0x29: /* addrx1 to addrx4 */
	case 0x2a:
	case 0x2b:
	case 0x2c:
		take(r, form - 0x28);
		return nothing;
	default:
		fail("debugging information of a form 0x%x that is not known", form);
	}
}

/* A member's place may be an expression: DW_OP_plus_uconst. */
static uint64_t location(const struct value *v)
{
	struct reader r;

	if (v->is != BLOCK)
		return v->number;
	r = (struct reader){".debug_info", v->block.at, v->block.at, v->block.at + v->block.size};
	return v->block.size > 1 && *take(&r, 1) == 0x23 ? leb(&r, false) : ABSENT;
}

static void keep(struct die *die, uint32_t attribute, const struct value *v)
{
	bool is_number = v->is == NUMBER || v->is == SIGNED_NUMBER;

	switch (attribute) {
	case 0x03:
		if (v->is == TEXT)
			die->name = v->text;
		return;
	case 0x1b:
		if (v->is == TEXT)
			die->folder = v->text;
		return;
	case 0x38:
		if (is_number || v->is == BLOCK)
			die->location = location(v);
		return;
	case 0x49:
		if (v->is == REFERENCE)
			die->type = v->number;
		return;
	default:
		break;
	}
	/* The rest is numbers: sizes given by an expression or another entry stay unknown. */
	if (!is_number)
		return;
	switch (attribute) {
	case 0x0b:
		die->byte_size = v->number;
		break;
	case 0x0c:
		die->bit_offset = v->number;
		break;
	case 0x0d:
		die->bit_size = v->number;
		break;
	case 0x11:
		die->low_pc = v->number;
		break;
	case 0x1c:
		die->value = v->number;
		die->value_signed = v->is == SIGNED_NUMBER;
		break;
	case 0x2f:
		die->upper_bound = v->number;
		break;
	case 0x37:
		die->count = v->number;
		break;
	case 0x3c:
		die->declaration = v->number != 0;
		break;
	case 0x3e:
		die->encoding = v->number;
		break;
	case 0x6b:
		die->data_bit_offset = v->number;
		break;
	}
}

static void add_attribute(struct abbreviation *a, struct attribute attribute)
{
	if (a->count % 16 == 0)
		a->attributes = more(a->attributes, a->count + 16, sizeof(a->attributes[0]));
	a->attributes[a->count++] = attribute;
}

/* DWARF 5, 7.5.3. */
static void read_abbreviations(struct unit *u, uint64_t offset)
{
	const struct bytes *s = &u->d->abbrev;
	struct reader r = {".debug_abbrev", s->at, s->at, s->at + s->size};
	uint64_t code;

	take(&r, offset);
	while ((code = leb(&r, false)) != 0) {
		struct abbreviation *a;

		/* Compilers count from 1. */
		if (code >= 1u << 20)
			damaged(&r);
		if (code >= u->abbreviation_count) {
			uint64_t count = code + 64;

			u->abbreviations = more(u->abbreviations, count, sizeof(*a));
			memset(u->abbreviations + u->abbreviation_count, 0,
			       (count - u->abbreviation_count) * sizeof(*a));
			u->abbreviation_count = count;
		}
		a = &u->abbreviations[code];
		a->tag = (uint32_t)leb(&r, false);
		a->children = fixed(&r, 1) != 0;
		for (;;) {
			uint32_t name = (uint32_t)leb(&r, false), form = (uint32_t)leb(&r, false);

			if (!name && !form)
				break;
			add_attribute(a, (struct attribute){name, form, form == 0x21 ? (int64_t)leb(&r, true) : 0});
		}
	}
}

static void walk_unit(struct unit *u, struct reader *r, void (*visit)(const struct die *die, void *arg), void *arg)
{
	unsigned depth = 0;

	while (r->at < r->end) {
		struct die die = {.offset = u->d->base + (uint64_t)(r->at - r->start), .depth = depth};
		uint64_t code = leb(r, false);
		const struct abbreviation *a;

		if (!code) {
			if (depth <= 1)
				return;
			depth--;
			continue;
		}
		if (code >= u->abbreviation_count || !u->abbreviations[code].tag)
			damaged(r);
		a = &u->abbreviations[code];
		die.tag = a->tag;
		die.byte_size = die.bit_size = die.bit_offset = die.data_bit_offset = die.location = ABSENT;
		die.encoding = die.count = die.upper_bound = die.low_pc = ABSENT;
		for (uint32_t i = 0; i < a->count; i++) {
			const struct attribute *attribute = &a->attributes[i];
			struct value v = read_value(u, r, attribute->form, attribute->implicit);

			if (attribute->name == 0x72 && v.is == NUMBER) /* str_offsets_base */
				u->str_offsets_base = v.number;
			else
				keep(&die, attribute->name, &v);
		}
		visit(&die, arg);
		if (a->children)
			depth++;
		else if (depth == 0)
			return;
	}
}

void dwarf_walk(const struct dwarf *d, void (*visit)(const struct die *die, void *arg), void *arg)
{
	struct reader r = {".debug_info", d->info.at, d->info.at, d->info.at + d->info.size};

	while (r.at < r.end) {
		struct unit u = {.d = d, .start = (uint64_t)(r.at - r.start), .offset_size = 4};
		uint64_t length = fixed(&r, 4), abbreviations;
		struct reader inside = r;
		unsigned kind = 1;

		if (length == 0xffffffff) {
			length = fixed(&r, 8);
			u.offset_size = 8;
			inside = r;
		}
		take(&r, length);
		inside.end = r.at;
		u.version = (unsigned)fixed(&inside, 2);
		if (u.version < 2 || u.version > 5)
			fail("debugging information of version %u, which is not known", u.version);
		if (u.version == 5) {
			kind = (unsigned)fixed(&inside, 1);
			u.address_size = (unsigned)fixed(&inside, 1);
			abbreviations = fixed(&inside, u.offset_size);
		} else {
			abbreviations = fixed(&inside, u.offset_size);
			u.address_size = (unsigned)fixed(&inside, 1);
		}
		if (u.address_size > 8)
			damaged(&inside);
		/* Type units and those of split debugging information are left out (DWARF 5, table 7.2). */
		if (kind != 1 && kind != 3)
			continue;
		/* Where nothing says otherwise the offsets begin behind the section's header. */
		u.str_offsets_base = u.offset_size == 4 ? 8 : 16;
		read_abbreviations(&u, abbreviations);
		walk_unit(&u, &inside, visit, arg);
		for (uint64_t i = 0; i < u.abbreviation_count; i++)
			free(u.abbreviations[i].attributes);
		free(u.abbreviations);
	}
}
