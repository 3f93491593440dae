/* pure */
/*
 * elf.h: the ELF64 format for x86-64 (System V gABI chapters 4 and 5; psABI x86-64 4.4) and a checked reader over an
 * image in memory. Offsets, counts and indices come from outside and are checked here: an accessor hands out bytes
 * inside the image or fails, and never wraps.
 */
#ifndef LIB_ELF_H
#define LIB_ELF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct elf_header {
	uint8_t ident[16];
	uint16_t type;
	uint16_t machine;
	uint32_t version;
	uint64_t entry;
	uint64_t phoff;
	uint64_t shoff;
	uint32_t flags;
	uint16_t ehsize;
	uint16_t phentsize;
	uint16_t phnum;
	uint16_t shentsize;
	uint16_t shnum;
	uint16_t shstrndx;
};
_Static_assert(sizeof(struct elf_header) == 64, "gABI 4, Elf64_Ehdr");

struct elf_phdr {
	uint32_t type;
	uint32_t flags;
	uint64_t offset;
	uint64_t vaddr;
	uint64_t paddr;
	uint64_t filesz;
	uint64_t memsz;
	uint64_t align;
};
_Static_assert(sizeof(struct elf_phdr) == 56, "gABI 5, Elf64_Phdr");

struct elf_shdr {
	uint32_t name;
	uint32_t type;
	uint64_t flags;
	uint64_t addr;
	uint64_t offset;
	uint64_t size;
	uint32_t link;
	uint32_t info;
	uint64_t addralign;
	uint64_t entsize;
};
_Static_assert(sizeof(struct elf_shdr) == 64, "gABI 4, Elf64_Shdr");

struct elf_dyn {
	int64_t tag;
	uint64_t value;
};
_Static_assert(sizeof(struct elf_dyn) == 16, "gABI 5, Elf64_Dyn");

struct elf_sym {
	uint32_t name;
	uint8_t info;
	uint8_t other;
	uint16_t shndx;
	uint64_t value;
	uint64_t size;
};
_Static_assert(sizeof(struct elf_sym) == 24, "gABI 4, Elf64_Sym");

struct elf_rela {
	uint64_t offset;
	uint64_t info;
	int64_t addend;
};
_Static_assert(sizeof(struct elf_rela) == 24, "gABI 4, Elf64_Rela");

enum {
	ELF_TYPE_EXEC = 2, /* ET_EXEC */
	ELF_TYPE_DYN = 3,  /* ET_DYN */
	ELF_MACHINE_X86_64 = 62,
};

/* gABI 5, p_type and p_flags; the GNU ones from the Linux extensions to gABI. */
enum {
	ELF_PT_LOAD = 1,
	ELF_PT_DYNAMIC = 2,
	ELF_PT_INTERP = 3,
	ELF_PT_NOTE = 4,
	ELF_PT_PHDR = 6,
	ELF_PT_TLS = 7,
	ELF_PT_GNU_STACK = 0x6474e551,
	ELF_PT_GNU_RELRO = 0x6474e552,

	ELF_PF_X = 1,
	ELF_PF_W = 2,
	ELF_PF_R = 4,
};

enum {
	ELF_SHT_SYMTAB = 2,
	ELF_SHT_NOBITS = 8,
	ELF_SHN_UNDEF = 0,
	ELF_SHN_ABS = 0xfff1,
};

enum {
	ELF_DT_NULL = 0,
	ELF_DT_NEEDED = 1,
	ELF_DT_PLTRELSZ = 2,
	ELF_DT_STRTAB = 5,
	ELF_DT_SYMTAB = 6,
	ELF_DT_RELA = 7,
	ELF_DT_RELASZ = 8,
	ELF_DT_RELAENT = 9,
	ELF_DT_STRSZ = 10,
	ELF_DT_SYMENT = 11,
	ELF_DT_INIT = 12,
	ELF_DT_FINI = 13,
	ELF_DT_REL = 17,
	ELF_DT_PLTREL = 20,
	ELF_DT_TEXTREL = 22,
	ELF_DT_JMPREL = 23,
	ELF_DT_INIT_ARRAY = 25,
	ELF_DT_FINI_ARRAY = 26,
	ELF_DT_INIT_ARRAYSZ = 27,
	ELF_DT_FINI_ARRAYSZ = 28,
	ELF_DT_FLAGS = 30,
	ELF_DT_RELRSZ = 35,
	ELF_DT_RELR = 36,
	ELF_DT_RELRENT = 37,

