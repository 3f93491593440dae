/* pure */
/* elf_reloc.c: checking, computing and applying relocations, as elf_reloc.h tells. */
#include "overlay/elf_reloc.h"

#include "lib/errno.h"
#include "lib/fmt.h"
#include "lib/str.h"

#define WORD        8
#define RELR_BITS   63 /* places that one bitmap entry covers */
#define TLS_MODULE  1  /* the program is its own and only module */

#define PAUSE_AFTER 512 /* relocations or symbols */

void (*elf_plan_pause)(void);

static void breathe(uint64_t i, unsigned after)
{
	if (i % after == after - 1 && elf_plan_pause)
		elf_plan_pause();
}

int elf_plan_reloc_at(const struct elf_plan *plan, size_t i, struct elf_plan_reloc *ret)
{
	const struct elf_plan_table *t = &plan->rela;
	size_t in_rela = plan->rela.size / sizeof(struct elf_rela);
	struct elf_rela rela;
	const void *p;

	breathe(i, PAUSE_AFTER);
	if (i >= in_rela) {
		i -= in_rela;
		t = &plan->jmprel;
	}
	if (i >= t->size / sizeof(rela))
		return -ENOENT;
	p = elf_bytes(&plan->elf, t->offset + i * sizeof(rela), sizeof(rela));
	if (!p)
		return -EBADMSG;
	memcpy(&rela, p, sizeof(rela));
	*ret = (struct elf_plan_reloc){
		.place = rela.offset,
		.entry = t->vaddr + i * sizeof(rela),
		.type = ELF_RELA_TYPE(rela.info),
		.symbol = ELF_RELA_SYM(rela.info),
		.addend = rela.addend,
	};
	return 0;
}

int elf_apply_reloc(uint32_t type, uint64_t p, uint64_t s, int64_t a, uint64_t *ret_value, unsigned *ret_size)
{
	uint64_t v = s + (uint64_t)a;

	switch (type) {
	case ELF_R_NONE:
		*ret_value = 0;
		*ret_size = 0;
		return 0;
	case ELF_R_GLOB_DAT:
	case ELF_R_JUMP_SLOT:
	case ELF_R_DTPMOD64:
		*ret_value = s;
		*ret_size = 8;
		return 0;
	case ELF_R_64:
	case ELF_R_RELATIVE:
	case ELF_R_DTPOFF64:
	case ELF_R_TPOFF64:
		*ret_value = v;
		*ret_size = 8;
		return 0;
	case ELF_R_PC64:
		*ret_value = v - p;
		*ret_size = 8;
		return 0;
	case ELF_R_32:
		if (v > UINT32_MAX)
			return -ERANGE;
		break;
	case ELF_R_PC32:
	case ELF_R_PLT32:
		v -= p;
		__attribute__((fallthrough)); /* both are signed */
	case ELF_R_32S:
	case ELF_R_TPOFF32:
		if ((int64_t)v < INT32_MIN || (int64_t)v > INT32_MAX)
			return -ERANGE;
		break;
	default:
		return -EOPNOTSUPP;
	}
	*ret_value = v & UINT32_MAX;
	*ret_size = 4;
	return 0;
}

uint64_t elf_plan_tls_offset(const struct elf_plan *plan)
{
	uint64_t mask = plan->tls.align ? plan->tls.align - 1 : 0;

	return plan->tls.memsz + (-(plan->tls.memsz + plan->tls.vaddr) & mask);
}

static bool is_tls_type(uint32_t type)
{
	return type == ELF_R_TPOFF64 || type == ELF_R_TPOFF32 || type == ELF_R_DTPOFF64 || type == ELF_R_DTPMOD64;
}

/* Left to the program's start-up code. */
static bool is_the_programs(const struct elf_plan_reloc *r, const struct elf_plan_symbol *symbol)
{
	return r->type == ELF_R_IRELATIVE || (r->symbol && !symbol->undefined && symbol->type == ELF_STT_GNU_IFUNC);
}

/* ---- checking -------------------------------------------------------------------------------------------------- */

static int check_symbol(const struct elf_plan *plan, const struct elf_plan_reloc *r, char *message, size_t size)
{
	struct elf_plan_symbol symbol;

	if (r->symbol >= ELF_PLAN_SYMBOLS_MAX) {
		fmt_snprintf(message, size, "relocation at 0x%lx: symbol %u, at most %d symbols are possible", r->place,
			     r->symbol, ELF_PLAN_SYMBOLS_MAX);
		return -ENOEXEC;
	}
	if (elf_plan_symbol(plan, r->symbol, &symbol) < 0) {
		fmt_snprintf(message, size, "relocation at 0x%lx: symbol %u is damaged", r->place, r->symbol);
		return -EBADMSG;
	}
	if (r->type == ELF_R_COPY) {
		fmt_snprintf(message, size,
			     "symbol %.64s: wants a copy of the application's variable (R_X86_64_COPY), not "
			     "the variable; compile with -fPIC",
			     symbol.name);
		return -ENOEXEC;
	}
	if (is_tls_type(r->type) && symbol.undefined && !symbol.runtime_hook) {
		fmt_snprintf(message, size,
			     "symbol %.64s: a thread-local variable of the application cannot be reached; "
			     "call a function of the application that returns its address",
			     symbol.name);
		return -ENOEXEC;
	}
	return 0;
}

