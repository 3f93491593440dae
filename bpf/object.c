/* pure */
/* object.c: opens an object file: its sections, symbols, functions and the programs among them, its memory and errors.
 */
#include "bpf/object_file.h"

#include "lib/errno.h"
#include "lib/fmt.h"
#include "lib/str.h"

#define CHUNK_SIZE 4096

struct chunk {
	struct chunk *next;
	size_t size;
	size_t used;
} __attribute__((aligned(16)));

void *object_alloc(struct bpf_object *object, size_t size)
{
	struct chunk *c = object->file->chunks;
	void *p;

	if (size > SIZE_MAX / 2)
		return NULL;
	size = (size + 15) & ~(size_t)15;
	if (!c || c->size - c->used < size) {
		size_t whole = sizeof(*c) + (size > CHUNK_SIZE ? size : CHUNK_SIZE);

		c = bpf_mem_alloc(object->mem, whole);
		if (!c)
			return NULL;
		c->size = whole;
		c->used = sizeof(*c);
		c->next = object->file->chunks;
		object->file->chunks = c;
	}
	p = (uint8_t *)c + c->used;
	c->used += size;
	return p;
}

int object_refuse(struct bpf_refusal *why, int error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fmt_vsnprintf(why->text, sizeof(why->text), format, args);
	va_end(args);
	why->insn = 0;
	return error;
}

int object_symbol(const struct bpf_object *object, uint32_t i, struct elf_sym *ret, const char **ret_name)
{
	const struct bpf_object_file *file = object->file;
	struct elf_sym s;
	const char *name;

	if (i >= file->symbol_count)
		return -EBADMSG;
	memcpy(&s, file->symbols + (size_t)i * sizeof(s), sizeof(s));
	name = elf_string_at(&file->elf, file->strings_offset, file->strings_size, s.name);
	if (!name || (s.shndx >= file->section_count && s.shndx < 0xff00))
		return -EBADMSG;
	if (ELF_SYM_TYPE(s.info) == ELF_STT_SECTION && s.shndx < file->section_count)
		name = file->sections[s.shndx].name;
	*ret = s;
	*ret_name = name;
	return 0;
}

struct object_rel object_rel_at(const struct object_section *section, uint32_t i)
{
	struct object_rel rel;

	memcpy(&rel, section->rel + (size_t)i * sizeof(rel), sizeof(rel));
	return rel;
}

int object_function_at(const struct bpf_object *object, uint32_t section, uint64_t insn)
{
	const struct bpf_object_file *file = object->file;

	for (uint32_t i = 0; i < file->function_count; i++)
		if (file->functions[i].section == section && file->functions[i].start == insn)
			return (int)i;
	return -1;
}

static int read_sections(struct bpf_object *object, struct bpf_refusal *why)
{
	struct bpf_object_file *file = object->file;
	const struct elf_header *h = &file->elf.header;
	struct elf_shdr names;

	if (h->shnum == 0 || h->shnum > OBJECT_SECTIONS_MAX || elf_shdr(&file->elf, h->shstrndx, &names) < 0)
		return object_refuse(why, -EBADMSG, "the table of sections is damaged, or has more than %u",
				     OBJECT_SECTIONS_MAX);
	file->sections = object_alloc(object, h->shnum * sizeof(*file->sections));
	if (!file->sections)
		return object_refuse(why, -ENOMEM, "no memory for %u sections", h->shnum);
	file->section_count = h->shnum;
	for (uint32_t i = 0; i < h->shnum; i++) {
		struct object_section *s = &file->sections[i];

		s->map = -1;
		if (elf_shdr(&file->elf, i, &s->header) < 0)
			return object_refuse(why, -EBADMSG, "section %u: its header leaves the file", i);
		s->name = elf_string_at(&file->elf, names.offset, names.size, s->header.name);
		if (!s->name)
			return object_refuse(why, -EBADMSG, "section %u: its name leaves the string table", i);
		if (s->header.type == ELF_SHT_NOBITS || i == 0)
			continue;
		s->bytes = elf_bytes(&file->elf, s->header.offset, s->header.size);
		if (!s->bytes)
			return object_refuse(why, -EBADMSG, "section %s: its %llu bytes leave the file", s->name,
					     (unsigned long long)s->header.size);
	}
	return 0;
}

