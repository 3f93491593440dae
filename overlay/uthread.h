/* uthread.h: ring-3 threads: made by the loader, fork and clone. For overlay/ only. */
#ifndef UIO_OVERLAY_UTHREAD_H
#define UIO_OVERLAY_UTHREAD_H

#include "kernel/entry.h"
#include "kernel/thread.h"

struct process;
struct program;

#define PROGRAM_THREADS_MAX 128	  /* in all processes of a program */
#define PROGRAM_PROCESSES_MAX 64

/* A thread of `proc` that will enter ring 3 with `regs`, charged to the program's quota; start it with uthread_start().
 * tid 0: a new number. 0, -ENOMEM, -EAGAIN. */
int uthread_create(struct process *proc, const struct trap_frame *regs, int tid, struct thread **ret);
void uthread_start(struct thread *t);
/* Undoes uthread_create() before the start. */
void uthread_discard(struct thread *t);
/* The stack for the thread's gated calls, charged like the rest of it. 0 or -ENOMEM. */
int uthread_make_gate_stack(struct thread *t);
/* Makes the calling thread's identity that of `vm`: window, root, PKRU. */
void uthread_enter_space(struct vmspace *vm);
/* Registers of a program's first instruction. */
void uthread_initial_regs(struct trap_frame *regs, uint64_t entry, uint64_t sp);

#endif
