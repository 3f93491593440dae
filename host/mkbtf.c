/*
 * mkbtf.c: makes an image's types, as BTF, from its debugging information:
 *
 *     mkbtf IMAGE OUTPUT [MORE]
 *
 * MORE has further types, of no build of anybody (host/types). IMAGE is unstripped or the separate file with its
 * symbols. The first string of OUTPUT is "build-id HEX", so that one can tell whose types these are. Exit status 0, or
 * 1 with a message. An image without debugging information has types, too: none.
 */
#include <fcntl.h>
#include <gelf.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/btf.h"
#include "host/mkbtf.h"

#define NOTE_GNU_BUILD_ID 3
#define BUILD_ID_MAX	  64

static const char *input = "";

void fail(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fprintf(stderr, "mkbtf: %s: ", input);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	exit(1);
}

void *more(void *old, size_t count, size_t size)
{
	void *p = reallocarray(old, count ? count : 1, size);

	if (!p)
		fail("no memory");
	return p;
}

static struct bytes section_bytes(Elf_Scn *scn, const GElf_Shdr *shdr)
{
	Elf_Data *data;

	if (shdr->sh_type == SHT_NOBITS)
		return (struct bytes){0};
	if (shdr->sh_flags & SHF_COMPRESSED && elf_compress(scn, 0, 0) < 0)
		fail("compressed debugging information: %s", elf_errmsg(-1));
	data = elf_rawdata(scn, NULL);
	if (!data)
		fail("%s", elf_errmsg(-1));
	return (struct bytes){data->d_buf, data->d_size};
}

/* "build-id HEX", or "" without one. */
static void read_build_id(Elf_Data *data, char *text)
{
	GElf_Nhdr note;
	size_t at = 0, name, desc;

	while (data && (at = gelf_getnote(data, at, &note, &name, &desc)) > 0) {
		if (note.n_type != NOTE_GNU_BUILD_ID || note.n_namesz != 4 || note.n_descsz > BUILD_ID_MAX ||
		    memcmp((char *)data->d_buf + name, "GNU", 4) != 0)
			continue;
		text += sprintf(text, "build-id ");
		for (size_t i = 0; i < note.n_descsz; i++)
			text += sprintf(text, "%02x", ((uint8_t *)data->d_buf)[desc + i]);
		return;
	}
}

/* The kernel's code lies between two symbols of the link script. */
static void read_limits(Elf *elf, Elf_Scn *scn, const GElf_Shdr *shdr, struct types *t)
{
	Elf_Data *data = elf_getdata(scn, NULL);
	GElf_Sym sym;

	for (int i = 0; data && gelf_getsym(data, i, &sym); i++) {
		const char *name = elf_strptr(elf, shdr->sh_link, sym.st_name);

		if (name && strcmp(name, "__ktext_start") == 0)
			t->kernel_start = sym.st_value;
		if (name && strcmp(name, "__ktext_end") == 0)
			t->kernel_end = sym.st_value;
	}
}

static void read_sections(Elf *elf, struct dwarf *d, struct types *t, char *mark)
{
	const struct {
		const char *name;
		struct bytes *to;
	} wanted[] = {
		{".debug_info", &d->info},	   {".debug_abbrev", &d->abbrev},	    {".debug_str", &d->str},
		{".debug_line_str", &d->line_str}, {".debug_str_offsets", &d->str_offsets},
	};
	Elf_Scn *scn = NULL;
	GElf_Shdr shdr;
	size_t names;

	if (elf_getshdrstrndx(elf, &names) < 0)
		fail("%s", elf_errmsg(-1));
	while ((scn = elf_nextscn(elf, scn))) {
		const char *name;

		if (!gelf_getshdr(scn, &shdr) || !(name = elf_strptr(elf, names, shdr.sh_name)))
			fail("%s", elf_errmsg(-1));
		if (shdr.sh_type == SHT_SYMTAB)
			read_limits(elf, scn, &shdr, t);
		if (shdr.sh_type == SHT_NOTE)
			read_build_id(elf_getdata(scn, NULL), mark);
		for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
			if (strcmp(name, wanted[i].name) == 0)
				*wanted[i].to = section_bytes(scn, &shdr);
	}
}

/* Adds the types of a file; its bytes stay where they are. */
static void read_file(const char *path, uint64_t base, struct types *t, char *mark)
{
	struct dwarf d = {.base = base};
	Elf *elf;
	int fd;

	input = path;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		fail("cannot be opened");
	elf = elf_begin(fd, ELF_C_READ, NULL);
	if (!elf || elf_kind(elf) != ELF_K_ELF)
		fail("not an ELF file");
	read_sections(elf, &d, t, mark);
	types_read(t, &d);
}

int main(int argc, char **argv)
{
	char mark[2 * BUILD_ID_MAX + 16] = "", unused[2 * BUILD_ID_MAX + 16];
	struct types t = {0};
	uint8_t *btf;
	size_t size;
	FILE *out;

	if (argc != 3 && argc != 4) {
		fprintf(stderr, "usage: mkbtf IMAGE OUTPUT [MORE]\n");
		return 1;
	}
	elf_version(EV_CURRENT);
	read_file(argv[1], 0, &t, mark);
	t.kernel_start = t.kernel_end = 0;
	if (argc == 4)
		read_file(argv[3], 1ull << 48, &t, unused);
	types_split_arrays(&t);
	types_digest(&t);
	types_rename(&t);
	types_digest(&t);
	btf = btf_make(&t, mark, &size);
	out = fopen(argv[2], "wb");
	if (!out || fwrite(btf, size, 1, out) != 1 || fclose(out) != 0) {
		input = argv[2];
		fail("cannot be written");
	}
	return 0;
}
