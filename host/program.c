/*
 * program.c: see program.h.
 */
#include "host/program.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <string.h>
#include <unistd.h>

#include "host/util.h"

static Elf *elf_open(const char *path, int *ret_fd)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	Elf *elf;

	if (fd < 0)
		return NULL;
	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_READ, NULL);
	if (!elf || elf_kind(elf) != ELF_K_ELF) {
		elf_end(elf);
		close(fd);
		return NULL;
	}
	*ret_fd = fd;
	return elf;
}

static void elf_close(Elf *elf, int fd)
{
	elf_end(elf);
	close(fd);
}

/* An interpreter alone does not make a program dynamic: musl-gcc's way to a position-independent static one names it
 * too. */
static bool needs_library(Elf *elf, const GElf_Phdr *dynamic)
{
	Elf_Data *data = elf_getdata_rawchunk(elf, (int64_t)dynamic->p_offset, dynamic->p_filesz, ELF_T_DYN);
	GElf_Dyn dyn;

	for (int i = 0; data && gelf_getdyn(data, i, &dyn) && dyn.d_tag != DT_NULL; i++)
		if (dyn.d_tag == DT_NEEDED)
			return true;
	return false;
}

static enum program_kind kind_of(Elf *elf)
{
	GElf_Ehdr ehdr;
	size_t count;
	bool loads = false;

	if (!gelf_getehdr(elf, &ehdr) || ehdr.e_machine != EM_X86_64 || elf_getphdrnum(elf, &count) < 0 ||
	    (ehdr.e_type != ET_EXEC && ehdr.e_type != ET_DYN))
		return PROGRAM_NOT_ELF;
	for (size_t i = 0; i < count; i++) {
		GElf_Phdr phdr;

		if (!gelf_getphdr(elf, (int)i, &phdr))
			return PROGRAM_NOT_ELF;
		if (phdr.p_type == PT_DYNAMIC && needs_library(elf, &phdr))
			return PROGRAM_DYNAMIC;
		if (phdr.p_type == PT_LOAD)
			loads = true;
	}
	return loads ? PROGRAM_STATIC : PROGRAM_NOT_ELF;
}

enum program_kind program_kind(const char *path)
{
	int fd;
	Elf *elf = elf_open(path, &fd);
	enum program_kind kind;

	if (!elf)
		return PROGRAM_NOT_ELF;
	kind = kind_of(elf);
	elf_close(elf, fd);
	return kind;
}

/* The compiler's own hooks, which the loader leaves null: see runtime_hook in overlay/elf_plan.h. */
static bool is_runtime_hook(const char *name, const GElf_Sym *sym)
{
	bool reserved = name[0] == '_' && (name[1] == '_' || (name[1] >= 'A' && name[1] <= 'Z'));

	return (reserved && GELF_ST_BIND(sym->st_info) == STB_WEAK) || strcmp(name, "__tls_get_addr") == 0;
}

static void add_undefined(Elf *elf, Elf_Scn *section, struct strv *names)
{
	Elf_Data *data = elf_getdata(section, NULL);
	GElf_Shdr shdr;
	size_t count;

	if (!data || !gelf_getshdr(section, &shdr) || shdr.sh_entsize == 0)
		return;
	count = shdr.sh_size / shdr.sh_entsize;
	for (size_t i = 1; i < count; i++) {
		GElf_Sym sym;
		const char *name;

		if (!gelf_getsym(data, (int)i, &sym) || sym.st_shndx != SHN_UNDEF ||
		    GELF_ST_BIND(sym.st_info) == STB_LOCAL) /* what lld makes of hidden weak ones */
			continue;
		name = elf_strptr(elf, shdr.sh_link, sym.st_name);
		if (name && name[0] && !is_runtime_hook(name, &sym))
			strv_addf(names, "%s%s", GELF_ST_BIND(sym.st_info) == STB_WEAK ? "?" : "", name);
	}
}

int program_undefined(const char *path, struct strv *names)
{
	int fd;
	Elf *elf = elf_open(path, &fd);
	Elf_Scn *section = NULL, *symtab = NULL, *dynsym = NULL;

	if (!elf)
		return -EINVAL;
	while ((section = elf_nextscn(elf, section))) {
		GElf_Shdr shdr;

		if (!gelf_getshdr(section, &shdr))
			continue;
		if (shdr.sh_type == SHT_DYNSYM)
			dynsym = section;
		if (shdr.sh_type == SHT_SYMTAB)
			symtab = section;
	}
	/* What the loader relocates by is the dynamic table; a file without one has its answers in the other. */
	if (dynsym)
		add_undefined(elf, dynsym, names);
	else if (symtab)
		add_undefined(elf, symtab, names);
	elf_close(elf, fd);
	return 0;
}
