/* sys_time.c: reading and setting clocks. */
#include "kernel/usercopy.h"
#include "linux/process.h"
#include "linux/sys_proc.h"
#include "linux/sys_time.h"
#include "linux/timespec.h"

long sys_clock_gettime(int clock, uint64_t ts)
{
	struct timespec64 v;
	uint64_t ns;
	int r = clock_read(clock, &ns);

	if (r < 0)
		return r;
	v = timespec_from_ns(ns);
	return copy_to_user(ts, &v, sizeof(v));
}

long sys_clock_getres(int clock, uint64_t ts)
{
	struct timespec64 v = { 0, 1 };
	uint64_t ns;
	int r = clock_read(clock, &ns);

	if (r < 0)
		return r;
	return ts ? copy_to_user(ts, &v, sizeof(v)) : 0;
}

long sys_gettimeofday(uint64_t tv, uint64_t tz)
{
	uint64_t now = clock_realtime_ns();
	struct timespec64 v = { now / NSEC_PER_SEC, now % NSEC_PER_SEC / NSEC_PER_USEC };
	int r;

	if (tv) {
		r = copy_to_user(tv, &v, sizeof(v));
		if (r < 0)
			return r;
	}
	return tz ? clear_user(tz, 8) : 0;
}

long sys_time(uint64_t t)
{
	int64_t now = clock_realtime_ns() / NSEC_PER_SEC;
	int r;

	if (t) {
		r = copy_to_user(t, &now, sizeof(now));
		if (r < 0)
			return r;
	}
	return now;
}
