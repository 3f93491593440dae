/* signal.c: sending signals, choosing what a thread takes, default actions. Calling handlers is elsewhere: see
 * signal.h. */
#include "linux/signal.h"
#include "kernel/log.h"

#define VECTOR_SYSCALL 256

#define IGNORED_BY_DEFAULT (SIGBIT(SIGCHLD) | SIGBIT(SIGCONT) | SIGBIT(SIGURG) | SIGBIT(SIGWINCH))

void (*signal_posted_hook)(void);
void (*signal_call_app)(struct signal_delivery *d, long *ret);
bool (*signal_push_user)(struct signal_delivery *d);

bool signal_ignored(struct process *p, int signo)
{
	uint64_t handler = p->signals->action[signo - 1].handler;

	if (handler != SIG_DFL)
		return handler == SIG_IGN;
	/* Terminal stops do not stop what nobody could continue: POSIX's orphaned process groups. */
	if (!p->parent && (SIGBIT(signo) & SIGNALS_STOP) && signo != SIGSTOP)
		return true;
	return SIGBIT(signo) & IGNORED_BY_DEFAULT;
}

uint64_t signal_pending_set(struct thread *t)
{
	return t->sig_pending | t->proc->signals->pending;
}

static bool takes(struct thread *t, int signo)
{
	return !t->in_gate && !(t->sig_mask & SIGBIT(signo));
}

bool signal_pending(struct thread *t)
{
	if (thread_dying(t))
		return true;
	if (!t->proc || t->in_gate)
		return false;
	return t->proc->state == PROCESS_STOPPED || (signal_pending_set(t) & ~t->sig_mask);
}

static bool wants_restart(const struct trap_frame *f)
{
	return f->vector == VECTOR_SYSCALL && (long) f->rax == -ERESTARTSYS;
}

static bool current_pending(void)
{
	struct thread *t = current();

	return signal_pending(t) ||
	       (t->proc && t->proc != process_app && t->user_frame && wants_restart(t->user_frame));
}

/* A child of p's parent changed: wait4 looks again, and SIGCHLD says so. */
static void tell_parent_stopped(struct process *p)
{
	struct process *parent = p->parent;

	if (!parent)
		return;
	waitq_wake_all(&parent->child_wait);
	if (!(parent->signals->action[SIGCHLD - 1].flags & SA_NOCLDSTOP))
		signal_send(parent, SIGCHLD);
}

static void process_continue(struct process *p)
{
	if (p->state != PROCESS_STOPPED)
		return;
	p->state = PROCESS_RUNNING;
	p->wait_stopped = false;
	waitq_wake_all(&p->stop_wait);
}

static void process_stop(struct process *p, int signo)
{
	struct thread *t;

	p->state = PROCESS_STOPPED;
	p->wait_stopped = true;
	p->wait_continued = false;
	p->wait_status = WAIT_STOPPED_BY(signo);
	list_for_each(t, &p->threads, proc_node)
		thread_interrupt(t);
	tell_parent_stopped(p);
}

static void drop_pending(struct process *p, uint64_t set)
{
	struct thread *t;

	p->signals->pending &= ~set;
	list_for_each(t, &p->threads, proc_node)
		t->sig_pending &= ~set;
}

static int post(struct process *p, struct thread *to, int signo)
{
	struct thread *t = to ? to : list_first(&p->threads, struct thread, proc_node);

	if (signo < 0 || signo > NSIG)
		return -EINVAL;
	if (!signo || p->state == PROCESS_ZOMBIE || !t)
		return 0;
	if (signo == SIGKILL)
		process_continue(p);
	else if (signo == SIGCONT) {
		drop_pending(p, SIGNALS_STOP);
		if (p->state == PROCESS_STOPPED) {
			process_continue(p);
			p->wait_continued = true;
			tell_parent_stopped(p);
		}
	} else if (SIGBIT(signo) & SIGNALS_STOP)
		drop_pending(p, SIGBIT(SIGCONT));
	if (signal_ignored(p, signo) && !((t->sig_mask | t->sig_wait) & SIGBIT(signo)))
		return 0;
	if (to)
		to->sig_pending |= SIGBIT(signo);
	else {
		p->signals->pending |= SIGBIT(signo);
		list_for_each(t, &p->threads, proc_node)
			if (takes(t, signo)) {
				to = t;
				break;
			}
	}
	if (to && takes(to, signo))
		thread_interrupt(to);
	if (signal_posted_hook)
		signal_posted_hook();
	return 0;
}

int signal_send(struct process *p, int signo)
{
	return post(p, NULL, signo);
}

