/*
 * symbols.c: reading symbol tables with libelf. See symbols.h.
 */
#include "host/symbols.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/util.h"

#define REACH_WITHOUT_SIZE	1024u

struct symbols_file {
	Elf *elf;
	int fd;
};

static void file_close(struct symbols_file *file)
{
	elf_end(file->elf);
	close(file->fd);
	free(file);
}

static int file_open(const char *path, struct symbols_file **ret_file)
{
	struct symbols_file *file;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -ENOENT;
	elf_version(EV_CURRENT);
	file = xcalloc(1, sizeof(*file));
	file->fd = fd;
	file->elf = elf_begin(fd, ELF_C_READ, NULL);
	if (!file->elf || elf_kind(file->elf) != ELF_K_ELF) {
		file_close(file);
		return -EINVAL;
	}
	*ret_file = file;
	return 0;
}

static int by_address(const void *a, const void *b)
{
	const struct symbol *x = a, *y = b;

	if (x->address != y->address)
		return x->address < y->address ? -1 : 1;
	/* Of several names for one place the sized one (no linker's mark), then the global one, comes last and wins. */
	if ((x->size > 0) != (y->size > 0))
		return x->size > 0 ? 1 : -1;
	return (int)y->local - (int)x->local;
}

static void read_table(struct symbols *s, Elf *elf, Elf_Scn *section, const GElf_Shdr *shdr)
{
	Elf_Data *data = elf_getdata(section, NULL);
	size_t count = data && shdr->sh_entsize ? shdr->sh_size / shdr->sh_entsize : 0;
	const char *file = NULL;

	s->list = xcalloc(count, sizeof(*s->list));
	for (size_t i = 1; i < count; i++) {
		GElf_Sym sym;
		const char *name;
		unsigned type;

		if (!gelf_getsym(data, (int)i, &sym))
			continue;
		name = elf_strptr(elf, shdr->sh_link, sym.st_name);
		type = GELF_ST_TYPE(sym.st_info);
		if (type == STT_FILE)
			file = name;
		if (!name || !name[0] || sym.st_shndx == SHN_UNDEF || sym.st_shndx == SHN_ABS || type > STT_FUNC)
			continue;
		s->list[s->count++] = (struct symbol) {
			.name = name, .address = sym.st_value, .size = sym.st_size, .type = (uint8_t)type,
			.local = GELF_ST_BIND(sym.st_info) == STB_LOCAL,
			.file = GELF_ST_BIND(sym.st_info) == STB_LOCAL ? file : NULL,
		};
	}
	qsort(s->list, s->count, sizeof(*s->list), by_address);
}

int symbols_load(const char *path, struct symbols **ret_symbols)
{
	struct symbols *s;
	Elf_Scn *section = NULL;
	struct symbols_file *file;
	int r = file_open(path, &file);

	if (r < 0)
		return r;
	while ((section = elf_nextscn(file->elf, section))) {
		GElf_Shdr shdr;

		if (!gelf_getshdr(section, &shdr) || shdr.sh_type != SHT_SYMTAB)
			continue;
		s = xcalloc(1, sizeof(*s));
		s->file = file;
		read_table(s, file->elf, section, &shdr);
		*ret_symbols = s;
		return 0;
	}
	file_close(file);
	return -ENODATA;
}

void symbols_free(struct symbols *s)
{
	if (!s)
		return;
	file_close(s->file);
	free(s->list);
	free(s);
}

int symbols_find(const struct symbols *s, const char *name, const struct symbol **ret_symbol, char **ret_text)
{
	const struct symbol *found = NULL;
	struct strv files = { 0 };
	char *text = NULL;

	for (size_t i = 0; i < s->count; i++) {
		const struct symbol *symbol = &s->list[i];

		if (strcmp(symbol->name, name) != 0)
			continue;
		if (!symbol->local) {
			*ret_symbol = symbol;
			return 0;
		}
		if (found && found->address == symbol->address)
			continue;
		strv_add(&files, symbol->file ? symbol->file : "?");
		found = symbol;
	}
	if (files.count == 0)
		return -ENOENT;
	if (files.count == 1) {
		*ret_symbol = found;
		return 0;
	}
	for (size_t i = 0; i < files.count; i++) {
		char *longer = xasprintf("%s%s%s", text ? text : "", text ? ", " : "", files.v[i]);

		free(text);
		text = longer;
	}
	*ret_text = text;
	return -EEXIST;
}

const struct symbol *symbols_at(const struct symbols *s, uint64_t address)
{
	size_t low = 0, high = s->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (s->list[middle].address <= address)
			low = middle + 1;
		else
			high = middle;
	}
	while (low > 0) {
		const struct symbol *symbol = &s->list[--low];
		uint64_t reach = symbol->size ? symbol->size : REACH_WITHOUT_SIZE;

		if (symbol->type != STT_FUNC && symbol->type != STT_OBJECT && symbol->type != STT_NOTYPE)
			continue;
		return address - symbol->address < reach ? symbol : NULL;
	}
	return NULL;
}

/* The GNU build-id note's bytes. Returns their number, 0 if there is none. */
static size_t build_id(const char *path, uint8_t *id, size_t room)
{
	struct symbols_file *file;
	Elf_Scn *section = NULL;
	size_t len = 0;

	if (file_open(path, &file) < 0)
		return 0;
	while (len == 0 && (section = elf_nextscn(file->elf, section))) {
		GElf_Shdr shdr;
		Elf_Data *data;
		GElf_Nhdr note;
		size_t at = 0, name, desc;

		if (!gelf_getshdr(section, &shdr) || shdr.sh_type != SHT_NOTE)
			continue;
		data = elf_getdata(section, NULL);
		while (data && (at = gelf_getnote(data, at, &note, &name, &desc)) > 0)
			if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 && note.n_descsz <= room &&
			    memcmp((char *)data->d_buf + name, "GNU", 4) == 0) {
				len = note.n_descsz;
				memcpy(id, (char *)data->d_buf + desc, len);
				break;
			}
	}
	file_close(file);
	return len;
}

bool symbols_same_build(const char *a, const char *b)
{
	uint8_t id_a[64], id_b[64];
	size_t len_a = build_id(a, id_a, sizeof(id_a)), len_b = build_id(b, id_b, sizeof(id_b));

	return len_a == 0 || len_b == 0 || (len_a == len_b && memcmp(id_a, id_b, len_a) == 0);
}

char *symbols_build_id(const char *path)
{
	uint8_t id[64];
	size_t len = build_id(path, id, sizeof(id));
	char *text = xcalloc(2 * len + 1, 1);

	for (size_t i = 0; i < len; i++)
		snprintf(text + 2 * i, 3, "%02x", id[i]);
	return text;
}
