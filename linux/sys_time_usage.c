/* sys_time_usage.c: CPU time used. The kernel's time on behalf of a process counts as the process's own. */
#include "kernel/usercopy.h"
#include "linux/process.h"
#include "linux/sys_proc.h"

#define NSEC_PER_TICK (NSEC_PER_SEC / 100) /* sysconf(_SC_CLK_TCK) is 100 */

enum { RUSAGE_SELF = 0, RUSAGE_CHILDREN = -1, RUSAGE_THREAD = 1 };

struct tms64 {
	int64_t user, system, children_user, children_system;
};

struct rusage64 {
	int64_t user_sec, user_usec, system_sec, system_usec;
	int64_t maxrss_kib;
	int64_t rest[13];
};
_Static_assert(sizeof(struct rusage64) == 144, "include/uapi/linux/resource.h");

long sys_times(uint64_t buf)
{
	struct process *p = current()->proc;
	struct tms64 t = { process_cpu_ns(p) / NSEC_PER_TICK, 0, p->children_cpu_ns / NSEC_PER_TICK, 0 };
	int r;

	if (buf) {
		r = copy_to_user(buf, &t, sizeof(t));
		if (r < 0)
			return r;
	}
	return clock_monotonic_ns() / NSEC_PER_TICK;
}

long sys_getrusage(int who, uint64_t usage)
{
	struct process *p = current()->proc;
	struct rusage64 u = { 0 };
	uint64_t ns;

	switch (who) {
	case RUSAGE_SELF: ns = process_cpu_ns(p); break;
	case RUSAGE_CHILDREN: ns = p->children_cpu_ns; break;
	case RUSAGE_THREAD: ns = thread_cpu_ns(current()); break;
	default: return -EINVAL;
	}
	u.user_sec = ns / NSEC_PER_SEC;
	u.user_usec = ns % NSEC_PER_SEC / NSEC_PER_USEC;
	u.maxrss_kib = p->vm->pages * (PAGE_SIZE / 1024);
	return copy_to_user(usage, &u, sizeof(u));
}
