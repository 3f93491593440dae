/*
 * mksymidx.c: makes the symbol index of an image (lib/symidx.h) from its symbol table:
 *
 *     mksymidx IMAGE OUTPUT
 *
 * IMAGE is unstripped or the separate file with its symbols. Exit status 0, or 1 with a message.
 */
#include <fcntl.h>
#include <gelf.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/hash.h"
#include "lib/symidx.h"

#define KERNEL_PREFIX     "uio_k_"
#define NOTE_GNU_BUILD_ID 3

struct symbol {
	uint64_t address;
	uint64_t size;
	const char *name;
	uint32_t name_at;
	uint8_t type;
	uint8_t flags;
};

struct table {
	Elf *elf;
	struct symbol *list;
	size_t count;
	uint64_t ktext_start, ktext_end; /* the kernel's part of .text, from the link script's symbols */
	uint8_t build_id[SYMIDX_ID_MAX];
	size_t build_id_size;
};

static const char *program = "mksymidx";

static void die(const char *what, const char *why)
{
	fprintf(stderr, "%s: %s: %s\n", program, what, why);
	exit(1);
}

static void *xmalloc(size_t n)
{
	void *p = malloc(n ? n : 1);

	if (!p)
		die("memory", "exhausted");
	return p;
}

/* Sections of image/uio.lds that hold nothing but the kernel. */
static bool is_kernel_section(const char *name)
{
	static const char *const names[] = { ".boot", ".krodata", ".kdata", ".kbss" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(name, names[i]) == 0)
			return true;
	}
	return false;
}

static const char *section_name(Elf *elf, size_t index)
{
	Elf_Scn *scn = elf_getscn(elf, index);
	size_t strings;
	GElf_Shdr shdr;
	const char *name = NULL;

	if (scn && gelf_getshdr(scn, &shdr) && elf_getshdrstrndx(elf, &strings) == 0)
		name = elf_strptr(elf, strings, shdr.sh_name);
	return name ? name : "";
}

static uint8_t type_of(const GElf_Sym *sym)
{
	switch (GELF_ST_TYPE(sym->st_info)) {
	case STT_FUNC:
	case STT_GNU_IFUNC:
		return SYMIDX_FUNCTION;
	case STT_OBJECT:
		return SYMIDX_OBJECT;
	case STT_NOTYPE:
		return SYMIDX_LABEL;
	default:
		return 0; /* sections, files, thread-locals: no address that a program could use */
	}
}

static void take(struct table *t, const GElf_Sym *sym, const char *name)
{
	uint8_t type = type_of(sym);
	const char *section;
	bool kernel;

	if (strcmp(name, "__ktext_start") == 0)
		t->ktext_start = sym->st_value;
	if (strcmp(name, "__ktext_end") == 0)
		t->ktext_end = sym->st_value;
	if (!type || sym->st_shndx == SHN_UNDEF || sym->st_shndx >= SHN_LORESERVE || !name[0])
		return;
	section = section_name(t->elf, sym->st_shndx);
	kernel = is_kernel_section(section);
	t->list[t->count++] = (struct symbol){
		.address = sym->st_value,
		.size = sym->st_size,
		.name = name,
		.type = type,
		.flags = (uint8_t)((GELF_ST_BIND(sym->st_info) == STB_LOCAL ? SYMIDX_LOCAL : 0) |
				   (kernel ? SYMIDX_KERNEL : 0)),
	};
}

static void read_symbols(struct table *t)
{
	Elf_Scn *scn = NULL;
	GElf_Shdr shdr;

	while ((scn = elf_nextscn(t->elf, scn))) {
		Elf_Data *data;
		size_t n;

		if (!gelf_getshdr(scn, &shdr) || shdr.sh_type != SHT_SYMTAB || shdr.sh_entsize == 0)
			continue;
		data = elf_getdata(scn, NULL);
		if (!data)
			die("symbol table", elf_errmsg(-1));
		n = shdr.sh_size / shdr.sh_entsize;
		t->list = xmalloc(n * sizeof(t->list[0]));
		for (size_t i = 1; i < n; i++) {
			GElf_Sym sym;
			const char *name;

			if (!gelf_getsym(data, (int)i, &sym))
				die("symbol table", elf_errmsg(-1));
			name = elf_strptr(t->elf, shdr.sh_link, sym.st_name);
			if (name)
				take(t, &sym, name);
		}
		return;
	}
	die("symbol table", "the file has none: give the unstripped image, or its .debug file");
}