	ELF_DF_TEXTREL = 4,
};

/* st_info */
#define ELF_SYM_BIND(info) ((info) >> 4)
#define ELF_SYM_TYPE(info) ((info) & 15)

enum {
	ELF_STB_LOCAL = 0,
	ELF_STB_GLOBAL = 1,
	ELF_STB_WEAK = 2,

	ELF_STT_NOTYPE = 0,
	ELF_STT_OBJECT = 1,
	ELF_STT_FUNC = 2,
	ELF_STT_TLS = 6,
	ELF_STT_GNU_IFUNC = 10,
};

/* psABI x86-64, table 4.9: the relocation types, P = place, S = symbol, A = addend, B = bias. */
#define ELF_RELA_SYM(info)  ((uint32_t)((info) >> 32))
#define ELF_RELA_TYPE(info) ((uint32_t)(info))

enum {
	ELF_R_NONE = 0,
	ELF_R_64 = 1,         /* S + A */
	ELF_R_PC32 = 2,       /* S + A - P */
	ELF_R_PLT32 = 4,      /* L + A - P */
	ELF_R_COPY = 5,
	ELF_R_GLOB_DAT = 6,   /* S */
	ELF_R_JUMP_SLOT = 7,  /* S */
	ELF_R_RELATIVE = 8,   /* B + A */
	ELF_R_32 = 10,        /* S + A, zero-extends */
	ELF_R_32S = 11,       /* S + A, sign-extends */
	ELF_R_DTPMOD64 = 16,
	ELF_R_DTPOFF64 = 17,
	ELF_R_TPOFF64 = 18,
	ELF_R_TPOFF32 = 23,
	ELF_R_PC64 = 24,      /* S + A - P */
	ELF_R_SIZE64 = 33,    /* Z + A */
	ELF_R_TLSDESC = 36,
	ELF_R_IRELATIVE = 37, /* what the function at B + A returns */
};

/* An opened image. */
struct elf {
	const uint8_t *image; /* the caller's; outlives this and what the accessors hand out */
	size_t size;
	struct elf_header header;
};

/*
 * Opens an image: -ENOEXEC if it is not ELF64, little-endian, version 1, for x86-64; -EBADMSG if the header or the
 * table of program headers is damaged. Section headers are looked at only when asked for.
 */
int elf_open(struct elf *e, const void *image, size_t size);
/* The same for another MACHINE (e_machine). */
int elf_open_as(struct elf *e, const void *image, size_t size, uint16_t machine);

/* The LEN bytes at OFFSET of the file; null if they are not all in it. LEN may be 0. */
const void *elf_bytes(const struct elf *e, uint64_t offset, uint64_t len);

/* Program header and section header I; -ENOENT beyond the last, -EBADMSG if the table leaves the file. */
int elf_phdr(const struct elf *e, unsigned i, struct elf_phdr *ret);
int elf_shdr(const struct elf *e, unsigned i, struct elf_shdr *ret);

/*
 * The file offset of the LEN bytes that a PT_LOAD segment brings to VADDR; -ENOENT if no segment has all of them in its
 * file part.
 */
int elf_offset_of(const struct elf *e, uint64_t vaddr, uint64_t len, uint64_t *ret_offset);

/* Entry I of the dynamic section; -ENOENT if there is no such section or it ends, by DT_NULL or its size, before I. */
int elf_dyn(const struct elf *e, unsigned i, struct elf_dyn *ret);

/* The value of the first dynamic entry TAG; -ENOENT if there is none. */
int elf_dyn_find(const struct elf *e, int64_t tag, uint64_t *ret_value);

/* Symbol INDEX of the table of SIZE bytes at OFFSET of the file; -EBADMSG if it is not all in table and file. */
int elf_sym_at(const struct elf *e, uint64_t offset, uint64_t size, uint32_t index, struct elf_sym *ret);

/*
 * The NUL-terminated string at AT of the string table of SIZE bytes at OFFSET; null if it does not end inside the table
 * or the table is not all in the file.
 */
const char *elf_string_at(const struct elf *e, uint64_t offset, uint64_t size, uint64_t at);

/* The build-id note (type 3 of owner "GNU") in a PT_NOTE segment: bytes and length. -ENOENT if there is none. */
int elf_build_id(const struct elf *e, const uint8_t **ret_id, size_t *ret_len);

#endif
