/* pure */
/*
 * object_link.c: puts a program together: its function, then each function that is called or named as a callback, once,
 * in the order in which they are found; relocations and calls carried out on the copies; names and source lines moved
 * along.
 */
#include "bpf/object_file.h"

#include "lib/errno.h"
#include "lib/str.h"

struct linker {
	struct bpf_object *object;
	struct bpf_refusal *why;
	const char *name;
	uint32_t *order; /* functions, in the order of their place */
	uint32_t *base;	 /* where each function of the file is in the program; by function */
	uint32_t linked;
	uint64_t total; /* instructions */
};

/* The place of function F in the program: a new one at the end if it has none yet. */
static int place(struct linker *l, int f, uint32_t *ret_base)
{
	for (uint32_t i = 0; i < l->linked; i++)
		if (l->order[i] == (uint32_t)f) {
			*ret_base = l->base[f];
			return 0;
		}
	if (l->linked == BPF_MAX_SUBPROGS)
		return object_refuse(l->why, -E2BIG, "%s: it needs more than %u functions", l->name, BPF_MAX_SUBPROGS);
	l->order[l->linked++] = (uint32_t)f;
	l->base[f] = l->total;
	l->total += l->object->file->functions[f].count;
	if (l->total > BPF_MAX_INSNS)
		return object_refuse(l->why, -E2BIG, "%s: it has more than %u instructions", l->name, BPF_MAX_INSNS);
	*ret_base = l->base[f];
	return 0;
}

/* The relocation at instruction INSN of SECTION, if there is one. They are in order, but nobody promises it. */
static bool find_rel(const struct object_section *section, uint64_t insn, struct object_rel *ret)
{
	for (uint32_t i = 0; i < section->rel_count; i++) {
		struct object_rel rel = object_rel_at(section, i);

		if (rel.offset == insn * 8) {
			*ret = rel;
			return true;
		}
	}
	return false;
}

/* Which function a call or callback at INSN means; only its bytes and its relocation are looked at. -1: an error. */
static int callee(struct linker *l, const struct object_function *f, uint32_t insn, const struct bpf_insn *i,
		  const struct object_rel *rel)
{
	uint32_t section = f->section;
	uint64_t target;
	int found;

	if (rel) {
		struct elf_sym sym;
		const char *name;

		if (object_symbol(l->object, ELF_RELA_SYM(rel->info), &sym, &name) < 0 || sym.value % 8)
			return object_refuse(l->why, -EBADMSG, "%s: a damaged relocation", f->name);
		section = sym.shndx;
		/* A call's number counts from the next instruction; an address is one in bytes. */
		target = sym.value / 8 +
			 (bpf_is_lddw(i) ? (uint64_t)(int64_t)(i->imm / 8) : (uint64_t)(int64_t)i->imm + 1);
	} else {
		target = (uint64_t)f->start + insn + 1 + (uint64_t)(int64_t)i->imm;
	}
	found = object_function_at(l->object, section, target);
	if (found < 0)
		return object_refuse(l->why, -EINVAL, "%s: instruction %u names no function", f->name, insn);
	return found;
}

static bool is_code(const struct bpf_object *object, const struct elf_sym *sym)
{
	return sym->shndx < object->file->section_count &&
	       object->file->sections[sym->shndx].header.flags & ELF_SHF_EXEC;
}

