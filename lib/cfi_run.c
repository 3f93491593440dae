/* pure */
/*
 * cfi_run.c: a function's instructions, done one after another on a state that says where the caller's registers are;
 * each advance of the address tells the state so far.
 */
#include "lib/cfi_internal.h"

#include "lib/str.h"

#define COLUMNS	  (RA + 1)
#define SAVED_MAX 16 /* DW_CFA_remember_state inside each other */

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

struct run {
	const struct cie *cie;
	struct state now, initial, saved[SAVED_MAX];
	unsigned saved_count;
	uint64_t at;
	bool bad;
	cfi_row row;
	void *context;
};

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
	uint64_t op = cfi_bytes(&e, 1);

	*reg = op - DW_OP_breg0;
	*offset = cfi_sleb(&e);
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
		*add = (int64_t)cfi_uleb(&e);
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
		advance(run, cfi_bytes(r, 1));
		return;
	case 0x03:
		advance(run, cfi_bytes(r, 2));
		return;
	case 0x04:
		advance(run, cfi_bytes(r, 4));
		return;
	case 0x05: /* offset_extended */
		reg = cfi_uleb(r);
		set_column(run, reg, OFFSET, times((int64_t)cfi_uleb(r), data));
		return;
	case 0x06: /* restore_extended */
		reg = cfi_uleb(r);
		if (reg < COLUMNS)
			run->now.column[reg] = run->initial.column[reg];
		return;
	case 0x07: /* undefined */
		set_column(run, cfi_uleb(r), UNDEFINED, 0);
		return;
	case 0x08: /* same_value */
		set_column(run, cfi_uleb(r), SAME, 0);
		return;
	case 0x09: /* register */
		reg = cfi_uleb(r);
		cfi_uleb(r);
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
		reg = cfi_uleb(r);
		set_cfa(run, reg, (int64_t)cfi_uleb(r));
		return;
	case 0x0d: /* def_cfa_register */
		set_cfa(run, cfi_uleb(r), run->now.offset);
		return;
	case 0x0e: /* def_cfa_offset */
		set_cfa(run, run->now.reg, (int64_t)cfi_uleb(r));
		return;
	case 0x0f: /* def_cfa_expression */
		set_cfa_expression(run, cfi_block(r, cfi_uleb(r)));
		return;
	case 0x10: /* expression */
		reg = cfi_uleb(r);
		set_expression(run, reg, cfi_block(r, cfi_uleb(r)));
		return;
	case 0x11: /* offset_extended_sf */
		reg = cfi_uleb(r);
		set_column(run, reg, OFFSET, times(cfi_sleb(r), data));
		return;
	case 0x12: /* def_cfa_sf */
		reg = cfi_uleb(r);
		set_cfa(run, reg, times(cfi_sleb(r), data));
		return;
	case 0x13: /* def_cfa_offset_sf */
		set_cfa(run, run->now.reg, times(cfi_sleb(r), data));
		return;
	case 0x14: /* val_offset */
		reg = cfi_uleb(r);
		set_column(run, reg, VAL_OFFSET, times((int64_t)cfi_uleb(r), data));
		return;
	case 0x15: /* val_offset_sf */
		reg = cfi_uleb(r);
		set_column(run, reg, VAL_OFFSET, times(cfi_sleb(r), data));
		return;
	case 0x16: /* val_expression */
		reg = cfi_uleb(r);
		cfi_block(r, cfi_uleb(r));
		set_column(run, reg, OTHER, 0);
		return;
	case 0x2e: /* GNU_args_size */
		cfi_uleb(r);
		return;
	default:
		run->bad = true;
	}
}

static void run_all(struct run *run, struct reader r)
{
	while (r.at < r.end && !r.bad && !run->bad) {
		uint8_t op = (uint8_t)cfi_bytes(&r, 1), low = op & 0x3f;

		switch (op >> 6) {
		case 1: /* advance_loc */
			advance(run, low);
			break;
		case 2: /* offset */
			set_column(run, low, OFFSET, times((int64_t)cfi_uleb(&r), run->cie->data_align));
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

bool cfi_run(const struct cie *cie, struct reader instructions, uint64_t from, uint64_t to, cfi_row row, void *context)
{
	struct run run = {.cie = cie, .at = from};

	for (unsigned i = 0; i < COLUMNS; i++)
		run.now.column[i].where = SAME;
	run_all(&run, cie->instructions);
	run.initial = run.now;
	run.at = from;
	run.row = row;
	run.context = context;
	run_all(&run, instructions);
	tell(&run, to);
	return !run.bad;
}
