/* sys_time_read.c: clocks by their Linux numbers. */
#include "linux/process.h"
#include "linux/sys_time.h"

int clock_read(int clock, uint64_t *ret_ns)
{
	switch (clock) {
	case CLOCK_REALTIME:
	case CLOCK_REALTIME_COARSE:
	case CLOCK_TAI: /* as on a Linux whose TAI offset nobody set */
		*ret_ns = clock_realtime_ns();
		return 0;
	case CLOCK_MONOTONIC:
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_MONOTONIC_COARSE:
	case CLOCK_BOOTTIME:
		*ret_ns = clock_monotonic_ns();
		return 0;
	case CLOCK_PROCESS_CPUTIME_ID:
		*ret_ns = process_cpu_ns(current()->proc);
		return 0;
	case CLOCK_THREAD_CPUTIME_ID:
		*ret_ns = thread_cpu_ns(current());
		return 0;
	default:
		return -EINVAL;
	}
}
