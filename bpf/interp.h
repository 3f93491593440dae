/* pure */
/*
 * interp.h: the interpreter: the oracle for the compiler, and what runs a program where none may be compiled. It executes
 * the instructions as they are; what it needs besides is a table of callbacks and memory for frames, both the caller's.
 */
#ifndef BPF_INTERP_H
#define BPF_INTERP_H

#include <stddef.h>
#include <stdint.h>

#include "bpf/helper.h"
#include "bpf/prog.h"

struct bpf_interp;

/* Frames of one run: those of a call chain, and as many for each tail call out of a function, which starts another. */
#define BPF_INTERP_FRAMES (BPF_MAX_CALL_FRAMES * (1 + MAX_TAIL_CALL_CNT / NESTED_TAIL_CALL))

/* A function's place in a run: what comes back when it returns. */
struct bpf_frame {
	struct bpf_interp *interp; /* the program, which a tail call changes */
	const struct bpf_insn *back;     /* the instruction to go on with; null: leave the interpreter */
	uint64_t saved[4];               /* r6 .. r9 of the caller */
};

/* Memory of one run (31 KiB): the caller's, not initialised, not shared by two runs at a time. */
struct bpf_run {
	uint32_t depth;      /* frames in use */
	uint32_t tail_calls; /* so far */
	const char *fault;   /* null, or why the run ended early with r0 = 0 (unverified programs only) */
	struct bpf_frame frames[BPF_INTERP_FRAMES];
	uint8_t stack[BPF_INTERP_FRAMES][MAX_BPF_STACK] __attribute__((aligned(16)));
};

/* A callback's address as the program sees it. */
struct bpf_interp_callback {
	struct bpf_callback callback;
	struct bpf_interp *interp;
	uint32_t start; /* its first instruction */
};

struct bpf_interp {
	const struct bpf_prog *prog;
	const struct bpf_helpers *helpers;
	struct bpf_run *run; /* that callbacks belong to: the innermost one */
	uint32_t callback_count;
	struct bpf_interp_callback callbacks[]; /* in the order of the program's functions, those that are callbacks */
};

/* Bytes that the interpreter's form of PROG takes; PROG has passed bpf_check_structure(). */
size_t bpf_interp_size(const struct bpf_prog *prog);

/*
 * Prepares PROG in *INTERP (bpf_interp_size() bytes); PROG and HELPERS must outlive it. -EINVAL with *ret filled if a
 * helper is called that HELPERS lacks. For tail calls into PROG, the owner sets prog->interp.
 */
int bpf_interp_init(struct bpf_interp *interp, const struct bpf_prog *prog, const struct bpf_helpers *helpers,
                    struct bpf_refusal *ret);

/* Runs it with r1 and r2 and returns r0. RUN->fault tells whether it came to its end. */
uint64_t bpf_interp_run(struct bpf_interp *interp, struct bpf_run *run, uint64_t r1, uint64_t r2);

/* Refuses calls of helpers that HELPERS lacks: for every engine. 0 or -EINVAL. */
int bpf_check_helpers(const struct bpf_prog *prog, const struct bpf_helpers *helpers, struct bpf_refusal *ret);

#endif
