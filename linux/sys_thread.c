/* sys_thread.c: calls about the calling thread that only threaded programs make. */
#include "kernel/usercopy.h"
#include "linux/process.h"
#include "linux/sys_proc.h"

#define ROBUST_HEAD_SIZE 24

long sys_gettid(void)
{
	return current()->tid;
}

long sys_set_robust_list(uint64_t head, uint64_t len)
{
	if (len != ROBUST_HEAD_SIZE)
		return -EINVAL;
	current()->robust_list = head;
	return 0;
}

long sys_get_robust_list(int tid, uint64_t head_ptr, uint64_t len_ptr)
{
	struct thread *t = tid ? thread_find(tid) : current();
	uint64_t len = ROBUST_HEAD_SIZE;
	int r;

	if (!t || !t->proc)
		return -ESRCH;
	if (t->proc != current()->proc)
		return -EPERM;
	r = copy_to_user(len_ptr, &len, sizeof(len));
	return r < 0 ? r : copy_to_user(head_ptr, &t->robust_list, sizeof(t->robust_list));
}

/* One CPU: every switch is a barrier already. The query says that the private expedited commands are there. */
long sys_membarrier(int cmd, unsigned flags, int cpu)
{
	enum { QUERY = 0, GLOBAL = 1, PRIVATE_EXPEDITED = 8, REGISTER_PRIVATE_EXPEDITED = 16 };

	if (flags)
		return -EINVAL;
	switch (cmd) {
	case QUERY:
		return GLOBAL | PRIVATE_EXPEDITED | REGISTER_PRIVATE_EXPEDITED;
	case GLOBAL:
	case PRIVATE_EXPEDITED:
	case REGISTER_PRIVATE_EXPEDITED:
		return 0;
	default:
		return -EINVAL;
	}
}
