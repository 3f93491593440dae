/* pure */
/* interp_impl.h: what interp.c (the loop) and interp_init.c (everything around it) share. */
#ifndef BPF_INTERP_IMPL_H
#define BPF_INTERP_IMPL_H

#include "bpf/interp.h"

/* Runs from INSN in a new frame until that frame returns. REGS: eleven; r1 .. r5 are set, r0 is the result. */
uint64_t bpf_interp_loop(struct bpf_interp *interp, struct bpf_run *run, const struct bpf_insn *insn, uint64_t *regs);

/* Calls a helper with r1 .. r5; callbacks that it makes belong to RUN. */
uint64_t bpf_interp_helper(struct bpf_interp *interp, struct bpf_run *run, bpf_helper_fn fn, const uint64_t *regs);

/* The program at INDEX of MAP, counted as a tail call (NESTED: out of a function); null if there is none or there were too many. */
struct bpf_interp *bpf_interp_tail_target(struct bpf_run *run, bool nested, uint64_t map, uint32_t index);

/* Notes why the run ends and returns 0. */
uint64_t bpf_interp_fault(struct bpf_run *run, const char *why);

/* The value of a 16-byte instruction. */
uint64_t bpf_interp_lddw(const struct bpf_interp *interp, const struct bpf_insn *insn);

#endif