/* An lddw with a relocation: a map, a variable, a callback or something undeclared. */
static int link_address(struct linker *l, const struct object_function *f, uint32_t insn, struct bpf_insn *i,
			const struct object_rel *rel)
{
	struct bpf_object *object = l->object;
	struct elf_sym sym;
	const char *name;
	uint32_t base;
	int r;

	if (object_symbol(object, ELF_RELA_SYM(rel->info), &sym, &name) < 0)
		return object_refuse(l->why, -EBADMSG, "%s: a damaged relocation", f->name);
	if (sym.shndx == ELF_SHN_UNDEF)
		return object_link_extern(object, name, ELF_SYM_BIND(sym.info) == ELF_STB_WEAK, i, l->why);
	if (is_code(object, &sym)) {
		r = callee(l, f, insn, i, rel);
		if (r < 0)
			return r;
		r = place(l, r, &base);
		if (r < 0)
			return r;
		i[0].src_reg = BPF_PSEUDO_FUNC;
		i[0].imm = (int32_t)(base - (l->base[f - object->file->functions] + insn) - 1);
		i[1].imm = 0;
		return 0;
	}
	if (sym.shndx < object->file->section_count && object->file->sections[sym.shndx].map >= 0) {
		const struct bpf_object_map *m = &object->maps[object->file->sections[sym.shndx].map];
		uint64_t at = sym.value + (uint64_t)(int64_t)i->imm;

		if (at >= m->def.value_size)
			return object_refuse(l->why, -EBADMSG, "%s: %s is outside of section %s", f->name, name,
					     m->name);
		i[0].src_reg = BPF_PSEUDO_MAP_VALUE;
		i[0].imm = object->file->sections[sym.shndx].map;
		i[1].imm = (int32_t)at;
		return 0;
	}
	for (uint32_t m = 0; m < object->map_count; m++)
		if (object->maps[m].section == sym.shndx && sym.shndx &&
		    object->maps[m].symbol_value == sym.value + (uint64_t)(int64_t)i->imm) {
			i[0].src_reg = BPF_PSEUDO_MAP_FD;
			i[0].imm = (int32_t)m;
			i[1].imm = 0;
			return 0;
		}
	return object_refuse(l->why, -EINVAL, "%s: %s is in a section that programs cannot reach (%s)", f->name, name,
			     sym.shndx < object->file->section_count ? object->file->sections[sym.shndx].name : "none");
}

static int link_call(struct linker *l, const struct object_function *f, uint32_t insn, struct bpf_insn *i,
		     const struct object_rel *rel)
{
	struct elf_sym sym;
	const char *name;
	uint32_t base;
	int r;

	if (rel && object_symbol(l->object, ELF_RELA_SYM(rel->info), &sym, &name) == 0 && sym.shndx == ELF_SHN_UNDEF) {
		if (ELF_SYM_BIND(sym.info) != ELF_STB_WEAK)
			return object_refuse(l->why, -ENOTSUPP,
					     "%s: it calls %s, which no helper is and nobody defines", f->name, name);
		i->src_reg = 0;
		i->imm = BPF_MISSING_FUNCTION;
		return 0;
	}
	r = callee(l, f, insn, i, rel);
	if (r < 0)
		return r;
	r = place(l, r, &base);
	if (r < 0)
		return r;
	i->src_reg = BPF_PSEUDO_CALL;
	i->imm = (int32_t)(base - (l->base[f - l->object->file->functions] + insn) - 1);
	return 0;
}

/* Carries out calls and relocations in a copy of F. With INSNS null it only finds out which functions are needed. */
static int link_function(struct linker *l, const struct object_function *f, struct bpf_insn *insns)
{
	const struct object_section *section = &l->object->file->sections[f->section];
	struct bpf_insn pair[2];

	for (uint32_t n = 0; n < f->count; n++) {
		struct bpf_insn *i = insns ? insns + n : pair;
		struct object_rel rel;
		bool has_rel;
		int r = 0;

		if (!insns) {
			memset(pair, 0, sizeof(pair));
			memcpy(pair, section->bytes + ((size_t)f->start + n) * 8, n + 1 < f->count ? 16 : 8);
		}
		has_rel = find_rel(section, (uint64_t)f->start + n, &rel);
		if (bpf_is_lddw(i)) {
			if (n + 1 == f->count)
				return object_refuse(l->why, -EBADMSG, "%s: its last instruction is cut off", f->name);
			if (has_rel)
				r = link_address(l, f, n, i, &rel);
			n++;
		} else if (i->code == (BPF_JMP | BPF_CALL) && (i->src_reg == BPF_PSEUDO_CALL || has_rel)) {
			r = link_call(l, f, n, i, has_rel ? &rel : NULL);
		} else if (has_rel) {
			r = object_refuse(l->why, -EINVAL, "%s: a relocation of instruction %u, which has no address",
					  f->name, n);
		}
		if (r < 0)
			return r;
	}
	return 0;
}

/* Moves F's source lines into the program's. LINES may be null: then only counts. */
static int link_lines(struct linker *l, const struct object_function *f, struct bpf_line *lines, uint32_t *count)
{
	const char *section = l->object->file->sections[f->section].name;
	struct object_ext_records records;

	if (object_ext_find(l->object, OBJECT_EXT_LINES, section, &records) < 0)
		return object_refuse(l->why, -EBADMSG, "section .BTF.ext is damaged");
	for (uint32_t i = 0; i < records.count; i++) {
		uint32_t r[4]; /* btf.rst 4.2, struct bpf_line_info: offset, file, text, line << 10 | column */
		uint32_t insn;

		memcpy(r, records.at + (size_t)i * records.size, sizeof(r));
		insn = r[0] / 8;
		if (insn < f->start || insn - f->start >= f->count)
			continue;
		if (lines)
			lines[*count] = (struct bpf_line){
				.insn = insn - f->start + l->base[f - l->object->file->functions],
				.line = r[3] >> 10,
				.file = btf_string(&l->object->btf, r[1]),
				.text = btf_string(&l->object->btf, r[2]),
			};
		(*count)++;
	}
	return 0;
}