static int check_reloc(const struct elf_plan *plan, const struct elf_plan_reloc *r, char *message, size_t size)
{
	const struct elf_plan_segment *s;
	uint64_t value;
	unsigned bytes = WORD;
	int e;

	if (r->type == ELF_R_NONE)
		return 0;
	if (r->symbol != 0) {
		e = check_symbol(plan, r, message, size);
		if (e < 0)
			return e;
	}
	if (r->type != ELF_R_IRELATIVE && elf_apply_reloc(r->type, 0, 0, 0, &value, &bytes) < 0) {
		fmt_snprintf(message, size, "relocation at 0x%lx: type %u cannot be loaded; compile with -fPIC%s",
			     r->place, r->type, r->type == ELF_R_TLSDESC ? " -mtls-dialect=gnu" : "");
		return -ENOEXEC;
	}
	s = elf_plan_segment_of(plan, r->place, bytes);
	if (!s) {
		fmt_snprintf(message, size, "relocation at 0x%lx: changes %u bytes that are not loaded", r->place,
			     bytes);
		return -EBADMSG;
	}
	if (!(s->prot & ELF_PF_W)) {
		fmt_snprintf(message, size, "relocation at 0x%lx: in a read-only segment; compile with -fPIC",
			     r->place);
		return -ENOEXEC;
	}
	return 0;
}

/*
 * Calls FN for each word that the RELR table relocates; stops at the first failure. gABI, "Relative Relocation Table":
 * an even entry is an address, an odd one a bitmap of the 63 words that follow what came before.
 */
static int for_each_relr(const struct elf_plan *plan, int (*fn)(void *ctx, uint64_t place), void *ctx)
{
	const uint8_t *table = elf_bytes(&plan->elf, plan->relr.offset, plan->relr.size);
	uint64_t next = 0, entry;
	int r;

	for (uint64_t i = 0; table && i < plan->relr.size / WORD; i++) {
		breathe(i, PAUSE_AFTER / RELR_BITS);
		memcpy(&entry, table + i * WORD, WORD);
		if (!(entry & 1)) {
			r = fn(ctx, entry);
			if (r < 0)
				return r;
			next = entry + WORD;
			continue;
		}
		for (unsigned bit = 0; bit < RELR_BITS; bit++) {
			if (!(entry >> (bit + 1) & 1))
				continue;
			r = fn(ctx, next + bit * WORD);
			if (r < 0)
				return r;
		}
		next += RELR_BITS * WORD;
	}
	return 0;
}

static int check_relr_place(void *ctx, uint64_t place)
{
	const struct elf_plan_segment *s = elf_plan_segment_of(ctx, place, WORD);

	return s && (s->prot & ELF_PF_W) ? 0 : -EBADMSG;
}

static int count_undefined(struct elf_plan *plan)
{
	struct elf_plan_symbol symbol;
	int r;

	for (uint32_t i = 1; i < plan->symbol_limit; i++) {
		breathe(i, PAUSE_AFTER);
		r = elf_plan_symbol(plan, i, &symbol);
		if (r < 0)
			return r;
		plan->undefined_count += symbol.undefined && !symbol.runtime_hook;
	}
	return 0;
}

int elf_reloc_check(struct elf_plan *plan, char *message, size_t message_size)
{
	struct elf_plan_reloc r;
	int e;

	for (size_t i = 0; elf_plan_reloc_at(plan, i, &r) == 0; i++) {
		e = check_reloc(plan, &r, message, message_size);
		if (e < 0)
			return e;
		plan->reloc_count = i + 1;
		plan->has_irelative |= r.type == ELF_R_IRELATIVE;
		if (r.symbol >= plan->symbol_limit && r.type != ELF_R_NONE)
			plan->symbol_limit = r.symbol + 1;
	}
	if (for_each_relr(plan, check_relr_place, plan) < 0) {
		fmt_snprintf(message, message_size,
			     "relative relocation table: changes what is no writable, loaded word");
		return -EBADMSG;
	}
	if (count_undefined(plan) < 0) {
		fmt_snprintf(message, message_size, "symbol table: damaged");
		return -EBADMSG;
	}
	return 0;
}

/* ---- applying -------------------------------------------------------------------------------------------------- */

struct run {
	const struct elf_plan *plan;
	uint64_t bias;
	const struct elf_plan_ops *ops;
	void *ctx;
	char *message;
	size_t message_size;
};

