/* timespec.h: time as system calls pass it. */
#ifndef UIO_LINUX_TIMESPEC_H
#define UIO_LINUX_TIMESPEC_H

#include "kernel/clock.h"
#include "kernel/types.h"

struct timespec64 {
	int64_t sec, nsec;
};

/* Nanoseconds of a valid timespec, at most TIME_NEVER - 1. -EINVAL: negative, or nsec outside 0..999999999. */
int timespec_to_ns(const struct timespec64 *ts, uint64_t *ret_ns);
static inline struct timespec64 timespec_from_ns(uint64_t ns)
{
	return (struct timespec64){ (int64_t) (ns / NSEC_PER_SEC), (int64_t) (ns % NSEC_PER_SEC) };
}

/* now + span, no later than TIME_NEVER - 1. */
uint64_t deadline_after(uint64_t span_ns);

/* Reads an optional timespec (user address; 0: TIME_NEVER) and makes a monotonic deadline of it: a span from now if
 * `relative`, else a point on the wall clock if `realtime`, else a point in monotonic time. -EFAULT, -EINVAL. */
int timeout_from_user(uint64_t ts, bool relative, bool realtime, uint64_t *ret_deadline);

#endif
