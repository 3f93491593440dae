/*
 * engine.h: programs in both engines on the host, for tests, the benchmark and bpf-run: memory from malloc(), compiled
 * code in pages of its own, which are written first and executable afterwards.
 */
#ifndef TESTS_BPF_ENGINE_H
#define TESTS_BPF_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/helper.h"
#include "bpf/interp.h"
#include "bpf/jit.h"
#include "bpf/map.h"
#include "bpf/prog.h"

/* A bpf_mem over calloc() with BUDGET bytes. */
struct bpf_mem engine_mem(size_t budget);

/* Compile for a CPU without BMI2. */
extern bool engine_no_bmi2;
/* What the verifier knows of the next program to compile, or null. */
extern const struct bpf_insn_fact *engine_facts;

/* A program ready for both engines. */
struct engine {
	struct bpf_prog prog;
	struct bpf_interp *interp;
	struct bpf_jit_info info;
	struct bpf_refusal refusal; /* why engine_load() failed */
	void *code;                 /* executable pages, or null */
	size_t code_size;
};

/*
 * Checks, prepares and, if JIT, compiles the COUNT instructions at INSNS, which stay the caller's, as do the maps.
 * FLAGS: BPF_CHECK_*. 0, or negative errno with e->refusal; either way engine_unload() frees what there is.
 */
int engine_load(struct engine *e, struct bpf_insn *insns, size_t count, struct bpf_map **maps, size_t map_count,
                const struct bpf_helpers *helpers, unsigned flags, bool jit);
/* The same for a program that is filled in (and perhaps verified) already, its structure checked. */
int engine_prepare(struct engine *e, const struct bpf_helpers *helpers, bool jit);
void engine_unload(struct engine *e);

/* Runs it. -EFAULT if the interpreter gave up; the compiled form cannot tell. */
int engine_interpret(struct engine *e, uint64_t r1, uint64_t r2, uint64_t *ret_r0);
static inline uint64_t engine_call(struct engine *e, uint64_t r1, uint64_t r2)
{
	return e->prog.jited((const void *)r1, r2);
}

#endif
