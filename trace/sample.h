/* sample.h: perf_event programs: run at a rate, by the clock, with the registers of what the timer's interrupt stopped.
 * The kernel runs with interrupts off: a sample that falls due in it is taken where it turns them on again, at the end
 * of the system call for which it worked. While the CPU halts there are no samples, only a count. */
#ifndef UIO_TRACE_SAMPLE_H
#define UIO_TRACE_SAMPLE_H

#include "trace/run.h"

#define SAMPLE_HZ_MAX 10000

/* Runs p, a perf_event program, `hz` times a second of the CPU's time. 0; -EINVAL: not 1 .. SAMPLE_HZ_MAX; -EEXIST: it
 * is sampled already; -ENOMEM. */
int sample_attach(struct trace_prog *p, unsigned hz);
/* Ends it. No effect if p is not sampled. */
void sample_detach(struct trace_prog *p);
/* The rate; 0: p is not sampled. */
unsigned sample_rate(const struct trace_prog *p);
/* Due while the CPU halted. */
uint64_t sample_idle(const struct trace_prog *p);

#endif
