/* run.h: programs that are loaded, and running one. A program never runs inside a program: what would is counted and
 * left out. Programs run with interrupts off and never block. */
#ifndef UIO_TRACE_RUN_H
#define UIO_TRACE_RUN_H

#include "bpf/object.h"
#include "bpf/verify.h"
#include "kernel/thread.h"
#include "kernel/types.h"

struct bpf_pt_regs;
struct loaded;
struct sampler;

struct trace_prog {
	struct list node; /* of all programs */
	struct loaded *owner;
	uint32_t id; /* from 1; maps have numbers of their own */
	struct bpf_prog prog;
	const struct bpf_sec *sec;
	struct bpf_verify_result verified;
	void *code; /* compiled; null: only verified */
	uint32_t code_size;
	struct list hooks; /* probes it is attached to */
	uint64_t runs;
	uint64_t cycles; /* of the TSC, in all runs */
	uint64_t misses; /* runs left out because a program ran, or because there was no room for a return */
	struct sampler *sampler; /* trace/sample.c; null: it is not run by the clock */
	bool refused;	 /* only verified, and not accepted: it is in no list */
	bool told_idle;	 /* raw_tp/sched_switch: its last event was that the CPU is idle */
};

/* Not 0: programs are left out, and counted. TRACE_RUNS: one runs. TRACE_QUIET: the owner is at work on a map, which a
 * program in a probed memcpy() must not find half changed. */
#define TRACE_RUNS  1
#define TRACE_QUIET 2
extern uint8_t trace_running;
/* The program that runs, while TRACE_RUNS. */
extern struct trace_prog *trace_program;
/* What the running program's probe was put on, for get_func_ip(); 0: nothing. */
extern uint64_t trace_func_ip;
/* The registers of what the running program's hook interrupted, for the helpers that unwind; null: none are known. The
 * hook sets them. */
extern const struct bpf_pt_regs *trace_regs;
/* Who runs, for the helpers: current(), but for a hook in the middle of a switch. */
extern const struct thread *trace_thread_override;
const struct thread *trace_thread(void);

/* Runs p and returns r0; 0 and a miss when a program runs already. */
uint64_t trace_run(struct trace_prog *p, void *ctx, uint64_t func_ip);
/* Time spent in runs. */
uint64_t trace_prog_ns(const struct trace_prog *p);
/* Once: starts to measure the TSC's rate. */
void trace_clock_init(void);

/* helpers.c: what programs may call here. */
const struct bpf_helpers *trace_helpers(void);

#endif
