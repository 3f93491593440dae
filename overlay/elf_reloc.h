/* pure */
/*
 * elf_reloc.h: the relocations of a planned program: which there are, what each writes, and which of them the program's
 * own start-up code must not see again. May be used by the program loader and by unit tests.
 *
 * Who relocates. The loader does everything but IRELATIVE, before the program's first instruction, on pages that are
 * not yet protected:
 *
 * - Relocations that name a symbol, the application's or the program's own, are applied and their entry in the loaded
 *   table becomes R_X86_64_NONE. musl's start-up (ldso/dlstart.c, linked as rcrt1.o) looks at RELATIVE only; glibc's
 *   (elf/dl-reloc-static-pie.c) processes every entry and takes each symbol for the program's own, so it would
 *   overwrite a bound address with the load address. Both skip NONE.
 * - RELATIVE entries are applied and stay: they store base + addend, so a start-up that does them again stores the
 *   same, and glibc counts them by DT_RELACOUNT. A program that starts without relocating itself (Scrt1.o, which
 *   musl-gcc links) finds them done.
 * - RELR entries add the base to what is in memory, so they must not run twice: they are applied, and DT_RELRSZ in
 *   memory becomes 0.
 * - IRELATIVE calls the program's own code, so the program's start-up does it, in ring 3. The same holds for the rare
 *   relocation against a defined symbol of type STT_GNU_IFUNC: it is left alone.
 * - COPY, TLSDESC and types that no compiler leaves in such a file are refused.
 *
 * Types seen in files of gcc 12, clang 14, GNU ld 2.40, lld 14, musl 1.2.3 and glibc 2.36: NONE (ld leaves gaps), 64,
 * GLOB_DAT, JUMP_SLOT, RELATIVE, IRELATIVE, TPOFF64 (with -E, for the program's own variables), RELR (lld with
 * --pack-dyn-relocs=relr). DTPMOD64, DTPOFF64, PC32, PLT32, 32, 32S, PC64 are possible in writable data.
 */
#ifndef OVERLAY_ELF_RELOC_H
#define OVERLAY_ELF_RELOC_H

#include <stddef.h>
#include <stdint.h>

#include "overlay/elf_plan.h"

/* Addresses are those of the file: add the bias. */
struct elf_plan_reloc {
	uint64_t place;  /* what it changes */
	uint64_t entry;  /* where its struct elf_rela lies */
	uint32_t type;   /* ELF_R_* */
	uint32_t symbol; /* index for elf_plan_symbol(), 0: none */
	int64_t addend;
};

/* Relocation I of plan->reloc_count. Cannot fail on a plan that elf_plan_make() accepted, for I in range. */
int elf_plan_reloc_at(const struct elf_plan *plan, size_t i, struct elf_plan_reloc *ret);

/*
 * What a relocation of TYPE at address P with symbol value S and addend A stores: *ret_value, of *ret_size bytes (4 or
 * 8, or 0 for NONE), little-endian. -ERANGE if it does not fit in 4 bytes; -EOPNOTSUPP for a type that cannot be
 * computed so. For RELATIVE S is the bias. For TPOFF S is the symbol's offset in the TLS segment minus
 * elf_plan_tls_offset(); for DTPOFF64 the offset; for DTPMOD64 the module's number.
 */
int elf_apply_reloc(uint32_t type, uint64_t p, uint64_t s, int64_t a, uint64_t *ret_value, unsigned *ret_size);

/*
 * The distance from the start of the program's TLS block up to its thread pointer, as musl (src/env/__init_tls.c) and
 * the linker compute it: psABI 3.4.6, TLS variant II.
 */
uint64_t elf_plan_tls_offset(const struct elf_plan *plan);

struct elf_plan_ops {
	/*
	 * The address of the application's symbol: data or a call gate's stub. -ENOENT if there is none, which a weak
	 * symbol survives (it is then 0); other errors too end the loading, for them the callee may fill the message.
	 */
	int (*resolve)(void *ctx, const struct elf_plan_symbol *symbol, uint64_t *ret_address);
	/* Stores N bytes at VADDR (with the bias) in the program's memory, whatever rights its pages will get. */
	int (*write)(void *ctx, uint64_t vaddr, const void *bytes, size_t n);
};

/*
 * Relocates the loaded segments for BIAS, as told at the top. To be called once, after the file's bytes are in memory
 * and before the pages get their rights (and before the WRPKRU scan). On failure MESSAGE tells why if *MESSAGE is not
 * empty: -ENOENT with the symbol's name, -ERANGE, or what an operation returned.
 */
int elf_plan_relocate(const struct elf_plan *plan, uint64_t bias, const struct elf_plan_ops *ops, void *ctx,
		      char *message, size_t message_size);

/* elf_plan_make()'s last step: checks every relocation and fills the plan's fields on relocations and symbols. */
int elf_reloc_check(struct elf_plan *plan, char *message, size_t message_size);

#endif
