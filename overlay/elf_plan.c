/* pure */
/*
 * elf_plan.c: the checks of elf_plan.h, in the order header, segments, other program headers, dynamic section,
 * relocations. The refusals are the manual of what a program may be.
 */
#include "overlay/elf_plan.h"

#include <stdarg.h>

#include "lib/errno.h"
#include "lib/fmt.h"
#include "lib/str.h"
#include "overlay/elf_reloc.h"

#define HOW_TO_BUILD "build it with -static, or -static-pie"

/* What one run of elf_plan_make() needs at hand. */
struct planner {
	struct elf_plan *plan;
	char *message;
	size_t message_size;
};

static int refuse(const struct planner *p, int error, const char *format, ...) __attribute__((format(printf, 3, 4)));

static int refuse(const struct planner *p, int error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fmt_vsnprintf(p->message, p->message_size, format, args);
	va_end(args);
	return error;
}

static uint64_t page_floor(uint64_t v)
{
	return v & ~(uint64_t)(ELF_PLAN_PAGE - 1);
}

/* V is far below 2^64: segments are checked against the window first. */
static uint64_t page_ceil(uint64_t v)
{
	return page_floor(v + ELF_PLAN_PAGE - 1);
}

static bool is_power_of_two(uint64_t v)
{
	return v != 0 && (v & (v - 1)) == 0;
}

static bool both_w_and_x(uint32_t prot)
{
	return (prot & ELF_PF_W) && (prot & ELF_PF_X);
}

/* ---- header and segments --------------------------------------------------------------------------------------- */

static int check_header(struct planner *p, const void *image, size_t size)
{
	struct elf *e = &p->plan->elf;
	int r = elf_open(e, image, size);

	if (r == -EBADMSG)
		return refuse(p, r, "ELF header: the program headers lie outside the file of %zu bytes", size);
	if (r < 0)
		return refuse(p, r, "not a 64-bit little-endian ELF file for x86-64");
	if (e->header.type != ELF_TYPE_EXEC && e->header.type != ELF_TYPE_DYN)
		return refuse(p, -ENOEXEC, "ELF header: type %u is no program: link it, %s", e->header.type,
			      HOW_TO_BUILD);
	if (e->header.phnum == 0 || e->header.phnum > ELF_PLAN_PHDRS_MAX)
		return refuse(p, -ENOEXEC, "ELF header: %u program headers, 1 to %d are possible", e->header.phnum,
			      ELF_PLAN_PHDRS_MAX);
	p->plan->kind = e->header.type == ELF_TYPE_EXEC ? ELF_PLAN_FIXED : ELF_PLAN_MOVABLE;
	p->plan->entry = e->header.entry;
	p->plan->phnum = e->header.phnum;
	return 0;
}

static int check_segment(struct planner *p, unsigned i, const struct elf_phdr *ph)
{
	struct elf_plan *plan = p->plan;
	uint64_t low = plan->kind == ELF_PLAN_FIXED ? ELF_PLAN_WINDOW_LOW : 0;
	uint64_t high = plan->kind == ELF_PLAN_FIXED ? ELF_PLAN_WINDOW_HIGH :
						       ELF_PLAN_WINDOW_HIGH - ELF_PLAN_WINDOW_LOW;
	const struct elf_plan_segment *last;
	uint64_t end;

	if (ph->filesz > ph->memsz)
		return refuse(p, -EBADMSG, "segment %u: 0x%lx bytes in the file, but only 0x%lx in memory", i,
			      ph->filesz, ph->memsz);
	if (ph->memsz == 0)
		return 0;
	if (!elf_bytes(&plan->elf, ph->offset, ph->filesz))
		return refuse(p, -EBADMSG, "segment %u: 0x%lx bytes at offset 0x%lx, the file has 0x%zx", i, ph->filesz,
			      ph->offset, plan->elf.size);
	if (ph->vaddr < low || ph->vaddr > high || ph->memsz > high - ph->vaddr)
		return refuse(p, -ENOEXEC, "segment %u: 0x%lx bytes at 0x%lx, a program has 0x%lx to 0x%lx", i,
			      ph->memsz, ph->vaddr, low, high);
	if (ph->align > 1 && (!is_power_of_two(ph->align) || ph->align > ELF_PLAN_WINDOW_HIGH))
		return refuse(p, -EBADMSG, "segment %u: alignment 0x%lx", i, ph->align);
	if (both_w_and_x(ph->flags))
		return refuse(p, -ENOEXEC, "segment %u at 0x%lx: writable and executable at once; one page may be only "
					   "one of both", i, ph->vaddr);
	if (plan->segment_count == ELF_PLAN_SEGMENTS_MAX)
		return refuse(p, -ENOEXEC, "segment %u: more than %d segments", i, ELF_PLAN_SEGMENTS_MAX);
	if (plan->segment_count > 0) {
		last = &plan->segments[plan->segment_count - 1];
		end = last->vaddr + last->memsz;
		if (ph->vaddr < end)
			return refuse(p, -EBADMSG, "segment %u: starts at 0x%lx, the one before it ends at 0x%lx", i,
				      ph->vaddr, end);
	}
	if (ph->align > plan->align)
		plan->align = ph->align;
	plan->segments[plan->segment_count++] = (struct elf_plan_segment){
		.vaddr = ph->vaddr,
		.memsz = ph->memsz,
		.offset = ph->offset,
		.filesz = ph->filesz,
		.prot = ph->flags & (ELF_PF_R | ELF_PF_W | ELF_PF_X),
	};
	return 0;
}

