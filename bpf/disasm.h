/* pure */
/*
 * disasm.h: instructions as text, in the form that Linux's verifier and `bpftool prog dump xlated` have for them:
 * "(61) r2 = *(u32 *)(r1 +4)". For people: what is malformed is shown as numbers, nothing is refused.
 */
#ifndef BPF_DISASM_H
#define BPF_DISASM_H

#include <stddef.h>

#include "bpf/insn.h"

/* How names come in; each may be null, and may return null: not known. */
struct bpf_disasm_names {
	const char *(*map)(void *ctx, uint32_t number);	   /* of BPF_PSEUDO_MAP_* */
	const char *(*function)(void *ctx, uint32_t insn); /* that starts there */
	void *ctx;
};

/*
 * Writes the instruction at insns[at], of `count`, into buf (at most size bytes with the NUL; 160 are enough for names
 * of 64). Returns how many of insns it is: 2 for the loads of 64 bits, else 1. at < count.
 */
unsigned bpf_disasm(char *buf, size_t size, const struct bpf_insn *insns, uint32_t at, uint32_t count,
		    const struct bpf_disasm_names *names);

#endif
