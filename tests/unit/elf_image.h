/*
 * elf_image.h: a small static-PIE as a struct, for tests that break one thing in it. One read-only segment with all
 * tables, one of text, one of data; file offset = address. Hosted only.
 */
#ifndef TESTS_UNIT_ELF_IMAGE_H
#define TESTS_UNIT_ELF_IMAGE_H

#include <string.h>

#include "lib/elf.h"

#define IMAGE_TEXT 0x1000
#define IMAGE_DATA 0x2000

enum { PH_RO, PH_TEXT, PH_DATA, PH_DYNAMIC, PH_TLS, PH_STACK, PH_COUNT };
enum { SYM_NONE, SYM_COUNTER, SYM_SET_COUNTER, SYM_WEAK, SYM_HOOK, SYM_OWN, SYM_TLS, SYM_IFUNC, SYM_COUNT };
enum { RELA_RELATIVE, RELA_COUNTER, RELA_WEAK, RELA_HOOK, RELA_OWN, RELA_TPOFF, RELA_IRELATIVE, RELA_COUNT };

struct elf_image {
	union {
		struct {
			struct elf_header h;
			struct elf_phdr ph[PH_COUNT];
			struct elf_sym sym[SYM_COUNT];
			struct elf_rela rela[RELA_COUNT];
			struct elf_rela jmprel[1];
			uint64_t relr[2];
			char str[128];
		};
		uint8_t ro[IMAGE_TEXT];
	};
	uint8_t text[IMAGE_DATA - IMAGE_TEXT];
	union {
		struct {
			uint64_t slots[32];
			struct elf_dyn dyn[24];
		};
		uint8_t data[0x1000];
	};
};

#define IMAGE_AT(member) ((uint64_t)offsetof(struct elf_image, member))

static inline uint32_t image_name(struct elf_image *m, const char *name)
{
	static size_t used;
	size_t at;

	if (!m->str[1])
		used = 1;
	at = used;
	strcpy(m->str + at, name);
	used += strlen(name) + 1;
	return (uint32_t)at;
}

static inline void image_dyn(struct elf_image *m, int64_t tag, uint64_t value)
{
	unsigned i = 0;

	while (m->dyn[i].tag != 0 && m->dyn[i].tag != tag)
		i++;
	m->dyn[i] = (struct elf_dyn){ tag, value };
}

static inline struct elf_rela image_rela(unsigned slot, uint32_t type, uint32_t sym, int64_t addend)
{
	return (struct elf_rela){ IMAGE_AT(slots[slot]), (uint64_t)sym << 32 | type, addend };
}