static int check_segments(struct planner *p)
{
	struct elf_plan *plan = p->plan;
	const struct elf_plan_segment *s, *last;
	struct elf_phdr ph;
	int r;

	plan->align = ELF_PLAN_PAGE;
	for (unsigned i = 0; elf_phdr(&plan->elf, i, &ph) == 0; i++) {
		if (ph.type != ELF_PT_LOAD)
			continue;
		r = check_segment(p, i, &ph);
		if (r < 0)
			return r;
	}
	if (plan->segment_count == 0)
		return refuse(p, -ENOEXEC, "no segment to load");
	last = &plan->segments[plan->segment_count - 1];
	plan->low = page_floor(plan->segments[0].vaddr);
	plan->high = page_ceil(last->vaddr + last->memsz);
	/* Only neighbours can share a page, but three small ones can share the same. */
	for (s = plan->segments; s <= last; s++) {
		if (both_w_and_x(elf_plan_page_prot(plan, page_floor(s->vaddr))))
			return refuse(p, -ENOEXEC,
				      "page 0x%lx: shared by a writable and an executable segment; link with "
				      "-z separate-code",
				      page_floor(s->vaddr));
	}
	s = elf_plan_segment_of(plan, plan->entry, 1);
	if (!s || !(s->prot & ELF_PF_X))
		return refuse(p, -EBADMSG, "entry 0x%lx: not in an executable segment", plan->entry);
	return 0;
}

/* ---- other program headers ------------------------------------------------------------------------------------- */

static int check_tls(struct planner *p, const struct elf_phdr *ph)
{
	uint64_t align = ph->align > 1 ? ph->align : 1;

	if (p->plan->tls.align != 0)
		return refuse(p, -EBADMSG, "two TLS segments");
	if (ph->filesz > ph->memsz || ph->memsz > ELF_PLAN_WINDOW_HIGH)
		return refuse(p, -EBADMSG, "TLS segment: 0x%lx bytes in the file, 0x%lx in memory", ph->filesz,
			      ph->memsz);
	if (!is_power_of_two(align) || align > ELF_PLAN_PAGE)
		return refuse(p, -ENOEXEC, "TLS segment: alignment 0x%lx, at most 0x%x is possible", align,
			      ELF_PLAN_PAGE);
	if (ph->filesz > 0 && !elf_plan_segment_of(p->plan, ph->vaddr, ph->filesz))
		return refuse(p, -EBADMSG, "TLS segment: 0x%lx bytes at 0x%lx are not loaded", ph->filesz, ph->vaddr);
	p->plan->tls.vaddr = ph->vaddr;
	p->plan->tls.filesz = ph->filesz;
	p->plan->tls.memsz = ph->memsz;
	p->plan->tls.align = align;
	return 0;
}