static void read_build_id(struct table *t)
{
	Elf_Scn *scn = NULL;
	GElf_Shdr shdr;

	while ((scn = elf_nextscn(t->elf, scn))) {
		Elf_Data *data;
		GElf_Nhdr note;
		size_t at = 0, name, desc;

		if (!gelf_getshdr(scn, &shdr) || shdr.sh_type != SHT_NOTE || !(data = elf_getdata(scn, NULL)))
			continue;
		while ((at = gelf_getnote(data, at, &note, &name, &desc)) > 0) {
			if (note.n_type != NOTE_GNU_BUILD_ID || note.n_namesz != 4 || note.n_descsz > SYMIDX_ID_MAX ||
			    memcmp((char *)data->d_buf + name, "GNU", 4) != 0)
				continue;
			memcpy(t->build_id, (char *)data->d_buf + desc, note.n_descsz);
			t->build_id_size = note.n_descsz;
			return;
		}
	}
}

/* Marks the kernel's functions, gives its symbols the names of the source, and drops what an index cannot hold. */
static void settle(struct table *t)
{
	size_t kept = 0;

	for (size_t i = 0; i < t->count; i++) {
		struct symbol s = t->list[i];

		if (s.address >= t->ktext_start && s.address < t->ktext_end)
			s.flags |= SYMIDX_KERNEL;
		if ((s.flags & SYMIDX_KERNEL) && strncmp(s.name, KERNEL_PREFIX, strlen(KERNEL_PREFIX)) == 0)
			s.name += strlen(KERNEL_PREFIX);
		/* The linker's limits (__image_start ...) are no symbols of anybody. */
		if (strlen(s.name) > SYMIDX_NAME_MAX || !s.name[0] ||
		    (s.type == SYMIDX_LABEL && !(s.flags & SYMIDX_LOCAL) && strncmp(s.name, "__", 2) == 0))
			continue;
		t->list[kept++] = s;
	}
	t->count = kept;
}

static int by_address(const void *a, const void *b)
{
	const struct symbol *x = a, *y = b;
	int x_local = x->flags & SYMIDX_LOCAL, y_local = y->flags & SYMIDX_LOCAL;

	if (x->address != y->address)
		return x->address < y->address ? -1 : 1;
	/* The last one wins a look-up by address: the global one, then the larger one. */
	if (x_local != y_local)
		return x_local ? -1 : 1;
	if (x->size != y->size)
		return x->size < y->size ? -1 : 1;
	return strcmp(x->name, y->name);
}

static struct symbol *sorted_list;

static int by_name(const void *a, const void *b)
{
	const struct symbol *x = &sorted_list[*(const uint32_t *)a], *y = &sorted_list[*(const uint32_t *)b];

	return strcmp(x->name, y->name);
}

static int by_hash(const void *a, const void *b)
{
	const struct symidx_hash *x = a, *y = b;

	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return (x->record > y->record) - (x->record < y->record);
}

/* Of the N symbols at ORDER, which bear one name, marks the one that a look-up by name finds. */
static void mark_unique(struct table *t, const uint32_t *order, size_t n)
{
	struct symbol *only[2] = { NULL, NULL };
	size_t count[2] = { 0, 0 };

	for (size_t i = 0; i < n; i++) {
		struct symbol *s = &t->list[order[i]];
		int local = (s->flags & SYMIDX_LOCAL) != 0;

		if (s->flags & SYMIDX_KERNEL)
			continue;
		only[local] = s;
		count[local]++;
	}
	if (count[0] == 1)
		only[0]->flags |= SYMIDX_UNIQUE;
	else if (count[0] == 0 && count[1] == 1)
		only[1]->flags |= SYMIDX_UNIQUE;
}

