/* sys_time_sleep.c: nanosleep and clock_nanosleep. */
#include "kernel/usercopy.h"
#include "kernel/waitq.h"
#include "linux/sys_proc.h"
#include "linux/sys_time.h"
#include "linux/timespec.h"

#define TIMER_ABSTIME 1

static int sleep_until(uint64_t deadline)
{
	int r;

	do
		r = thread_block(WAIT_EVENT, "sleep", deadline, true);
	while (r == 0);
	return r == -ETIMEDOUT ? 0 : r;
}

static long sleep_for(uint64_t span, uint64_t rem)
{
	uint64_t deadline = deadline_after(span), now;
	struct timespec64 left;
	int r = sleep_until(deadline);

	if (r != -EINTR || !rem)
		return r;
	now = clock_monotonic_ns();
	left = timespec_from_ns(deadline > now ? deadline - now : 0);
	r = copy_to_user(rem, &left, sizeof(left));
	return r < 0 ? r : -EINTR;
}

static int read_timespec(uint64_t at, uint64_t *ret_ns)
{
	struct timespec64 ts;
	int r = copy_from_user(&ts, at, sizeof(ts));

	return r < 0 ? r : timespec_to_ns(&ts, ret_ns);
}

long sys_nanosleep(uint64_t req, uint64_t rem)
{
	uint64_t span;
	int r = read_timespec(req, &span);

	return r < 0 ? r : sleep_for(span, rem);
}

long sys_clock_nanosleep(int clock, int flags, uint64_t req, uint64_t rem)
{
	uint64_t ns, now;
	int r;

	if (clock == CLOCK_THREAD_CPUTIME_ID)
		return -EINVAL;
	if (clock == CLOCK_PROCESS_CPUTIME_ID)
		return -EOPNOTSUPP;
	r = clock_read(clock, &now);
	if (r < 0)
		return r;
	r = read_timespec(req, &ns);
	if (r < 0)
		return r;
	if (!(flags & TIMER_ABSTIME))
		return sleep_for(ns, rem);
	return sleep_until(deadline_after(ns > now ? ns - now : 0));
}
