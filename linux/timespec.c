/* timespec.c: see timespec.h. */
#include "linux/timespec.h"
#include "kernel/usercopy.h"

int timespec_to_ns(const struct timespec64 *ts, uint64_t *ret_ns)
{
	uint64_t ns;

	if (ts->sec < 0 || ts->nsec < 0 || ts->nsec >= (int64_t) NSEC_PER_SEC)
		return -EINVAL;
	if (__builtin_mul_overflow((uint64_t) ts->sec, NSEC_PER_SEC, &ns) ||
	    __builtin_add_overflow(ns, (uint64_t) ts->nsec, &ns) || ns == TIME_NEVER)
		ns = TIME_NEVER - 1;
	*ret_ns = ns;
	return 0;
}

uint64_t deadline_after(uint64_t span_ns)
{
	uint64_t at;

	if (__builtin_add_overflow(clock_monotonic_ns(), span_ns, &at) || at == TIME_NEVER)
		return TIME_NEVER - 1;
	return at;
}

int timeout_from_user(uint64_t ts, bool relative, bool realtime, uint64_t *ret_deadline)
{
	struct timespec64 v;
	uint64_t ns, now;
	int r;

	if (!ts) {
		*ret_deadline = TIME_NEVER;
		return 0;
	}
	r = copy_from_user(&v, ts, sizeof(v));
	if (r < 0)
		return r;
	r = timespec_to_ns(&v, &ns);
	if (r < 0)
		return r;
	if (realtime && !relative) {
		/* Setting the wall clock meanwhile does not move the deadline. */
		now = clock_realtime_ns();
		ns = ns > now ? ns - now : 0;
		relative = true;
	}
	*ret_deadline = relative ? deadline_after(ns) : ns;
	return 0;
}