/* Gives each name its place in the strings, equal ones the same, and returns the strings. */
static char *lay_out_names(struct table *t, size_t *ret_size)
{
	uint32_t *order = xmalloc(t->count * sizeof(order[0]));
	size_t size = 0, at = 0;
	char *strings;

	for (size_t i = 0; i < t->count; i++) {
		order[i] = (uint32_t)i;
		size += strlen(t->list[i].name) + 1;
	}
	sorted_list = t->list;
	qsort(order, t->count, sizeof(order[0]), by_name);
	strings = xmalloc(size);
	for (size_t i = 0, n; i < t->count; i += n) {
		const char *name = t->list[order[i]].name;

		for (n = 0; i + n < t->count && strcmp(t->list[order[i + n]].name, name) == 0; n++)
			t->list[order[i + n]].name_at = (uint32_t)at;
		mark_unique(t, order + i, n);
		strcpy(strings + at, name);
		at += strlen(name) + 1;
	}
	free(order);
	*ret_size = at;
	return strings;
}

static void put(FILE *f, const void *bytes, size_t n)
{
	if (n > 0 && fwrite(bytes, n, 1, f) != 1)
		die("output", "cannot be written");
}

static void write_index(struct table *t, const char *path)
{
	struct symidx_header h = { .version = SYMIDX_VERSION };
	struct symidx_hash *hashes = xmalloc(t->count * sizeof(hashes[0]));
	size_t strings_size;
	char *strings = lay_out_names(t, &strings_size);
	FILE *f = fopen(path, "wb");

	if (!f)
		die(path, "cannot be created");
	memcpy(h.magic, SYMIDX_MAGIC, sizeof(h.magic));
	h.count = (uint32_t)t->count;
	h.strings_size = (uint32_t)strings_size;
	h.base = t->count ? t->list[0].address : 0;
	h.build_id_size = (uint32_t)t->build_id_size;
	memcpy(h.build_id, t->build_id, t->build_id_size);
	put(f, &h, sizeof(h));
	for (size_t i = 0; i < t->count; i++) {
		const struct symbol *s = &t->list[i];
		struct symidx_record r = {
			.offset = (uint32_t)(s->address - h.base),
			.size = s->size > UINT32_MAX ? UINT32_MAX : (uint32_t)s->size,
			.name = s->name_at,
			.type = s->type,
			.flags = s->flags,
		};

		if (s->address - h.base > UINT32_MAX)
			die(s->name, "lies more than 4 GiB behind the first symbol");
		put(f, &r, sizeof(r));
		hashes[i] = (struct symidx_hash){ hash_string(s->name), (uint32_t)i };
	}
	qsort(hashes, t->count, sizeof(hashes[0]), by_hash);
	put(f, hashes, t->count * sizeof(hashes[0]));
	put(f, strings, strings_size);
	if (fclose(f) != 0)
		die(path, "cannot be written");
	free(strings);
	free(hashes);
}

int main(int argc, char **argv)
{
	struct table t = { 0 };
	int fd;

	if (argc != 3) {
		fprintf(stderr, "usage: %s IMAGE OUTPUT\n", program);
		return 1;
	}
	fd = open(argv[1], O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		die(argv[1], "cannot be opened");
	elf_version(EV_CURRENT);
	t.elf = elf_begin(fd, ELF_C_READ, NULL);
	if (!t.elf || elf_kind(t.elf) != ELF_K_ELF)
		die(argv[1], "not an ELF file");
	read_symbols(&t);
	read_build_id(&t);
	settle(&t);
	qsort(t.list, t.count, sizeof(t.list[0]), by_address);
	write_index(&t, argv[2]);
	free(t.list);
	elf_end(t.elf);
	close(fd);
	return 0;
}
