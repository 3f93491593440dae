/* sys_rlimit.c: resource limits. They are kept and inherited, so that programs which ask get an answer; what really
 * bounds a program is the overlay's quota, share and time limit, and FD_MAX. */
#include "kernel/usercopy.h"
#include "linux/fd.h"
#include "linux/process.h"
#include "linux/sys_proc.h"

#define RLIMIT_NOFILE 7

static long exchange(struct process *p, unsigned resource, uint64_t new_limit, uint64_t old_limit)
{
	struct rlimit_k new, old;
	int r;

	if (resource >= ARRAY_SIZE(p->limits))
		return -EINVAL;
	old = p->limits[resource];
	if (new_limit) {
		r = copy_from_user(&new, new_limit, sizeof(new));
		if (r < 0)
			return r;
		if (new.cur > new.max)
			return -EINVAL;
		/* The application is root; more than FD_MAX is above Linux's fs.nr_open (setrlimit(2), EPERM). */
		if (new.max > old.max && (p->restricted || (resource == RLIMIT_NOFILE && new.max > FD_MAX)))
			return -EPERM;
	}
	if (old_limit) {
		r = copy_to_user(old_limit, &old, sizeof(old));
		if (r < 0)
			return r;
	}
	if (new_limit)
		p->limits[resource] = new;
	return 0;
}

long sys_getrlimit(unsigned resource, uint64_t limit)
{
	return limit ? exchange(current()->proc, resource, 0, limit) : -EFAULT;
}

long sys_setrlimit(unsigned resource, uint64_t limit)
{
	return limit ? exchange(current()->proc, resource, limit, 0) : -EFAULT;
}

long sys_prlimit64(int pid, unsigned resource, uint64_t new_limit, uint64_t old_limit)
{
	struct process *self = current()->proc, *p = pid ? process_find(pid) : self;

	if (!p)
		return -ESRCH;
	if (p != self && self->restricted)
		return -EPERM;
	return exchange(p, resource, new_limit, old_limit);
}
