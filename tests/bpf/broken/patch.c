/*
 * patch.c: breaks an object file: writes one number into a field of it.
 *
 *	patch OBJECT PLACE=VALUE...
 *
 * PLACE: file.AT.SIZE | header.FIELD | section.NAME.FIELD | symbol.NAME.FIELD | rel.NAME.INDEX.FIELD |
 * bytes.NAME.AT.SIZE | type.NAME.FIELD (of .BTF; NAME is KIND:NAME) | core.INDEX.FIELD (of .BTF.ext). NAME of a section
 * is written with its dot. VALUE: a number, +N to add, or "self", the named type's number. `cut=SIZE` shortens the file.
 */
#include <elf.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bpf/btf.h"

static uint8_t file[1 << 20];
static size_t size;

static _Noreturn void no(const char *what)
{
	fprintf(stderr, "patch: there is no %s\n", what);
	exit(1);
}

struct field {
	const char *of, *name;
	size_t at, size;
};
#define FIELD(of, type, prefix, name) {of, #name, offsetof(type, prefix##name), sizeof(((type *)0)->prefix##name)}
static const struct field fields[] = {
	FIELD("header", Elf64_Ehdr, e_, type),	   FIELD("header", Elf64_Ehdr, e_, machine),
	FIELD("header", Elf64_Ehdr, e_, shoff),	   FIELD("header", Elf64_Ehdr, e_, shnum),
	FIELD("header", Elf64_Ehdr, e_, shentsize), FIELD("header", Elf64_Ehdr, e_, shstrndx),
	FIELD("section", Elf64_Shdr, sh_, name),   FIELD("section", Elf64_Shdr, sh_, type),
	FIELD("section", Elf64_Shdr, sh_, flags),  FIELD("section", Elf64_Shdr, sh_, offset),
	FIELD("section", Elf64_Shdr, sh_, size),   FIELD("section", Elf64_Shdr, sh_, link),
	FIELD("section", Elf64_Shdr, sh_, info),   FIELD("section", Elf64_Shdr, sh_, entsize),
	FIELD("symbol", Elf64_Sym, st_, name),	   FIELD("symbol", Elf64_Sym, st_, info),
	FIELD("symbol", Elf64_Sym, st_, shndx),	   FIELD("symbol", Elf64_Sym, st_, value),
	FIELD("symbol", Elf64_Sym, st_, size),	   FIELD("rel", Elf64_Rel, r_, offset),
	FIELD("rel", Elf64_Rel, r_, info),	   FIELD("type", struct btf_type, , name),
	FIELD("type", struct btf_type, , info),	   FIELD("type", struct btf_type, , size_or_type),
	{"core", "insn", 0, 4},			   {"core", "type", 4, 4},
	{"core", "access", 8, 4},		   {"core", "kind", 12, 4},
};

static Elf64_Shdr *sections(void)
{
	return (Elf64_Shdr *)(file + ((Elf64_Ehdr *)file)->e_shoff);
}

static Elf64_Shdr *section(const char *name)
{
	const Elf64_Ehdr *h = (Elf64_Ehdr *)file;

	for (int i = 0; i < h->e_shnum; i++)
		if (!strcmp((char *)file + sections()[h->e_shstrndx].sh_offset + sections()[i].sh_name, name))
			return &sections()[i];
	no(name);
}

static size_t symbol(const char *name)
{
	const Elf64_Shdr *s = section(".symtab"), *strings = &sections()[s->sh_link];

	for (size_t at = 0; at < s->sh_size; at += sizeof(Elf64_Sym)) {
		const Elf64_Sym *sym = (Elf64_Sym *)(file + s->sh_offset + at);

		if (!strcmp((char *)file + strings->sh_offset + sym->st_name, name))
			return s->sh_offset + at;
	}
	no(name);
}

/* The record of a type; the bytes that follow each kind are as in bpf/btf.c. */
static uint32_t self; /* the number of the type that was named last */

