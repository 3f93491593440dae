/* sys_signal.c: handlers, masks and the alternate stack. */
#include "kernel/usercopy.h"
#include "linux/signal.h"
#include "linux/sys_proc.h"

enum { SIG_BLOCK, SIG_UNBLOCK, SIG_SETMASK };

#define MINSIGSTKSZ 2048

long sys_rt_sigaction(int signo, uint64_t act, uint64_t old_act, uint64_t set_size)
{
	struct process *p = current()->proc;
	struct sigaction_k *slot, new = { 0 }, old;
	struct thread *t;
	int r;

	if (set_size != 8 || signo < 1 || signo > NSIG)
		return -EINVAL;
	slot = &p->signals->action[signo - 1];
	old = *slot;
	if (act) {
		r = copy_from_user(&new, act, sizeof(new));
		if (r < 0)
			return r;
		if (SIGBIT(signo) & SIGNALS_UNBLOCKABLE)
			return -EINVAL;
		new.mask &= ~SIGNALS_UNBLOCKABLE;
	}
	if (old_act) {
		r = copy_to_user(old_act, &old, sizeof(old));
		if (r < 0)
			return r;
	}
	if (!act)
		return 0;
	*slot = new;
	if (p == process_app && new.handler > SIG_IGN)
		signal_app_enable();
	if (signal_ignored(p, signo)) {
		p->signals->pending &= ~SIGBIT(signo);
		list_for_each(t, &p->threads, proc_node)
			t->sig_pending &= ~SIGBIT(signo);
	}
	return 0;
}

long sys_rt_sigprocmask(int how, uint64_t set, uint64_t old_set, uint64_t set_size)
{
	uint64_t old = current()->sig_mask, new = 0;
	int r;

	if (set_size != 8)
		return -EINVAL;
	if (set) {
		r = copy_from_user(&new, set, sizeof(new));
		if (r < 0)
			return r;
		switch (how) {
		case SIG_BLOCK: new = old | new; break;
		case SIG_UNBLOCK: new = old & ~new; break;
		case SIG_SETMASK: break;
		default: return -EINVAL;
		}
	}
	if (old_set) {
		r = copy_to_user(old_set, &old, sizeof(old));
		if (r < 0)
			return r;
	}
	if (set)
		signal_set_mask(new);
	return 0;
}

long sys_rt_sigpending(uint64_t set, uint64_t set_size)
{
	uint64_t pending = signal_pending_set(current()) & current()->sig_mask;

	if (set_size > 8)
		return -EINVAL;
	return copy_to_user(set, &pending, set_size);
}

struct stack64 {
	uint64_t sp;
	int32_t flags, pad;
	uint64_t size;
};

static bool on_altstack(const struct thread *t)
{
	/* A ring-3 thread's stack pointer is in its frame; the application's is this very one. */
	uint64_t sp = t->user_frame ? t->user_frame->rsp : (uint64_t) __builtin_frame_address(0);

	return t->altstack_size && sp - t->altstack_sp <= t->altstack_size;
}

long sys_sigaltstack(uint64_t stack, uint64_t old_stack)
{
	struct thread *t = current();
	struct stack64 new, old = { t->altstack_sp, 0, 0, t->altstack_size };
	int r;

	if (!t->altstack_size)
		old.flags = SS_DISABLE;
	else if (on_altstack(t))
		old.flags = SS_ONSTACK;
	if (stack) {
		r = copy_from_user(&new, stack, sizeof(new));
		if (r < 0)
			return r;
		if (on_altstack(t))
			return -EPERM;
		if (new.flags & ~(SS_DISABLE | SS_ONSTACK))
			return -EINVAL;
		if (new.flags & SS_DISABLE)
			new.sp = new.size = 0;
		else if (new.size < MINSIGSTKSZ)
			return -ENOMEM;
	}
	if (old_stack) {
		r = copy_to_user(old_stack, &old, sizeof(old));
		if (r < 0)
			return r;
	}
	if (stack) {
		t->altstack_sp = new.sp;
		t->altstack_size = new.size;
	}
	return 0;
}