static int check_overlaps(const struct bpf_object_file *file, struct bpf_refusal *why)
{
	for (uint32_t i = 1; i < file->section_count; i++)
		for (uint32_t j = i + 1; j < file->section_count; j++) {
			const struct object_section *a = &file->sections[i], *b = &file->sections[j];

			if (a->bytes && b->bytes && a->bytes < b->bytes + b->header.size &&
			    b->bytes < a->bytes + a->header.size)
				return object_refuse(why, -EBADMSG, "section %s and section %s overlap", a->name,
						     b->name);
		}
	return 0;
}

/* Symbols, relocations of sections that count, BTF. */
static int read_tables(struct bpf_object *object, struct bpf_refusal *why)
{
	struct bpf_object_file *file = object->file;
	const struct object_section *btf = NULL;

	for (uint32_t i = 1; i < file->section_count; i++) {
		struct object_section *s = &file->sections[i];

		if (s->header.type == ELF_SHT_SYMTAB) {
			const struct elf_shdr *strings;

			if (s->header.link >= file->section_count || s->header.entsize != sizeof(struct elf_sym) ||
			    s->header.size / sizeof(struct elf_sym) > OBJECT_SYMBOLS_MAX)
				return object_refuse(why, -EBADMSG, "the symbol table is damaged, or has more than %u",
						     OBJECT_SYMBOLS_MAX);
			strings = &file->sections[s->header.link].header;
			file->symbols = s->bytes;
			file->symbol_count = s->header.size / sizeof(struct elf_sym);
			file->strings_offset = strings->offset;
			file->strings_size = strings->size;
		} else if (s->header.type == ELF_SHT_REL) {
			struct object_section *of;

			if (s->header.info == 0 || s->header.info >= file->section_count ||
			    s->header.size % sizeof(struct object_rel) ||
			    s->header.size / sizeof(struct object_rel) > UINT32_MAX)
				return object_refuse(why, -EBADMSG, "section %s: damaged relocations", s->name);
			of = &file->sections[s->header.info];
			of->rel = s->bytes;
			of->rel_count = s->header.size / sizeof(struct object_rel);
		} else if (strcmp(s->name, ".BTF") == 0 && s->bytes) {
			btf = s;
		} else if (strcmp(s->name, ".BTF.ext") == 0 && s->bytes && s->header.size <= UINT32_MAX) {
			file->ext = s->bytes;
			file->ext_size = s->header.size;
		} else if (strcmp(s->name, "license") == 0 && s->bytes) {
			const char *text = (const char *)s->bytes;

			if (s->header.size == 0 || text[s->header.size - 1])
				return object_refuse(why, -EBADMSG, "section license: no string that ends");
			object->license = text;
		} else if (strcmp(s->name, "maps") == 0) {
			return object_refuse(
				why, -ENOTSUPP,
				"section maps: definitions of the old form; write them with SEC(\".maps\")");
		}
	}
	if (btf) {
		const char *fault;
		int r = btf_open(btf->bytes, btf->header.size, object->mem, &object->btf, &fault);

		if (r == -ENOMEM)
			return object_refuse(why, r, "no memory for its types");
		if (r < 0)
			return object_refuse(why, r, "section .BTF is damaged: %s", fault);
	}
	return 0;
}

static bool executable(const struct object_section *s)
{
	return s->header.type == ELF_SHT_PROGBITS && s->header.flags & ELF_SHF_EXEC && s->header.size > 0;
}

/* Counts the functions; with ROOM writes them down. */
static int scan_functions(struct bpf_object *object, struct object_function *room, uint32_t *ret_count,
			  struct bpf_refusal *why)
{
	struct bpf_object_file *file = object->file;
	uint32_t n = 0;

