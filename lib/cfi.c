/* pure */
/*
 * cfi.c: see cfi.h. One function's instructions are done one after another on a state that says where the caller's
 * registers are; each advance of the address tells the state so far.
 */
#include "lib/cfi.h"

#include "lib/errno.h"
#include "lib/str.h"

#define RA	  16 /* x86-64's column of the return address */
#define COLUMNS	  17
#define SAVED_MAX 16 /* DW_CFA_remember_state inside each other */

/* Reads on to the end; what lies beyond is 0 and sets bad. */
struct reader {
	const uint8_t *at, *end;
	bool bad;
};

enum where {
	SAME,
	UNDEFINED,
	OFFSET,	    /* in memory at CFA + offset */
	VAL_OFFSET, /* it is CFA + offset */
	AT_RBP,	    /* in memory at rbp + offset */
	OTHER,
};

struct column {
	enum where where;
	int64_t offset;
};

struct state {
	bool known, deref;
	uint64_t reg;
	int64_t offset, add;
	struct column column[COLUMNS];
};

struct cie {
	uint64_t code_align;
	int64_t data_align;
	uint8_t encoding; /* of addresses; 0: absolute */
	bool augmented;
	struct reader instructions;
};

struct run {
	const struct cie *cie;
	struct state now, initial, saved[SAVED_MAX];
	unsigned saved_count;
	uint64_t at;
	bool bad;
	cfi_row row;
	void *context;
};

static uint64_t read_bytes(struct reader *r, unsigned n)
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

static uint64_t read_uleb(struct reader *r)
{
	uint64_t v = 0;
	uint8_t byte;

	for (unsigned shift = 0;; shift += 7) {
		byte = (uint8_t)read_bytes(r, 1);
		if (shift < 64)
			v |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			return v;
	}
}

static int64_t read_sleb(struct reader *r)
{
	uint64_t v = 0;
	unsigned shift = 0;
	uint8_t byte;

	do {
		byte = (uint8_t)read_bytes(r, 1);
		if (shift < 64)
			v |= (uint64_t)(byte & 0x7f) << shift;
		shift += 7;
	} while (byte & 0x80);
	if (shift < 64 && (byte & 0x40))
		v |= ~0ULL << shift;
	return (int64_t)v;
}

static struct reader read_block(struct reader *r, uint64_t n)
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

