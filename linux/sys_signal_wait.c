/* sys_signal_wait.c: calls that wait for a signal. */
#include "kernel/usercopy.h"
#include "linux/signal.h"
#include "linux/sys_proc.h"
#include "linux/timespec.h"

static long wait_with_mask(uint64_t mask)
{
	signal_temp_mask_begin(mask);
	while (!signal_pending(current()))
		thread_block(WAIT_EVENT, "signal", TIME_NEVER, true);
	signal_temp_mask_end(true);
	return -ERESTARTSYS;
}

long sys_rt_sigsuspend(uint64_t set, uint64_t set_size)
{
	uint64_t mask;
	int r;

	if (set_size != 8)
		return -EINVAL;
	r = copy_from_user(&mask, set, sizeof(mask));
	return r < 0 ? r : wait_with_mask(mask);
}

long sys_pause(void)
{
	return wait_with_mask(current()->sig_mask);
}

long sys_rt_sigtimedwait(uint64_t set, uint64_t info, uint64_t timeout, uint64_t set_size)
{
	struct thread *t = current();
	uint64_t wanted, old_mask = t->sig_mask, deadline;
	struct siginfo got;
	int r, signo;

	if (set_size != 8)
		return -EINVAL;
	r = copy_from_user(&wanted, set, sizeof(wanted));
	if (r < 0)
		return r;
	wanted &= ~SIGNALS_UNBLOCKABLE;
	r = timeout_from_user(timeout, true, false, &deadline);
	if (r < 0)
		return r;
	for (;;) {
		signo = signal_dequeue(wanted, &got);
		if (signo)
			break;
		if (r == -ETIMEDOUT)
			return -EAGAIN;
		if (r < 0)
			return r;
		/* Not blocked while it waits, so that senders wake it; nothing is delivered before the mask is back. */
		t->sig_mask &= ~wanted;
		t->sig_wait = wanted;
		r = thread_block(WAIT_EVENT, "signal", deadline, true);
		t->sig_mask = old_mask;
		t->sig_wait = 0;
	}
	if (info) {
		r = copy_to_user(info, &got, sizeof(got));
		if (r < 0)
			return r;
	}
	return signo;
}
