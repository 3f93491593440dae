/* pure */
/*
 * prog.h: a program: its instructions, what it is for, its functions and the maps it names. Loader, verifier and engines
 * share this; none of them allocates it: all arrays belong to whoever made the program and outlive it.
 */
#ifndef BPF_PROG_H
#define BPF_PROG_H

#include <stdbool.h>
#include <stdint.h>

#include "bpf/insn.h"

struct bpf_map;
struct bpf_prog;
struct bpf_interp;

/* Limits, Linux's where it has one. */
#define BPF_MAX_INSNS        1000000 /* instructions of a program, and states that the verifier walks */
#define BPF_MAX_CALL_FRAMES  8       /* nested functions, the main one included */
#define MAX_BPF_STACK        512     /* bytes: of one frame, and of all frames of a call chain together (verifier) */
#define BPF_MAX_SUBPROGS     256     /* functions of a program, the main one included */
#define BPF_MAX_USED_MAPS    64      /* maps that a program may name */
#define MAX_TAIL_CALL_CNT    33      /* tail calls in one run */
#define NESTED_TAIL_CALL     5       /* what one counts that a function makes: its callers' frames stay, so there are at most 6 */

/* include/uapi/linux/bpf.h, enum bpf_prog_type. Those without a hook here load nowhere, but keep their number. */
enum bpf_prog_type {
	BPF_PROG_TYPE_UNSPEC = 0,
	BPF_PROG_TYPE_SOCKET_FILTER = 1,
	BPF_PROG_TYPE_KPROBE = 2, /* kprobe, kretprobe, uprobe, uretprobe; context: struct pt_regs */
	BPF_PROG_TYPE_SCHED_CLS = 3,
	BPF_PROG_TYPE_TRACEPOINT = 5,
	BPF_PROG_TYPE_XDP = 6,
	BPF_PROG_TYPE_PERF_EVENT = 7,
	BPF_PROG_TYPE_RAW_TRACEPOINT = 17,
	BPF_PROG_TYPE_TRACING = 26,
	BPF_PROG_TYPE_SYSCALL = 31, /* run once, with arguments as the context */
};

/* enum bpf_attach_type: those that mean something here. 0 where the type has none. */
enum bpf_attach_type {
	BPF_TRACE_RAW_TP = 23,
	BPF_XDP = 37,
	BPF_PERF_EVENT = 41,
	BPF_TRACE_KPROBE_MULTI = 42,
};

/*
 * A function of a program. Functions lie one after another: function i ends where i + 1 starts, the first starts at 0,
 * and no jump leaves one. Found by bpf_check_structure() (bpf/check.h), in the order of their place.
 */
struct bpf_subprog {
	uint32_t start;       /* first instruction */
	uint32_t end;         /* behind the last one */
	uint16_t stack_depth; /* bytes below r10 that it uses; by the verifier, or MAX_BPF_STACK before it has run */
	uint8_t frame;        /* 1: called by none; else one more than the deepest of its callers */
	bool is_callback;     /* named by BPF_PSEUDO_FUNC */
	bool has_tail_call;   /* calls helper 12, itself or through functions that it calls */
	const char *name;     /* from the object file, or null */
};

/* Where an instruction came from, for messages: sorted by insn. From BTF's line information. */
struct bpf_line {
	uint32_t insn;
	uint32_t line;    /* 1 .. */
	const char *file;
	const char *text; /* the source line, or null */
};

struct bpf_prog {
	const char *name; /* for messages; may be null */
	enum bpf_prog_type type;
	enum bpf_attach_type expected_attach_type;

	struct bpf_insn *insns; /* engines only read; context accesses may be rewritten one for one */
	uint32_t insn_count;    /* 8-byte units, 1 .. BPF_MAX_INSNS */

	struct bpf_subprog *subprogs; /* room for subprogs_max; filled by bpf_check_structure() */
	uint32_t subprog_count;
	uint32_t subprogs_max;

	struct bpf_map **maps; /* what BPF_PSEUDO_MAP_* number; at most BPF_MAX_USED_MAPS, referenced by the owner */
	uint32_t map_count;

	const struct bpf_line *lines; /* may be null */
	uint32_t line_count;

	/*
	 * Context of BPF_PROG_TYPE_SYSCALL (and of the test binary): bytes that r1 points at. The other types' contexts are
	 * the verifier's business.
	 */
	uint32_t ctx_size;

	/*
	 * Where compiled code starts, for whoever runs the program and for tail calls into it: `jited(ctx, 0)` returns r0;
	 * the second argument is r2, which verified programs do not read. Null until the owner of the emitted code sets
	 * both (struct bpf_jit_info, bpf/jit.h).
	 */
	uint64_t (*jited)(const void *ctx, uint64_t r2);
	const void *jited_tail; /* where a tail call enters */

	struct bpf_interp *interp; /* the interpreter's form (bpf/interp.h), or null */

	uint32_t refs;                            /* holders, program arrays among them */
	void (*release)(struct bpf_prog *prog);   /* called by bpf_prog_put() when the last one lets go; may be null */
};

static inline void bpf_prog_get(struct bpf_prog *prog)
{
	prog->refs++;
}

static inline void bpf_prog_put(struct bpf_prog *prog)
{
	if (--prog->refs == 0 && prog->release)
		prog->release(prog);
}

/* Why a program was refused: the text names place, fact and limit ("insn 7: r2 in [0,255], map value is 64 bytes"). */
struct bpf_refusal {
	uint32_t insn; /* the instruction, or insn_count if it is none in particular */
	char text[240];
};

#endif
