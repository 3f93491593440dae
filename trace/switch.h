/* switch.h: raw_tp/sched_switch: a program at each change of the running thread. The CPU's being idle is a thread, too,
 * as in Linux ("swapper/0", number 0): the kernel halts inside the thread that ran last, and no switch happens if that
 * goes on, so the hook is three probes: on the switch itself, before the halt, and where schedule() returns. */
#ifndef UIO_TRACE_SWITCH_H
#define UIO_TRACE_SWITCH_H

#include "bpf/ctx.h"
#include "trace/run.h"

/* What the program finds at its context. Linux, include/trace/events/sched.h, sched_switch: the arguments in order. */
struct switch_args {
	uint64_t preempt; /* 1: prev could have gone on */
	uint64_t prev;	  /* struct thread, kernel/thread.h: with the image's BTF its fields have names */
	uint64_t next;
	uint64_t prev_state; /* Linux's: 0 running, 1 waits and signals wake it, 2 waits, 0x80 has ended */
};

/* Puts the program on. 0; -EEXIST; -EACCES: it reads more than the arguments; -ENOENT: this kernel halts in no way
 * known here; -ENOMEM. */
int switch_attach(struct trace_prog *p);

/* From probe.c: `where` is PROBE_SWITCH, PROBE_IDLE or PROBE_SCHEDULED. */
void switch_hit(struct trace_prog *p, int where, struct bpf_pt_regs *regs);

#endif