static int check_others(struct planner *p)
{
	struct elf_plan *plan = p->plan;
	uint64_t table_size = (uint64_t)plan->phnum * sizeof(struct elf_phdr);
	struct elf_phdr ph;
	int r;

	for (unsigned i = 0; elf_phdr(&plan->elf, i, &ph) == 0; i++) {
		switch (ph.type) {
		case ELF_PT_TLS:
			r = check_tls(p, &ph);
			if (r < 0)
				return r;
			break;
		case ELF_PT_GNU_STACK:
			plan->stack_size = ph.memsz;
			break;
		case ELF_PT_GNU_RELRO:
			if (!elf_plan_segment_of(plan, ph.vaddr, 1) || ph.memsz > plan->high - ph.vaddr)
				return refuse(p, -EBADMSG, "RELRO: 0x%lx bytes at 0x%lx are not loaded", ph.memsz,
					      ph.vaddr);
			plan->relro.vaddr = ph.vaddr;
			plan->relro.size = ph.memsz;
			break;
		case ELF_PT_INTERP:
			plan->has_interp = true;
			break;
		default:
			break;
		}
	}
	/* AT_PHDR: where the segments put the table, which PT_PHDR merely repeats. */
	for (size_t i = 0; i < plan->segment_count; i++) {
		const struct elf_plan_segment *s = &plan->segments[i];
		uint64_t at = plan->elf.header.phoff;

		if (at >= s->offset && at - s->offset <= s->filesz && table_size <= s->filesz - (at - s->offset))
			plan->phdrs = s->vaddr + (at - s->offset);
	}
	return 0;
}

/* ---- dynamic section ------------------------------------------------------------------------------------------- */

/* What the dynamic section says, before it is believed. */
struct dynamic_values {
	uint64_t pltrel;
	uint64_t relaent, syment, relrent;
	uint64_t needed; /* the name's offset in the string table */
	bool is_needed, has_rel, has_textrel;
};

static void take_dyn(struct elf_plan *plan, struct dynamic_values *v, const struct elf_dyn *d)
{
	switch (d->tag) {
	case ELF_DT_NEEDED:
		v->is_needed = true;
		v->needed = d->value;
		break;
	case ELF_DT_TEXTREL:
		v->has_textrel = true;
		break;
	case ELF_DT_FLAGS:
		v->has_textrel |= (d->value & ELF_DF_TEXTREL) != 0;
		break;
	case ELF_DT_REL:
		v->has_rel = true;
		break;
	case ELF_DT_RELAENT:
		v->relaent = d->value;
		break;
	case ELF_DT_SYMENT:
		v->syment = d->value;
		break;
	case ELF_DT_RELRENT:
		v->relrent = d->value;
		break;
	case ELF_DT_PLTREL:
		v->pltrel = d->value;
		break;
	case ELF_DT_RELA:
		plan->rela.vaddr = d->value;
		break;
	case ELF_DT_RELASZ:
		plan->rela.size = d->value;
		break;
	case ELF_DT_JMPREL:
		plan->jmprel.vaddr = d->value;
		break;
	case ELF_DT_PLTRELSZ:
		plan->jmprel.size = d->value;
		break;
	case ELF_DT_RELR:
		plan->relr.vaddr = d->value;
		break;
	case ELF_DT_RELRSZ:
		plan->relr.size = d->value;
		break;
	case ELF_DT_SYMTAB:
		plan->symtab.vaddr = d->value;
		break;
	case ELF_DT_STRTAB:
		plan->strtab.vaddr = d->value;
		break;
	case ELF_DT_STRSZ:
		plan->strtab.size = d->value;
		break;
	case ELF_DT_INIT_ARRAY:
		plan->init_array.vaddr = d->value;
		break;
	case ELF_DT_INIT_ARRAYSZ:
		plan->init_array.size = d->value;
		break;
	case ELF_DT_FINI_ARRAY:
		plan->fini_array.vaddr = d->value;
		break;
	case ELF_DT_FINI_ARRAYSZ:
		plan->fini_array.size = d->value;
		break;
	default:
		break;
	}
}

static int place_table(struct planner *p, const char *name, struct elf_plan_table *t)
{
	if (t->size == 0)
		return 0;
	if (elf_offset_of(&p->plan->elf, t->vaddr, t->size, &t->offset) < 0)
		return refuse(p, -EBADMSG, "dynamic section: %s of 0x%lx bytes at 0x%lx is not in a loaded segment",
			      name, t->size, t->vaddr);
	return 0;
}

