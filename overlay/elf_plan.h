/* pure */
/*
 * elf_plan.h: decides how an overlay program's ELF file is loaded, or refuses it in words; nothing is mapped here.
 * May be used by the program loader and by unit tests.
 *
 * Invariant of a plan: its segments ascend, no two share a page with a wish to both write and execute it, all their
 * file parts lie in the image, and every relocation that elf_reloc.h hands out changes only a writable segment.
 *
 * Two kinds of program:
 *
 * - Plain Linux programs: ET_EXEC inside the window, or static-PIE.
 *       musl-gcc -static prog.c           gcc -static prog.c           gcc -static-pie prog.c
 * - Programs whose undefined symbols are the application's. They must be position-independent *and* keep dynamic
 *   relocations for what is undefined, so one of
 *       musl-gcc -static -fPIC -Wl,-pie,-E,-z,undefs prog.c
 *       gcc   -static-pie -fPIC -Wl,-E,-z,undefs prog.c
 *       clang -static-pie -fPIC -Wl,-E,-z,undefs prog.c          (also with -fuse-ld=lld)
 *   What each part is for, found by reading what GNU ld 2.40 and lld 14 write:
 *     -fPIC       makes data go through the GOT. With -fPIE gcc reaches `extern int counter` directly, for which ld
 *                 leaves a text relocation; such a file is refused with a message that says so. (Functions alone need
 *                 no -fPIC.)
 *     -E          (--export-dynamic) puts undefined symbols into .dynsym. Without it GNU ld binds them to 0 and leaves
 *                 no trace, so the file is accepted and the program faults near address 0.
 *     -z undefs   lets them be undefined at all.
 *     -Wl,-pie    because the specs of musl-gcc 1.2.3 ignore -static-pie. The file then names an interpreter but needs
 *                 no library, which is accepted, and in it ld keeps weak undefined symbols, which a true static-PIE
 *                 binds to null at link time.
 *
 * Who relocates: see elf_reloc.h.
 */
#ifndef OVERLAY_ELF_PLAN_H
#define OVERLAY_ELF_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/elf.h"

#define ELF_PLAN_PAGE         4096u
#define ELF_PLAN_WINDOW_LOW   0x10000u
#define ELF_PLAN_WINDOW_HIGH  0x3fff0000u
#define ELF_PLAN_SEGMENTS_MAX 16
#define ELF_PLAN_PHDRS_MAX    64
#define ELF_PLAN_DYNS_MAX     256
#define ELF_PLAN_RELOCS_MAX   131072 /* bounds the time a hostile file can take; static glibc has about 1,300 */
#define ELF_PLAN_RELRS_MAX    8192   /* words of the RELR table: as many as 516,096 relocations */
#define ELF_PLAN_SYMBOLS_MAX  65536
#define ELF_PLAN_NAME_MAX     255    /* bytes of a symbol's name */

enum elf_plan_kind {
	ELF_PLAN_FIXED,   /* ET_EXEC: the bias is 0 */
	ELF_PLAN_MOVABLE, /* ET_DYN: the caller chooses a bias that elf_plan_bias_ok() accepts */
};

/* Addresses are those of the file: add the bias. */
struct elf_plan_segment {
	uint64_t vaddr;
	uint64_t memsz;  /* not 0 */
	uint64_t offset; /* in the image */
	uint64_t filesz; /* <= memsz; the rest is zero */
	uint32_t prot;   /* ELF_PF_R | ELF_PF_W | ELF_PF_X, never W with X */
};

/* A table that the dynamic section names and a segment brings into memory. size 0: there is none. */
struct elf_plan_table {
	uint64_t vaddr;
	uint64_t offset; /* in the image */
	uint64_t size;
};

struct elf_plan {
	struct elf elf; /* the opened image */
	enum elf_plan_kind kind;

	size_t segment_count; /* >= 1 */
	struct elf_plan_segment segments[ELF_PLAN_SEGMENTS_MAX];
	uint64_t low, high; /* the pages from the first segment to the last; low < high, both page-aligned */
	uint64_t align;     /* what the bias must be a multiple of; >= a page */

	uint64_t entry;  /* in an executable segment */
	uint64_t phdrs;  /* for AT_PHDR; 0: not in memory */
	uint16_t phnum;  /* for AT_PHNUM; an entry is sizeof(struct elf_phdr) */

	struct {
		uint64_t vaddr, filesz, memsz;
		uint64_t align; /* power of two; 0: no PT_TLS */
	} tls;
	struct {
		uint64_t vaddr, size; /* the program protects this itself; size 0: none */
	} relro;
	uint64_t stack_size; /* p_memsz of PT_GNU_STACK: the size wished for, 0: none. Stacks are never executable. */
	bool has_interp;     /* names an interpreter (and needs no library) */

	struct elf_plan_table dynamic;
	struct elf_plan_table rela, jmprel, relr, symtab, strtab, init_array, fini_array;
	size_t reloc_count;        /* of rela and jmprel together */
	uint32_t symbol_limit;     /* symbols that relocations use are below this index */
	uint32_t undefined_count;  /* of those, the ones that the application must provide (weak ones included) */
	bool has_irelative;
};

/*
 * Plans the IMAGE of SIZE bytes, which must outlive the plan. On failure MESSAGE (of MESSAGE_SIZE bytes) says the
 * place, the fact and the limit, and *PLAN is undefined: -ENOEXEC: no such ELF file or one that cannot be an overlay
 * program; -EBADMSG: damaged.
 */
int elf_plan_make(const void *image, size_t size, struct elf_plan *plan, char *message, size_t message_size);

/* True if the program may be loaded BIAS bytes above its own addresses: aligned, and inside the window. */
bool elf_plan_bias_ok(const struct elf_plan *plan, uint64_t bias);

/* The rights of the page at PAGE (unbiased): of all segments that touch it. 0: none touches it. */
uint32_t elf_plan_page_prot(const struct elf_plan *plan, uint64_t page);

/* The segment that has all LEN bytes at VADDR (unbiased), or null. */
const struct elf_plan_segment *elf_plan_segment_of(const struct elf_plan *plan, uint64_t vaddr, uint64_t len);

/*
 * Called now and then in long work: the kernel lets others run. The image may have changed after it; nothing that was
 * read of it before is believed later, but what is in the plan. Null: nobody else runs.
 */
extern void (*elf_plan_pause)(void);

/* A symbol that a relocation names. */
struct elf_plan_symbol {
	const char *name; /* in the image, at most ELF_PLAN_NAME_MAX bytes */
	uint64_t value;   /* unbiased address, or the offset in the TLS segment */
	uint64_t size;
	uint8_t bind;     /* ELF_STB_* */
	uint8_t type;     /* ELF_STT_* */
	bool undefined;   /* the application is to provide it */
	bool absolute;    /* value takes no bias */
	/*
	 * Undefined, but never the application's: the compiler's own hooks, which are null when nobody defines them.
	 * These are weak names that C11 7.1.3 reserves (_ITM_registerTMCloneTable, __cxa_finalize ...), and
	 * __tls_get_addr, for which ld keeps a PLT slot although it relaxed every call away. Binding them to the
	 * application's would run its exit handlers when the program ends.
	 */
	bool runtime_hook;
};

/* Symbol INDEX, 1 .. symbol_limit - 1; -EBADMSG if it is damaged. */
int elf_plan_symbol(const struct elf_plan *plan, uint32_t index, struct elf_plan_symbol *ret);

#endif
