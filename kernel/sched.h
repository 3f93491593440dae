/* sched.h: between sched.c and thread.c only; others use thread.h. */
#ifndef UIO_KERNEL_SCHED_H
#define UIO_KERNEL_SCHED_H

#include "kernel/page.h"
#include "kernel/thread.h"
#include "kernel/waitq.h"

extern struct list thread_list;
extern struct paddr base_root; /* the root without a window */

void schedule(void);
void sched_ready(struct thread *t);
void sched_thread_born(struct thread *t);
void sched_thread_gone(struct thread *t);
void sched_finish_switch(void);
void thread_free(struct thread *t);
/* clock.c: when the scheduler wants to look again; TIME_NEVER: it does not. */
void clock_set_slice(uint64_t end_ns);
/* The same, unless it looks again sooner anyway. */
void clock_want_slice(uint64_t end_ns);
/* A slice from now, unless it looks again sooner anyway. */
void sched_look_again(void);

#endif
