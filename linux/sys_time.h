/* sys_time.h: clocks by their Linux numbers. */
#ifndef UIO_LINUX_SYS_TIME_H
#define UIO_LINUX_SYS_TIME_H

#include "kernel/types.h"

/* include/uapi/linux/time.h */
enum {
	CLOCK_REALTIME = 0,
	CLOCK_MONOTONIC = 1,
	CLOCK_PROCESS_CPUTIME_ID = 2,
	CLOCK_THREAD_CPUTIME_ID = 3,
	CLOCK_MONOTONIC_RAW = 4,
	CLOCK_REALTIME_COARSE = 5,
	CLOCK_MONOTONIC_COARSE = 6,
	CLOCK_BOOTTIME = 7,
	CLOCK_TAI = 11,
};

/* The clock's time in nanoseconds. -EINVAL: no such clock; the CPU-time clocks of other processes are not there. */
int clock_read(int clock, uint64_t *ret_ns);

#endif