int signal_send_thread(struct thread *t, int signo)
{
	return t->proc ? post(t->proc, t, signo) : -ESRCH;
}

int signal_send_group(int pgid, int signo)
{
	struct process *p;
	int r = -ESRCH;

	list_for_each(p, &process_list, all_node)
		if (p->pgid == pgid)
			r = post(p, NULL, signo);
	return r;
}

int signal_dequeue(uint64_t set, struct siginfo *ret_info)
{
	struct thread *t = current();
	struct process *p = t->proc;
	uint64_t pending = signal_pending_set(t) & set;
	struct signal_info info = { .code = SI_KERNEL };
	bool of_thread, more = false;
	int signo;

	if (!pending)
		return 0;
	signo = pending & SIGBIT(SIGKILL) ? SIGKILL : __builtin_ctzll(pending) + 1;
	of_thread = t->sig_pending & SIGBIT(signo);
	if (signal_info_ops)
		signal_info_ops->take(p, of_thread ? t : NULL, signo, &info, &more);
	if (!more) {
		if (of_thread)
			t->sig_pending &= ~SIGBIT(signo);
		else
			p->signals->pending &= ~SIGBIT(signo);
	}
	memset(ret_info, 0, sizeof(*ret_info));
	ret_info->signo = signo;
	ret_info->code = info.code;
	ret_info->pid = info.pid;
	ret_info->value = info.value;
	return signo;
}

void signal_begin_handler(struct signal_delivery *d)
{
	struct thread *t = current();
	struct sigaction_k *a = &t->proc->signals->action[d->signo - 1];

	d->action = *a;
	d->old_mask = t->sig_restore ? t->sig_saved_mask : t->sig_mask;
	t->sig_restore = false;
	t->sig_mask |= a->mask;
	if (!(a->flags & SA_NODEFER))
		t->sig_mask |= SIGBIT(d->signo);
	t->sig_mask &= ~SIGNALS_UNBLOCKABLE;
	if (a->flags & SA_RESETHAND)
		a->handler = SIG_DFL;
}

static void restart_user(struct trap_frame *f)
{
	/* Back onto the two bytes of `syscall`. */
	f->rax = f->error;
	f->rip -= 2;
	f->vector = VECTOR_SIGNALLED;
}

static void call_handler(struct signal_delivery *d, long *ret)
{
	struct trap_frame *f = d->frame;
	bool user = f && frame_from_user(f);
	bool waits = current()->sig_restore; /* sigsuspend and its like are never made again */

	signal_begin_handler(d);
	if (!user) {
		if (ret && *ret == -ERESTARTSYS && (waits || !(d->action.flags & SA_RESTART)))
			*ret = -EINTR;
		signal_call_app(d, ret);
		return;
	}
	if (wants_restart(f)) {
		if (!waits && (d->action.flags & SA_RESTART))
			restart_user(f);
		else
			f->rax = (uint64_t) -EINTR;
	}
	f->vector = VECTOR_SIGNALLED;
	if (!signal_push_user(d)) {
		/* Its stack is none. Who has programs has the hook and the function. */
		f->vector = 13;
		overlay_fault_hook(f, 0);
	}
}

static void default_action(struct process *p, int signo)
{
	if (signal_ignored(p, signo))
		return;
	if (SIGBIT(signo) & SIGNALS_STOP) {
		process_stop(p, signo);
		return;
	}
	if (p == process_app)
		klog("%s: ended by signal %d", p->comm, signo);
	process_exit_group(WAIT_SIGNALLED(signo));
}

static void deliver(struct trap_frame *frame, long *ret)
{
	struct signal_delivery d = { .frame = frame };
	struct thread *t = current();
	struct process *p = t->proc;

	if (!p || t->in_gate)
		return;
	for (;;) {
		if (t->kill_pending)
			process_thread_exit(0);
		if (p->state == PROCESS_STOPPED) {
			waitq_wait(&p->stop_wait, WAIT_EVENT, "stopped", TIME_NEVER, false);
			continue;
		}
		d.signo = signal_dequeue(~t->sig_mask, &d.info);
		if (d.signo) {
			if (p->signals->action[d.signo - 1].handler > SIG_IGN)
				call_handler(&d, ret);
			else
				default_action(p, d.signo);
			continue;
		}
		if (!t->sig_restore)
			break;
		t->sig_restore = false;
		t->sig_mask = t->sig_saved_mask;
	}
	if (frame && frame_from_user(frame) && wants_restart(frame))
		restart_user(frame);
}

static void signal_init(void)
{
	signal_deliver_hook = deliver;
	signal_pending_hook = current_pending;
}
INIT(40, signal_init);