static int find_function(const struct bpf_object *object, const char *name)
{
	int by_section = -1;

	for (uint32_t i = 0; i < object->file->function_count; i++) {
		const struct object_function *f = &object->file->functions[i];

		if (strcmp(f->name, name) == 0)
			return (int)i;
		if (by_section < 0 && f->start == 0 && strcmp(object->file->sections[f->section].name, name) == 0)
			by_section = (int)i;
	}
	return by_section;
}

static const struct bpf_sec *section_of(const struct bpf_object *object, int function)
{
	for (uint32_t i = 0; i < object->program_count; i++)
		if (object->programs[i].function == (uint32_t)function && object->programs[i].sec_error == 0)
			return &object->programs[i].sec;
	return NULL;
}

int bpf_object_link(struct bpf_object *object, const char *name, struct bpf_prog *ret_prog, struct bpf_refusal *ret_why)
{
	struct linker l = {.object = object, .why = ret_why, .name = name};
	const struct bpf_object_file *file = object->file;
	int first = find_function(object, name), r;
	const struct bpf_sec *sec;
	struct bpf_prog prog = {.name = name};
	uint32_t base, line_count = 0;
	struct bpf_line *lines;

	if (first < 0)
		return object_refuse(ret_why, -ENOENT, "there is no function %s", name);
	l.order = object_alloc(object, BPF_MAX_SUBPROGS * sizeof(*l.order));
	l.base = object_alloc(object, file->function_count * sizeof(*l.base));
	prog.subprogs = object_alloc(object, BPF_MAX_SUBPROGS * sizeof(*prog.subprogs));
	prog.maps = object_alloc(object, (object->map_count + 1) * sizeof(*prog.maps));
	if (!l.order || !l.base || !prog.subprogs || !prog.maps)
		return object_refuse(ret_why, -ENOMEM, "no memory for %s", name);

	/* All functions first, so that each has its place before any call is written. */
	r = place(&l, first, &base);
	for (uint32_t i = 0; i < l.linked && r == 0; i++)
		r = link_function(&l, &file->functions[l.order[i]], NULL);
	if (r < 0)
		return r;
	prog.insns = object_alloc(object, l.total * sizeof(*prog.insns));
	if (!prog.insns)
		return object_refuse(ret_why, -ENOMEM, "no memory for %llu instructions", (unsigned long long)l.total);
	for (uint32_t i = 0; i < l.linked; i++) {
		const struct object_function *f = &file->functions[l.order[i]];
		struct bpf_insn *at = prog.insns + l.base[l.order[i]];

		memcpy(at, file->sections[f->section].bytes + (size_t)f->start * 8, (size_t)f->count * 8);
		r = link_function(&l, f, at);
		if (r == 0)
			r = object_core_relocate(object, f, at, ret_why);
		if (r == 0)
			r = link_lines(&l, f, NULL, &line_count);
		if (r < 0)
			return r;
		prog.subprogs[i].start = l.base[l.order[i]];
		prog.subprogs[i].end = prog.subprogs[i].start + f->count;
		prog.subprogs[i].name = f->name;
	}
	lines = object_alloc(object, line_count * sizeof(*lines));
	if (!lines)
		return object_refuse(ret_why, -ENOMEM, "no memory for %u source lines", line_count);
	for (uint32_t i = 0; i < l.linked; i++)
		link_lines(&l, &file->functions[l.order[i]], lines, &prog.line_count);

	sec = section_of(object, first);
	prog.type = sec ? sec->type : BPF_PROG_TYPE_UNSPEC;
	prog.expected_attach_type = sec ? sec->attach_type : 0;
	prog.insn_count = l.total;
	prog.lines = lines;
	prog.subprog_count = l.linked;
	prog.subprogs_max = BPF_MAX_SUBPROGS;
	prog.map_count = object->map_count;
	for (uint32_t i = 0; i < object->map_count; i++)
		prog.maps[i] = object->maps[i].map;
	*ret_prog = prog;
	return 0;
}
