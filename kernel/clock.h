/* clock.h: time. All times are nanoseconds; monotonic time starts at 0 at boot. */
#ifndef UIO_KERNEL_CLOCK_H
#define UIO_KERNEL_CLOCK_H

#include "kernel/types.h"

#define TIME_NEVER UINT64_MAX

uint64_t clock_monotonic_ns(void);
/* Nanoseconds since 1970-01-01 UTC. */
uint64_t clock_realtime_ns(void);
/* Sets the wall clock (clock_settime). */
void clock_set_realtime_ns(uint64_t now_ns);

/* A one-shot timer. The callback runs in the timer interrupt. The caller owns the memory; a timer that is pending must
 * be cancelled before its memory goes away. */
struct ktimer {
	struct list node;	/* clock.c only */
	uint64_t deadline_ns;	/* monotonic */
	void (*fire)(struct ktimer *);
	bool pending;
};
void ktimer_start(struct ktimer *t, uint64_t deadline_ns, void (*fire)(struct ktimer *));
void ktimer_cancel(struct ktimer *t); /* no effect when not pending */

/* Arch: finds the TSC's and the APIC timer's rates, reads the wall clock. */
void clock_init(void);

#endif