/* The dynamic section gives no size for the symbols: take what is left of their segment. */
static int place_symtab(struct planner *p, struct elf_plan_table *t)
{
	const struct elf_plan_segment *s;

	if (t->vaddr == 0)
		return 0;
	s = elf_plan_segment_of(p->plan, t->vaddr, 1);
	if (!s || t->vaddr - s->vaddr >= s->filesz)
		return refuse(p, -EBADMSG, "dynamic section: the symbol table at 0x%lx is not in a loaded segment",
			      t->vaddr);
	t->offset = s->offset + (t->vaddr - s->vaddr);
	t->size = s->filesz - (t->vaddr - s->vaddr);
	return 0;
}

static int check_values(struct planner *p, const struct dynamic_values *v)
{
	const struct elf_plan *plan = p->plan;

	if (v->is_needed) {
		const char *name = elf_string_at(&plan->elf, plan->strtab.offset, plan->strtab.size, v->needed);

		return refuse(p, -ENOEXEC, "needs the library %.64s: dynamically linked; %s", name ? name : "?",
			      HOW_TO_BUILD);
	}
	if (v->has_textrel)
		return refuse(p, -ENOEXEC, "dynamic section: relocations in program text (DT_TEXTREL), text is never "
					   "writable; compile with -fPIC");
	if (v->has_rel)
		return refuse(p, -EBADMSG,
			      "dynamic section: relocations without addends (DT_REL), x86-64 has only RELA");
	if (plan->rela.size % sizeof(struct elf_rela) || plan->jmprel.size % sizeof(struct elf_rela) ||
	    (plan->rela.size && v->relaent != sizeof(struct elf_rela)) ||
	    (plan->jmprel.size && v->pltrel != ELF_DT_RELA))
		return refuse(p, -EBADMSG, "dynamic section: relocations are not of %zu bytes each",
			      sizeof(struct elf_rela));
	if (plan->relr.size % 8 || (plan->relr.size && v->relrent != 8))
		return refuse(p, -EBADMSG, "dynamic section: relative relocations are not of 8 bytes each");
	if (plan->symtab.vaddr && v->syment != sizeof(struct elf_sym))
		return refuse(p, -EBADMSG, "dynamic section: symbols are not of %zu bytes each",
			      sizeof(struct elf_sym));
	if ((plan->rela.size + plan->jmprel.size) / sizeof(struct elf_rela) > ELF_PLAN_RELOCS_MAX)
		return refuse(p, -ENOEXEC, "dynamic section: more than %d relocations", ELF_PLAN_RELOCS_MAX);
	if (plan->relr.size / 8 > ELF_PLAN_RELRS_MAX)
		return refuse(p, -ENOEXEC, "dynamic section: more than %d words of relative relocations",
			      ELF_PLAN_RELRS_MAX);
	return 0;
}

static int check_dynamic(struct planner *p)
{
	struct elf_plan *plan = p->plan;
	struct dynamic_values v = { 0 };
	struct elf_phdr ph;
	struct elf_dyn d;
	unsigned i, n;
	int r;

	for (i = 0; elf_phdr(&plan->elf, i, &ph) == 0 && ph.type != ELF_PT_DYNAMIC; i++)
		;
	if (i == plan->phnum)
		return 0;
	plan->dynamic.vaddr = ph.vaddr;
	plan->dynamic.size = ph.filesz;
	r = place_table(p, "the section itself", &plan->dynamic);
	if (r < 0)
		return r;
	if (plan->dynamic.size > 0 && plan->dynamic.offset != ph.offset)
		return refuse(p, -EBADMSG, "dynamic section: at offset 0x%lx in the file, but 0x%lx is loaded",
			      ph.offset, plan->dynamic.offset);
	for (n = 0; elf_dyn(&plan->elf, n, &d) == 0; n++) {
		if (n == ELF_PLAN_DYNS_MAX)
			return refuse(p, -ENOEXEC, "dynamic section: more than %d entries", ELF_PLAN_DYNS_MAX);
		take_dyn(plan, &v, &d);
	}
	r = place_table(p, "string table", &plan->strtab);
	if (r < 0)
		return r;
	r = check_values(p, &v);
	if (r < 0)
		return r;
	r = place_symtab(p, &plan->symtab);
	if (r < 0)
		return r;
	r = place_table(p, "relocation table", &plan->rela);
	if (r < 0)
		return r;
	r = place_table(p, "PLT relocation table", &plan->jmprel);
	if (r < 0)
		return r;
	r = place_table(p, "relative relocation table", &plan->relr);
	if (r < 0)
		return r;
	r = place_table(p, "init array", &plan->init_array);
	if (r < 0)
		return r;
	return place_table(p, "fini array", &plan->fini_array);
}