	for (uint32_t s = 1; s < file->section_count; s++) {
		const struct object_section *section = &file->sections[s];
		uint32_t before = n;

		if (!executable(section))
			continue;
		if (section->header.size % sizeof(struct bpf_insn) ||
		    section->header.size / sizeof(struct bpf_insn) > BPF_MAX_INSNS)
			return object_refuse(why, -EBADMSG,
					     "section %s: %llu bytes are no whole instructions, or too many",
					     section->name, (unsigned long long)section->header.size);
		for (uint32_t i = 1; i < file->symbol_count; i++) {
			struct elf_sym sym;
			const char *name;

			if (object_symbol(object, i, &sym, &name) < 0)
				return object_refuse(why, -EBADMSG, "symbol %u is damaged", i);
			if (sym.shndx != s || ELF_SYM_TYPE(sym.info) != ELF_STT_FUNC)
				continue;
			if (sym.value % 8 || sym.size % 8 || sym.size == 0 || sym.value > section->header.size ||
			    sym.size > section->header.size - sym.value)
				return object_refuse(why, -EBADMSG, "function %s leaves its section %s", name,
						     section->name);
			if (room)
				room[n] = (struct object_function){
					.name = name,
					.section = s,
					.start = sym.value / 8,
					.count = sym.size / 8,
					.global = ELF_SYM_BIND(sym.info) != ELF_STB_LOCAL,
				};
			n++;
		}
		if (n > before)
			continue;
		if (room)
			room[n] = (struct object_function){
				.name = section->name,
				.section = s,
				.count = section->header.size / 8,
				.global = true,
			};
		n++;
	}
	*ret_count = n;
	return 0;
}

static int read_programs(struct bpf_object *object, struct bpf_refusal *why)
{
	struct bpf_object_file *file = object->file;
	int r = scan_functions(object, NULL, &file->function_count, why);

	if (r < 0)
		return r;
	file->functions = object_alloc(object, file->function_count * sizeof(*file->functions));
	object->programs = object_alloc(object, file->function_count * sizeof(*object->programs));
	if (!file->functions || !object->programs)
		return object_refuse(why, -ENOMEM, "no memory for %u functions", file->function_count);
	scan_functions(object, file->functions, &file->function_count, why);
	for (uint32_t i = 0; i < file->function_count; i++) {
		const struct object_function *f = &file->functions[i];
		const char *section = file->sections[f->section].name;
		struct bpf_object_program *p = &object->programs[object->program_count];

		if (!f->global || strcmp(section, ".text") == 0)
			continue;
		*p = (struct bpf_object_program){.name = f->name, .section = section, .function = i};
		p->sec_error = bpf_sec_parse(section, &p->sec);
		object->program_count++;
	}
	return 0;
}

int bpf_object_open(const void *image, size_t size, const struct bpf_object_options *options, struct bpf_mem *mem,
		    struct bpf_object **ret, struct bpf_refusal *ret_why)
{
	struct bpf_object *object = bpf_mem_alloc(mem, sizeof(*object));
	int r;

	if (!object)
		return object_refuse(ret_why, -ENOMEM, "no memory for the object");
	object->mem = mem;
	object->license = "";
	object->file = bpf_mem_alloc(mem, sizeof(*object->file));
	if (!object->file) {
		bpf_mem_free(mem, object, sizeof(*object));
		return object_refuse(ret_why, -ENOMEM, "no memory for the object");
	}
	if (options)
		object->file->options = *options;
	r = elf_open_as(&object->file->elf, image, size, ELF_MACHINE_BPF);
	if (r < 0)
		r = object_refuse(ret_why, r, "it is no ELF object for BPF (clang -target bpf)");
	else if (object->file->elf.header.type != ELF_TYPE_REL)
		r = object_refuse(ret_why, -EINVAL, "it is an ELF file of type %u, not a relocatable object",
				  object->file->elf.header.type);
	if (r == 0)
		r = read_sections(object, ret_why);
	if (r == 0)
		r = check_overlaps(object->file, ret_why);
	if (r == 0)
		r = read_tables(object, ret_why);
	if (r == 0)
		r = read_programs(object, ret_why);
	if (r == 0)
		r = object_read_maps(object, ret_why);
	if (r == 0)
		r = object_read_externs(object, ret_why);
	if (r == 0)
		r = object_read_values(object, ret_why);
	if (r < 0) {
		bpf_object_close(object);
		return r;
	}
	*ret = object;
	return 0;
}

void bpf_object_close(struct bpf_object *object)
{
	struct chunk *c;

	if (!object)
		return;
	for (uint32_t i = 0; i < object->map_count; i++)
		if (object->maps[i].map)
			bpf_map_put(object->maps[i].map);
	if (object->btf.count)
		btf_close(&object->btf);
	c = object->file->chunks;
	while (c) {
		struct chunk *next = c->next;

		bpf_mem_free(object->mem, c, c->size);
		c = next;
	}
	bpf_mem_free(object->mem, object->file, sizeof(*object->file));
	bpf_mem_free(object->mem, object, sizeof(*object));
}
