/* sys_time_set.c: setting the wall clock, which only the application may: its own time hangs on it. */
#include "kernel/usercopy.h"
#include "linux/process.h"
#include "linux/sys_proc.h"
#include "linux/sys_time.h"
#include "linux/timespec.h"

static long set(const struct timespec64 *ts)
{
	uint64_t ns;
	int r = timespec_to_ns(ts, &ns);

	if (r < 0)
		return r;
	if (current()->proc->restricted)
		return -EPERM;
	clock_set_realtime_ns(ns);
	return 0;
}

long sys_clock_settime(int clock, uint64_t ts)
{
	struct timespec64 v;
	int r;

	if (clock != CLOCK_REALTIME)
		return -EINVAL;
	r = copy_from_user(&v, ts, sizeof(v));
	return r < 0 ? r : set(&v);
}

long sys_settimeofday(uint64_t tv, uint64_t tz)
{
	struct timespec64 v;
	int r;

	if (!tv)
		return 0; /* the time zone is the C library's business */
	r = copy_from_user(&v, tv, sizeof(v));
	if (r < 0)
		return r;
	if (v.nsec < 0 || v.nsec >= 1000000)
		return -EINVAL;
	v.nsec *= NSEC_PER_USEC;
	return set(&v);
}