static int resolve(struct run *run, const struct elf_plan_symbol *symbol, uint64_t *ret)
{
	int r;

	if (!symbol->undefined) {
		*ret = symbol->value + (symbol->absolute ? 0 : run->bias);
		return 0;
	}
	if (symbol->runtime_hook) {
		*ret = 0;
		return 0;
	}
	r = run->ops->resolve(run->ctx, symbol, ret);
	if (r == -ENOENT && symbol->bind == ELF_STB_WEAK) {
		*ret = 0;
		return 0;
	}
	if (r == -ENOENT && run->message_size > 0 && !run->message[0])
		fmt_snprintf(run->message, run->message_size,
			     "symbol %s: undefined in the program, and the application "
			     "has none of that name",
			     symbol->name);
	return r;
}

/* S of elf_apply_reloc() for relocation R. */
static int symbol_value(struct run *run, const struct elf_plan_reloc *r, const struct elf_plan_symbol *symbol,
			uint64_t *ret)
{
	uint64_t own = r->symbol && !symbol->undefined ? symbol->value : 0;

	switch (r->type) {
	case ELF_R_RELATIVE:
		*ret = run->bias;
		return 0;
	case ELF_R_TPOFF64:
	case ELF_R_TPOFF32:
		*ret = own - elf_plan_tls_offset(run->plan);
		return 0;
	case ELF_R_DTPOFF64:
		*ret = own;
		return 0;
	case ELF_R_DTPMOD64:
		*ret = TLS_MODULE;
		return 0;
	default:
		break;
	}
	if (r->symbol == 0) {
		*ret = 0;
		return 0;
	}
	return resolve(run, symbol, ret);
}

static int apply(struct run *run, const struct elf_plan_reloc *r)
{
	static const uint64_t none;
	struct elf_plan_symbol symbol;
	uint64_t s = 0, value = 0;
	unsigned size = 0;
	int e;

	if (r->type == ELF_R_NONE)
		return 0;
	if (r->symbol) {
		e = elf_plan_symbol(run->plan, r->symbol, &symbol);
		if (e < 0)
			return e;
	}
	if (is_the_programs(r, &symbol))
		return 0;
	e = symbol_value(run, r, &symbol, &s);
	if (e < 0)
		return e;
	e = elf_apply_reloc(r->type, r->place + run->bias, s, r->addend, &value, &size);
	if (e < 0) {
		fmt_snprintf(run->message, run->message_size,
			     "relocation at 0x%lx: 0x%lx does not fit in 32 bits; compile "
			     "with -fPIC",
			     r->place, s);
		return e;
	}
	e = run->ops->write(run->ctx, r->place + run->bias, &value, size);
	if (e < 0 || r->type == ELF_R_RELATIVE)
		return e;
	return run->ops->write(run->ctx, r->entry + run->bias + offsetof(struct elf_rela, info), &none, sizeof(none));
}

static int apply_relr(void *ctx, uint64_t place)
{
	struct run *run = ctx;
	uint64_t value = 0, offset;
	const void *p = NULL;

	/* A word in the zeroed part has no bytes in the file. */
	if (elf_offset_of(&run->plan->elf, place, WORD, &offset) == 0)
		p = elf_bytes(&run->plan->elf, offset, WORD);
	if (p)
		memcpy(&value, p, WORD);
	value += run->bias;
	return run->ops->write(run->ctx, place + run->bias, &value, WORD);
}

static int disarm_relr(struct run *run)
{
	static const uint64_t zero;
	struct elf_dyn d;

	for (unsigned i = 0; elf_dyn(&run->plan->elf, i, &d) == 0; i++) {
		uint64_t at = run->plan->dynamic.vaddr + i * sizeof(d) + offsetof(struct elf_dyn, value);
		int r;

		if (d.tag != ELF_DT_RELRSZ)
			continue;
		r = run->ops->write(run->ctx, at + run->bias, &zero, sizeof(zero));
		if (r < 0)
			return r;
	}
	return 0;
}

int elf_plan_relocate(const struct elf_plan *plan, uint64_t bias, const struct elf_plan_ops *ops, void *ctx,
		      char *message, size_t message_size)
{
	struct run run = {
		.plan = plan, .bias = bias, .ops = ops, .ctx = ctx, .message = message, .message_size = message_size,
	};
	struct elf_plan_reloc r;
	int e;

	if (message_size > 0)
		message[0] = '\0';
	for (size_t i = 0; i < plan->reloc_count; i++) {
		e = elf_plan_reloc_at(plan, i, &r);
		if (e < 0)
			return e;
		e = apply(&run, &r);
		if (e < 0)
			return e;
	}
	if (plan->relr.size == 0)
		return 0;
	e = for_each_relr(plan, apply_relr, &run);
	return e < 0 ? e : disarm_relr(&run);
}