static size_t type(const char *name)
{
	static const uint8_t fixed[] = {[BTF_KIND_INT] = 4, [BTF_KIND_ARRAY] = 12, [BTF_KIND_VAR] = 4, [BTF_KIND_ENUM64] = 0};
	static const uint8_t each[] = {[BTF_KIND_STRUCT] = 12, [BTF_KIND_UNION] = 12,	   [BTF_KIND_ENUM] = 8,
				       [BTF_KIND_FUNC_PROTO] = 8, [BTF_KIND_DATASEC] = 12, [BTF_KIND_ENUM64] = 12};
	size_t base = section(".BTF")->sh_offset, at = base + 24;
	const uint32_t *h = (uint32_t *)(file + base);
	unsigned kind = (unsigned)atoi(name);
	const char *its = strchr(name, ':') + 1;

	self = 0;
	while (at < base + 24 + h[3]) {
		const struct btf_type *t = (struct btf_type *)(file + at);

		self++;
		if (btf_kind(t) == kind && !strcmp((char *)file + base + 24 + h[4] + t->name, its))
			return at;
		at += sizeof(*t) + fixed[btf_kind(t)] + btf_vlen(t) * each[btf_kind(t)];
	}
	no(name);
}

/* The CO-RE relocation INDEX of the first section that has any. */
static size_t core(int index)
{
	size_t base = section(".BTF.ext")->sh_offset;
	const uint32_t *h = (uint32_t *)(file + base);

	return base + h[1] + h[6] + 4 + 8 + (size_t)index * 16;
}

static void put(size_t at, size_t n, const char *value)
{
	uint64_t v = 0;

	if (at > sizeof(file) || n > sizeof(v))
		no("such place");
	memcpy(&v, file + at, n);
	v = !strcmp(value, "self") ? self : value[0] == '+' ? v + strtoull(value + 1, NULL, 0) : strtoull(value, NULL, 0);
	memcpy(file + at, &v, n);
}

static void patch(char *place)
{
	char *value = strchr(place, '='), *last, *of = place, *name;
	size_t at = 0;

	if (!value)
		no("'='");
	*value++ = '\0';
	if (!strcmp(place, "cut")) {
		size = strtoull(value, NULL, 0);
		return;
	}
	last = strrchr(place, '.');
	*last++ = '\0';
	name = strchr(of, '.');
	if (name)
		*name++ = '\0';
	if (!strcmp(of, "file")) {
		put(strtoull(name, NULL, 0), strtoull(last, NULL, 0), value);
		return;
	}
	if (!strcmp(of, "bytes") || !strcmp(of, "rel")) {
		char *number = strrchr(name, '.');

		*number++ = '\0';
		at = section(name)->sh_offset;
		if (!strcmp(of, "bytes")) {
			put(at + strtoull(number, NULL, 0), strtoull(last, NULL, 0), value);
			return;
		}
		at += strtoull(number, NULL, 0) * sizeof(Elf64_Rel);
	} else if (!strcmp(of, "section")) {
		at = (size_t)((uint8_t *)section(name) - file);
	} else if (!strcmp(of, "symbol")) {
		at = symbol(name);
	} else if (!strcmp(of, "type")) {
		at = type(name);
	} else if (!strcmp(of, "core")) {
		at = core(atoi(name));
	}
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (!strcmp(fields[i].of, of) && !strcmp(fields[i].name, last)) {
			put(at + fields[i].at, fields[i].size, value);
			return;
		}
	no(last);
}

int main(int argc, char **argv)
{
	FILE *f = argc > 1 ? fopen(argv[1], "rb+") : NULL;

	if (!f)
		no("such file");
	size = fread(file, 1, sizeof(file), f);
	for (int i = 2; i < argc; i++)
		patch(argv[i]);
	rewind(f);
	if (fwrite(file, 1, size, f) != size || ftruncate(fileno(f), (off_t)size) < 0 || fclose(f) != 0)
		no("room");
	return 0;
}