static inline void image_build(struct elf_image *m)
{
	memset(m, 0, sizeof(*m));
	memcpy(m->h.ident, "\177ELF\2\1\1", 7);
	m->h.type = ELF_TYPE_DYN;
	m->h.machine = ELF_MACHINE_X86_64;
	m->h.entry = IMAGE_TEXT;
	m->h.phoff = IMAGE_AT(ph);
	m->h.phentsize = sizeof(struct elf_phdr);
	m->h.phnum = PH_COUNT;
	m->ph[PH_RO] = (struct elf_phdr){ ELF_PT_LOAD, ELF_PF_R, 0, 0, 0, sizeof(m->ro), sizeof(m->ro), 0x1000 };
	m->ph[PH_TEXT] = (struct elf_phdr){ ELF_PT_LOAD, ELF_PF_R | ELF_PF_X, IMAGE_TEXT, IMAGE_TEXT, 0, 0x1000, 0x1000,
					    0x1000 };
	m->ph[PH_DATA] = (struct elf_phdr){ ELF_PT_LOAD, ELF_PF_R | ELF_PF_W, IMAGE_DATA, IMAGE_DATA, 0, 0x1000, 0x1800,
					    0x1000 };
	m->ph[PH_DYNAMIC] = (struct elf_phdr){ ELF_PT_DYNAMIC, 6, IMAGE_AT(dyn), IMAGE_AT(dyn), 0, sizeof(m->dyn),
					       sizeof(m->dyn), 8 };
	m->ph[PH_TLS] = (struct elf_phdr){ ELF_PT_TLS, 4, IMAGE_DATA, IMAGE_DATA, 0, 16, 20, 16 };
	m->ph[PH_STACK] = (struct elf_phdr){ ELF_PT_GNU_STACK, 6, 0, 0, 0, 0, 0x20000, 16 };

	m->sym[SYM_COUNTER] = (struct elf_sym){ image_name(m, "counter"), 0x10, 0, 0, 0, 0 };
	m->sym[SYM_SET_COUNTER] = (struct elf_sym){ image_name(m, "set_counter"), 0x10, 0, 0, 0, 0 };
	m->sym[SYM_WEAK] = (struct elf_sym){ image_name(m, "maybe"), 0x20, 0, 0, 0, 0 };
	m->sym[SYM_HOOK] = (struct elf_sym){ image_name(m, "__cxa_finalize"), 0x20, 0, 0, 0, 0 };
	m->sym[SYM_OWN] = (struct elf_sym){ image_name(m, "own"), 0x11, 0, 3, IMAGE_DATA + 64, 8 };
	m->sym[SYM_TLS] = (struct elf_sym){ image_name(m, "tls"), 0x16, 0, 3, 8, 4 };
	m->sym[SYM_IFUNC] = (struct elf_sym){ image_name(m, "memcpy"), 0x1a, 0, 2, IMAGE_TEXT, 8 };

	m->rela[RELA_RELATIVE] = image_rela(0, ELF_R_RELATIVE, 0, IMAGE_DATA);
	m->rela[RELA_COUNTER] = image_rela(1, ELF_R_GLOB_DAT, SYM_COUNTER, 0);
	m->rela[RELA_WEAK] = image_rela(2, ELF_R_GLOB_DAT, SYM_WEAK, 0);
	m->rela[RELA_HOOK] = image_rela(3, ELF_R_GLOB_DAT, SYM_HOOK, 0);
	m->rela[RELA_OWN] = image_rela(4, ELF_R_64, SYM_OWN, 16);
	m->rela[RELA_TPOFF] = image_rela(5, ELF_R_TPOFF64, SYM_TLS, 0);
	m->rela[RELA_IRELATIVE] = image_rela(6, ELF_R_IRELATIVE, 0, IMAGE_TEXT);
	m->jmprel[0] = image_rela(7, ELF_R_JUMP_SLOT, SYM_SET_COUNTER, 0);
	/* RELR: slot 8, and by the bitmap slots 9 and 11 */
	m->relr[0] = IMAGE_AT(slots[8]);
	m->relr[1] = 1 | 1 << 1 | 1 << 3;
	m->slots[8] = 0x100;
	m->slots[9] = 0x200;
	m->slots[11] = 0x300;

	image_dyn(m, ELF_DT_RELA, IMAGE_AT(rela));
	image_dyn(m, ELF_DT_RELASZ, sizeof(m->rela));
	image_dyn(m, ELF_DT_RELAENT, sizeof(m->rela[0]));
	image_dyn(m, ELF_DT_JMPREL, IMAGE_AT(jmprel));
	image_dyn(m, ELF_DT_PLTRELSZ, sizeof(m->jmprel));
	image_dyn(m, ELF_DT_PLTREL, ELF_DT_RELA);
	image_dyn(m, ELF_DT_SYMTAB, IMAGE_AT(sym));
	image_dyn(m, ELF_DT_SYMENT, sizeof(m->sym[0]));
	image_dyn(m, ELF_DT_STRTAB, IMAGE_AT(str));
	image_dyn(m, ELF_DT_STRSZ, sizeof(m->str));
	image_dyn(m, ELF_DT_RELR, IMAGE_AT(relr));
	image_dyn(m, ELF_DT_RELRSZ, sizeof(m->relr));
	image_dyn(m, ELF_DT_RELRENT, 8);
}

#endif
