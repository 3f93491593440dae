/* sys_thread_sched.c: scheduling as Linux programs ask about it. There is one CPU and one policy; what cannot be
 * changed is refused, what is already so succeeds. */
#include "kernel/usercopy.h"
#include "linux/process.h"
#include "linux/sys_proc.h"

enum { SCHED_OTHER = 0, SCHED_FIFO = 1, SCHED_RR = 2, SCHED_BATCH = 3, SCHED_IDLE = 5 };

static bool exists(int tid)
{
	return tid == 0 || process_find(tid) || thread_find(tid);
}

static bool known(int policy)
{
	return (policy >= SCHED_OTHER && policy <= SCHED_BATCH) || policy == SCHED_IDLE;
}

long sys_sched_yield(void)
{
	thread_yield();
	return 0;
}

long sys_sched_getaffinity(int pid, uint64_t len, uint64_t mask)
{
	uint64_t one = 1;
	int r;

	if (!exists(pid))
		return -ESRCH;
	if (len < 8 || len % 8)
		return -EINVAL;
	r = copy_to_user(mask, &one, sizeof(one));
	return r < 0 ? r : 8;
}

long sys_sched_setaffinity(int pid, uint64_t len, uint64_t mask)
{
	uint8_t first;
	int r;

	if (!exists(pid))
		return -ESRCH;
	if (!len)
		return -EINVAL;
	r = copy_from_user(&first, mask, 1);
	if (r < 0)
		return r;
	return first & 1 ? 0 : -EINVAL;
}

static long check_param(int policy, uint64_t param)
{
	int priority, r;

	if (!known(policy))
		return -EINVAL;
	r = copy_from_user(&priority, param, sizeof(priority));
	if (r < 0)
		return r;
	if (policy == SCHED_FIFO || policy == SCHED_RR)
		return priority < 1 || priority > 99 ? -EINVAL : -EPERM; /* nobody comes before the others here */
	return priority ? -EINVAL : 0;
}

long sys_sched_setparam(int pid, uint64_t param)
{
	return exists(pid) ? check_param(SCHED_OTHER, param) : -ESRCH;
}

long sys_sched_getparam(int pid, uint64_t param)
{
	return exists(pid) ? clear_user(param, 4) : -ESRCH;
}

long sys_sched_setscheduler(int pid, int policy, uint64_t param)
{
	return exists(pid) ? check_param(policy, param) : -ESRCH;
}

long sys_sched_getscheduler(int pid)
{
	return exists(pid) ? SCHED_OTHER : -ESRCH;
}

long sys_sched_get_priority_max(int policy)
{
	if (!known(policy))
		return -EINVAL;
	return policy == SCHED_FIFO || policy == SCHED_RR ? 99 : 0;
}

long sys_sched_get_priority_min(int policy)
{
	if (!known(policy))
		return -EINVAL;
	return policy == SCHED_FIFO || policy == SCHED_RR ? 1 : 0;
}

long sys_sched_rr_get_interval(int pid, uint64_t ts)
{
	return exists(pid) ? clear_user(ts, 16) : -ESRCH;
}

long sys_getpriority(int which, int who)
{
	if (which < 0 || which > 2)
		return -EINVAL;
	return 20; /* the raw call returns 20 - nice */
}

long sys_setpriority(int which, int who, int prio)
{
	if (which < 0 || which > 2)
		return -EINVAL;
	return prio == 0 ? 0 : -EACCES;
}

long sys_getcpu(uint64_t cpu, uint64_t node, uint64_t unused)
{
	int r = cpu ? clear_user(cpu, 4) : 0;

	if (r < 0)
		return r;
	return node ? clear_user(node, 4) : 0;
}