/* An address as a CIE's augmentation says (LSB, Core, 10.5.1): those that gcc and clang use. */
static uint64_t read_address(struct reader *r, uint8_t encoding, uint64_t here)
{
	uint64_t v;

	switch (encoding & 0x0f) {
	case 0x03:
		v = read_bytes(r, 4);
		break;
	case 0x0b:
		v = (uint64_t)(int64_t)(int32_t)read_bytes(r, 4);
		break;
	case 0x00:
	case 0x04:
	case 0x0c:
		v = read_bytes(r, 8);
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

static int64_t times(int64_t a, int64_t b)
{
	int64_t v;

	return __builtin_mul_overflow(a, b, &v) ? INT64_MAX : v;
}

#define DW_OP_deref	  0x06
#define DW_OP_plus_uconst 0x23
#define DW_OP_breg0	  0x70

/* "breg N, offset" with nothing, or with "deref" and perhaps "plus" behind it. */
static bool read_expression(struct reader e, uint64_t *reg, int64_t *offset, bool *deref, int64_t *add)
{
	uint64_t op = read_bytes(&e, 1);

	*reg = op - DW_OP_breg0;
	*offset = read_sleb(&e);
	*deref = false;
	*add = 0;
	if (*reg >= UNWIND_REGISTERS || e.bad)
		return false;
	if (e.at < e.end && *e.at == DW_OP_deref) {
		e.at++;
		*deref = true;
	}
	if (e.at < e.end && *e.at == DW_OP_plus_uconst) {
		e.at++;
		*add = (int64_t)read_uleb(&e);
	}
	return !e.bad && e.at == e.end && (*deref || !*add);
}

static bool fits16(int64_t v)
{
	return v == (int16_t)v;
}

/* False: no rule can say it. */
static bool make_rule(const struct state *s, struct unwind_rule *ret)
{
	const struct column *ra = &s->column[RA], *rbp = &s->column[UNWIND_RBP], *rsp = &s->column[UNWIND_RSP];
	struct unwind_rule rule = {.kind = s->deref ? UNWIND_CFA_DEREF : UNWIND_CFA};

	if (ra->where == UNDEFINED) {
		*ret = (struct unwind_rule){.kind = UNWIND_END};
		return true;
	}
	if (!s->known || s->reg >= UNWIND_REGISTERS || s->offset != (int32_t)s->offset || !fits16(s->add) ||
	    ra->where != OFFSET || !fits16(ra->offset))
		return false;
	rule.reg = (uint8_t)s->reg;
	rule.offset = (int32_t)s->offset;
	rule.add = (int16_t)s->add;
	rule.ra_at = (int16_t)ra->offset;
	if (rsp->where == OFFSET && fits16(rsp->offset) && rsp->offset)
		rule.rsp_at = (int16_t)rsp->offset;
	else if (rsp->where != SAME && !(rsp->where == VAL_OFFSET && !rsp->offset))
		return false;
	if ((rbp->where == OFFSET || rbp->where == AT_RBP) && fits16(rbp->offset)) {
		rule.rbp = rbp->where == OFFSET ? UNWIND_RBP_AT_CFA : UNWIND_RBP_AT_RBP;
		rule.rbp_at = (int16_t)rbp->offset;
	} else if (rbp->where != SAME && rbp->where != UNDEFINED) {
		return false;
	}
	*ret = rule;
	return true;
}

static void tell(struct run *run, uint64_t to)
{
	struct unwind_rule rule;

	if (to < run->at)
		run->bad = true;
	if (to <= run->at || run->bad)
		return;
	if (!make_rule(&run->now, &rule))
		rule = (struct unwind_rule){.kind = UNWIND_UNKNOWN};
	if (run->row)
		run->row(run->context, run->at, to, &rule);
	run->at = to;
}

static void advance(struct run *run, uint64_t delta)
{
	uint64_t bytes, to;

	if (__builtin_mul_overflow(delta, run->cie->code_align, &bytes) || __builtin_add_overflow(run->at, bytes, &to))
		run->bad = true;
	else
		tell(run, to);
}

static void set_column(struct run *run, uint64_t column, enum where where, int64_t offset)
{
	if (column < COLUMNS)
		run->now.column[column] = (struct column){where, offset};
}

static void set_cfa(struct run *run, uint64_t reg, int64_t offset)
{
	run->now.known = true;
	run->now.deref = false;
	run->now.add = 0;
	run->now.reg = reg;
	run->now.offset = offset;
}

static void set_cfa_expression(struct run *run, struct reader e)
{
	struct state *s = &run->now;

	/* Without "deref" it is what def_cfa says. */
	s->known = read_expression(e, &s->reg, &s->offset, &s->deref, &s->add);
}

static void set_expression(struct run *run, uint64_t column, struct reader e)
{
	int64_t offset, add;
	uint64_t reg;
	bool deref;

	if (read_expression(e, &reg, &offset, &deref, &add) && reg == UNWIND_RBP && !deref)
		set_column(run, column, AT_RBP, offset);
	else
		set_column(run, column, OTHER, 0);
}

/* DWARF 5, 7.24, table 7.29. */
static void extended(struct run *run, struct reader *r, uint8_t op)
{
	int64_t data = run->cie->data_align;
	uint64_t reg;

	switch (op) {
	case 0x00: /* nop */
		return;
	case 0x01: /* set_loc: compilers do not make it */
		run->bad = true;
		return;
	case 0x02: /* advance_loc1, 2, 4 */
		advance(run, read_bytes(r, 1));
		return;
	case 0x03:
		advance(run, read_bytes(r, 2));
		return;
	case 0x04:
		advance(run, read_bytes(r, 4));
		return;
	case 0x05: /* offset_extended */
		reg = read_uleb(r);
		set_column(run, reg, OFFSET, times((int64_t)read_uleb(r), data));
		return;
	case 0x06: /* restore_extended */
		reg = read_uleb(r);
		if (reg < COLUMNS)
			run->now.column[reg] = run->initial.column[reg];
		return;
	case 0x07: /* undefined */
		set_column(run, read_uleb(r), UNDEFINED, 0);
		return;
	case 0x08: /* same_value */
		set_column(run, read_uleb(r), SAME, 0);
		return;
	case 0x09: /* register */
		reg = read_uleb(r);
		read_uleb(r);
		set_column(run, reg, OTHER, 0);
		return;
	case 0x0a: /* remember_state */
		if (run->saved_count == SAVED_MAX)
			run->bad = true;
		else
			run->saved[run->saved_count++] = run->now;
		return;
	case 0x0b: /* restore_state */
		if (!run->saved_count)
			run->bad = true;
		else
			run->now = run->saved[--run->saved_count];
		return;
	case 0x0c: /* def_cfa */
		reg = read_uleb(r);
		set_cfa(run, reg, (int64_t)read_uleb(r));
		return;
	case 0x0d: /* def_cfa_register */
		set_cfa(run, read_uleb(r), run->now.offset);
		return;
	case 0x0e: /* def_cfa_offset */
		set_cfa(run, run->now.reg, (int64_t)read_uleb(r));
		return;
	case 0x0f: /* def_cfa_expression */
		set_cfa_expression(run, read_block(r, read_uleb(r)));
		return;
	case 0x10: /* expression */
		reg = read_uleb(r);
		set_expression(run, reg, read_block(r, read_uleb(r)));
		return;
	case 0x11: /* offset_extended_sf */
		reg = read_uleb(r);
		set_column(run, reg, OFFSET, times(read_sleb(r), data));
		return;
	case 0x12: /* def_cfa_sf */
		reg = read_uleb(r);
		set_cfa(run, reg, times(read_sleb(r), data));
		return;
	case 0x13: /* def_cfa_offset_sf */
		set_cfa(run, run->now.reg, times(read_sleb(r), data));
		return;
	case 0x14: /* val_offset */
		reg = read_uleb(r);
		set_column(run, reg, VAL_OFFSET, times((int64_t)read_uleb(r), data));
		return;
	case 0x15: /* val_offset_sf */
		reg = read_uleb(r);
		set_column(run, reg, VAL_OFFSET, times(read_sleb(r), data));
		return;
	case 0x16: /* val_expression */
		reg = read_uleb(r);
		read_block(r, read_uleb(r));
		set_column(run, reg, OTHER, 0);
		return;
	case 0x2e: /* GNU_args_size */
		read_uleb(r);
		return;
	default:
		run->bad = true;
	}
}

static void run_all(struct run *run, struct reader r)
{
	while (r.at < r.end && !r.bad && !run->bad) {
		uint8_t op = (uint8_t)read_bytes(&r, 1), low = op & 0x3f;

		switch (op >> 6) {
		case 1: /* advance_loc */
			advance(run, low);
			break;
		case 2: /* offset */
			set_column(run, low, OFFSET, times((int64_t)read_uleb(&r), run->cie->data_align));
			break;
		case 3: /* restore */
			if (low < COLUMNS)
				run->now.column[low] = run->initial.column[low];
			break;
		default:
			extended(run, &r, low);
		}
	}
	run->bad |= r.bad;
}

/* Behind the identification: DWARF 5, 6.4.1. */
static bool read_cie(struct reader r, bool eh, struct cie *ret)
{
	struct cie c = {0};
	uint64_t version = read_bytes(&r, 1);
	const char *augmentation = (const char *)r.at;

	while (read_bytes(&r, 1))
		;
	if (r.bad || (version != 1 && version != 3 && version != 4))
		return false;
	/* Sizes of an address and of a segment's selector. */
	if (version == 4 && (read_bytes(&r, 1) != 8 || read_bytes(&r, 1) != 0))
		return false;
	c.code_align = read_uleb(&r);
	c.data_align = read_sleb(&r);
	if ((version == 1 ? read_bytes(&r, 1) : read_uleb(&r)) != RA)
		return false;
	if (augmentation[0] == 'z' && eh) {
		struct reader data = read_block(&r, read_uleb(&r));

		c.augmented = true;
		for (const char *a = augmentation + 1; *a; a++) {
			if (*a == 'R')
				c.encoding = (uint8_t)read_bytes(&data, 1);
			else if (*a == 'L')
				read_bytes(&data, 1);
			else if (*a == 'P')
				read_address(&data, (uint8_t)read_bytes(&data, 1) & 0x0f, 0);
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
	struct run run = {.cie = cie};
	uint64_t from, length, to;

	from = read_address(&r, cie->encoding, address + (uint64_t)(r.at - section));
	length = read_address(&r, cie->encoding & 0x0f, 0);
	if (cie->augmented)
		read_block(&r, read_uleb(&r));
	if (r.bad || __builtin_add_overflow(from, length, &to))
		return false;
	for (unsigned i = 0; i < COLUMNS; i++)
		run.now.column[i].where = SAME;
	run_all(&run, cie->instructions);
	run.initial = run.now;
	run.at = from;
	run.row = row;
	run.context = context;
	run_all(&run, r);
	tell(&run, to);
	return !run.bad;
}

/* The entry at r: its contents behind the length, and their start; false: there is none. */
static bool next_entry(struct reader *r, struct reader *ret, bool *wide)
{
	uint64_t length = read_bytes(r, 4);

	*wide = length == 0xffffffff;
	if (*wide)
		length = read_bytes(r, 8);
	*ret = read_block(r, length);
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
	id = read_bytes(&entry, wide && !eh ? 8 : 4);
	return id == (eh ? 0 : wide ? UINT64_MAX : UINT32_MAX) && read_cie(entry, eh, ret);
}

int cfi_read(const void *bytes, size_t size, bool eh, uint64_t address, cfi_row row, void *context)
{
	const uint8_t *section = bytes;
	struct reader r = {section, section + size, false}, entry;
	uint64_t cie_at = UINT64_MAX, at, id;
	struct cie cie;
	int functions = 0;
	bool wide, bad = false;

	while (r.at < r.end) {
		if (!next_entry(&r, &entry, &wide)) {
			if (r.bad)
				return -EBADMSG;
			continue; /* an end mark; .eh_frame of several files may have more behind it */
		}
		at = (uint64_t)(entry.at - section);
		id = read_bytes(&entry, wide && !eh ? 8 : 4);

		if (entry.bad)
			return -EBADMSG;
		if (id == (eh ? 0 : wide ? UINT64_MAX : UINT32_MAX))
			continue;
		if (eh)
			id = at - id;
		if (id != cie_at) {
			cie_at = UINT64_MAX;
			if (!find_cie(section, size, eh, id, &cie)) {
				bad = true;
				continue;
			}
			cie_at = id;
		}
		functions++;
		bad |= !read_fde(entry, &cie, section, address, row, context);
	}
	return bad ? -EBADMSG : functions;
}