/* ---- public ---------------------------------------------------------------------------------------------------- */

int elf_plan_make(const void *image, size_t size, struct elf_plan *plan, char *message, size_t message_size)
{
	struct planner p = { .plan = plan, .message = message, .message_size = message_size };
	int r;

	memset(plan, 0, sizeof(*plan));
	r = check_header(&p, image, size);
	if (r < 0)
		return r;
	r = check_segments(&p);
	if (r < 0)
		return r;
	r = check_others(&p);
	if (r < 0)
		return r;
	r = check_dynamic(&p);
	if (r < 0)
		return r;
	return elf_reloc_check(plan, message, message_size);
}

bool elf_plan_bias_ok(const struct elf_plan *plan, uint64_t bias)
{
	if (plan->kind == ELF_PLAN_FIXED)
		return bias == 0;
	return bias <= ELF_PLAN_WINDOW_HIGH && (bias & (plan->align - 1)) == 0 &&
	       bias + plan->low >= ELF_PLAN_WINDOW_LOW && bias + plan->high <= ELF_PLAN_WINDOW_HIGH;
}

uint32_t elf_plan_page_prot(const struct elf_plan *plan, uint64_t page)
{
	uint32_t prot = 0;

	for (size_t i = 0; i < plan->segment_count; i++) {
		const struct elf_plan_segment *s = &plan->segments[i];

		if (page >= page_floor(s->vaddr) && page < page_ceil(s->vaddr + s->memsz))
			prot |= s->prot;
	}
	return prot;
}

const struct elf_plan_segment *elf_plan_segment_of(const struct elf_plan *plan, uint64_t vaddr, uint64_t len)
{
	for (size_t i = 0; i < plan->segment_count; i++) {
		const struct elf_plan_segment *s = &plan->segments[i];

		if (vaddr >= s->vaddr && vaddr - s->vaddr <= s->memsz && len <= s->memsz - (vaddr - s->vaddr) &&
		    vaddr - s->vaddr < s->memsz)
			return s;
	}
	return NULL;
}

/* C11 7.1.3: names that begin with an underscore and another one or a capital are the implementation's. */
static bool is_reserved(const char *name)
{
	return name[0] == '_' && (name[1] == '_' || (name[1] >= 'A' && name[1] <= 'Z'));
}

int elf_plan_symbol(const struct elf_plan *plan, uint32_t index, struct elf_plan_symbol *ret)
{
	struct elf_sym sym;
	const char *name;
	uint64_t room;
	int r;

	r = elf_sym_at(&plan->elf, plan->symtab.offset, plan->symtab.size, index, &sym);
	if (r < 0)
		return r;
	if (sym.name >= plan->strtab.size)
		return -EBADMSG;
	room = plan->strtab.size - sym.name;
	if (room > ELF_PLAN_NAME_MAX + 1)
		room = ELF_PLAN_NAME_MAX + 1;
	name = elf_string_at(&plan->elf, plan->strtab.offset + sym.name, room, 0);
	if (!name)
		return -EBADMSG;
	*ret = (struct elf_plan_symbol){
		.name = name,
		.value = sym.value,
		.size = sym.size,
		.bind = ELF_SYM_BIND(sym.info),
		.type = ELF_SYM_TYPE(sym.info),
		.undefined = sym.shndx == ELF_SHN_UNDEF,
		.absolute = sym.shndx == ELF_SHN_ABS,
	};
	ret->runtime_hook = ret->undefined && ((ret->bind == ELF_STB_WEAK && is_reserved(name)) ||
					       strcmp(name, "__tls_get_addr") == 0);
	return 0;
}
