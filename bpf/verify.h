/* pure */
/*
 * verify.h: the verifier. It walks every path of a program with what is known of each register and stack slot, and
 * accepts the program only if no path can read what is not initialised, leave the memory it was given, leak an address,
 * lose a reference or run for ever. docs/bpf.md explains the rules.
 *
 * May use lib/, maps and the helpers' signatures. Runs nothing, changes nothing but what bpf_verify() says.
 */
#ifndef BPF_VERIFY_H
#define BPF_VERIFY_H

#include <stddef.h>
#include <stdint.h>

#include "bpf/prog.h"
#include "lib/fmt.h"

struct bpf_mem;

/* What the verifier found out about an instruction, for whoever compiles it. */
struct bpf_insn_fact {
	uint8_t map; /* call of a helper with a map argument: 1 + its number in prog->maps, if it is the same each time
		      */
	uint8_t flags; /* BPF_FACT_* */
};
#define BPF_FACT_REACHED 0x1u /* some path runs it */

struct bpf_verify_options {
	struct bpf_mem *mem; /* all memory comes from here and is given back; its budget is the limit */
	uint32_t steps_max;  /* instructions to simulate; 0: BPF_MAX_INSNS */
	fmt_sink log;	     /* the states before each instruction, as text; null: none */
	void *log_ctx;
	void (*relax)(void);	     /* called at least every 1,000 instructions; may be null */
	struct bpf_insn_fact *facts; /* insn_count entries, filled if the program is accepted; may be null */
	bool keep_insns;	     /* rewrite nothing (see below) */
};

struct bpf_verify_result {
	uint32_t steps;	       /* instructions simulated */
	uint32_t states;       /* states kept in all, for comparison */
	uint32_t stack_depth;  /* bytes that the deepest chain of calls uses */
	uint32_t context_size; /* bytes of the context that it may access, from the start */
	size_t memory_peak;    /* bytes */
};

/*
 * Verifies PROG, which it first puts through bpf_check_structure(). Returns 0, and fills stack_depth of each function,
 * *RET (may be null) and the facts. Unless keep_insns, it rewrites instructions one for one: context accesses for the
 * structures of bpf/ctx.h; and calls of helpers on no path become r0 = 0, so that an engine needs only what runs. Or a
 * negative errno and *REFUSAL: -EACCES, -EINVAL (structure), -E2BIG (too complex: simulated instructions), -ENOMEM (the
 * budget).
 */
int bpf_verify(struct bpf_prog *prog, const struct bpf_verify_options *options, struct bpf_verify_result *ret,
	       struct bpf_refusal *refusal);

#endif
