/* pure */
/*
 * object_file.h: what the parts of the object reader share: the file's sections, symbols and functions, its memory, its
 * errors. Only bpf/object*.c and bpf/core*.c include this.
 */
#ifndef BPF_OBJECT_FILE_H
#define BPF_OBJECT_FILE_H

#include "bpf/object.h"
#include "lib/elf.h"

#define ELF_MACHINE_BPF	 247 /* EM_BPF */
#define ELF_TYPE_REL	 1   /* ET_REL */
#define ELF_SHT_PROGBITS 1
#define ELF_SHT_REL	 9
#define ELF_SHF_WRITE	 0x1
#define ELF_SHF_ALLOC	 0x2
#define ELF_SHF_EXEC	 0x4
#define ELF_SHN_COMMON	 0xfff2
#define ELF_STT_SECTION	 3

/* Linux, Documentation/bpf/llvm_reloc.rst. */
#define R_BPF_64_64    1  /* a 16-byte instruction */
#define R_BPF_64_ABS64 2  /* data */
#define R_BPF_64_32    10 /* a call */

#define OBJECT_SECTIONS_MAX 512
#define OBJECT_SYMBOLS_MAX  65536

struct object_rel { /* gABI 4, Elf64_Rel */
	uint64_t offset;
	uint64_t info;
};
_Static_assert(sizeof(struct object_rel) == 16, "gABI 4, Elf64_Rel");

struct object_section {
	const char *name;
	struct elf_shdr header;
	const uint8_t *bytes; /* null for SHT_NOBITS */
	const uint8_t *rel;   /* its relocations, struct object_rel, unaligned */
	uint32_t rel_count;
	int32_t map; /* the map that holds it, or -1 */
};

/* A function: a symbol, or the whole of an executable section that has none. */
struct object_function {
	const char *name;
	uint32_t section;
	uint32_t start; /* in instructions */
	uint32_t count;
	bool global;
};

struct bpf_object_file {
	struct elf elf;
	struct object_section *sections;
	uint32_t section_count;
	const uint8_t *symbols; /* struct elf_sym, unaligned */
	uint32_t symbol_count;
	uint64_t strings_offset;
	uint64_t strings_size;
	struct object_function *functions; /* sorted by section and start */
	uint32_t function_count;
	const uint8_t *ext; /* .BTF.ext, or null */
	uint32_t ext_size;
	struct bpf_object_options options;
	void *chunks; /* memory, freed at once */
};

/* Zeroed memory of the object's, aligned by 16, that lives as long as it; null: none left. */
void *object_alloc(struct bpf_object *object, size_t size);

/* Fills *why and returns ERROR. */
int object_refuse(struct bpf_refusal *why, int error, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Symbol I and its name; -EBADMSG if it does not exist. */
int object_symbol(const struct bpf_object *object, uint32_t i, struct elf_sym *ret, const char **ret_name);
/* Relocation I of a section, which exists. */
struct object_rel object_rel_at(const struct object_section *section, uint32_t i);
/* The function that starts at instruction INSN of SECTION, or -1. */
int object_function_at(const struct bpf_object *object, uint32_t section, uint64_t insn);

/* object_maps.c: reads .maps, the sections of global variables, and externs into object->maps. */
int object_read_maps(struct bpf_object *object, struct bpf_refusal *why);
/* object_maps.c: a new map in the list; null (with *why filled) if that is full. NAME outlives it. */
struct bpf_object_map *object_new_map(struct bpf_object *object, const char *name, struct bpf_refusal *why);
/* object_maps.c: the first contents of maps of maps and program arrays; after the programs are known. */
int object_read_values(struct bpf_object *object, struct bpf_refusal *why);

/* object_extern.c: the map of `extern ... __kconfig` variables, if there are any. */
int object_read_externs(struct bpf_object *object, struct bpf_refusal *why);
/* object_extern.c: puts what the undefined symbol NAME means into the 16-byte instruction at INSN. */
int object_link_extern(struct bpf_object *object, const char *name, bool weak, struct bpf_insn *insn,
		       struct bpf_refusal *why);

/* core.c: carries out those CO-RE relocations of .BTF.ext that lie in F; INSNS is the copy of its instructions. */
int object_core_relocate(struct bpf_object *object, const struct object_function *f, struct bpf_insn *insns,
			 struct bpf_refusal *why);

/*
 * object_ext.c: the records of one part of .BTF.ext (Linux, btf.rst 4.2) that belong to a section, in their order.
 * Each starts with the byte offset of its instruction.
 */
enum object_ext_part {
	OBJECT_EXT_FUNCTIONS,
	OBJECT_EXT_LINES,
	OBJECT_EXT_CORE,
};
struct object_ext_records {
	const uint8_t *at;
	uint32_t size; /* of one record */
	uint32_t count;
};
/* An empty set if there are none; -EBADMSG if .BTF.ext is damaged. */
int object_ext_find(const struct bpf_object *object, enum object_ext_part part, const char *section,
		    struct object_ext_records *ret);

#endif
