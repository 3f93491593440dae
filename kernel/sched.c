/* sched.c: who runs next. Two classes: the application's threads, and the overlay's, which have a share of the CPU while
 * the application could use it: in each period the overlay runs first until its budget is spent, then the application.
 * When no application thread can run, the overlay has the whole CPU. Tickless: a timer is set only where two threads want the CPU. */
#include "kernel/sched.h"

#include "arch/x86_64/cpu.h"
#include "arch/x86_64/fpu.h"
#include "arch/x86_64/traps.h"
#include "kernel/entry.h"
#include "kernel/panic.h"

#define PERIOD_NS (40 * NSEC_PER_MSEC) /* long enough that the switches in it do not matter */
#define DEBT_MAX_NS (3 * PERIOD_NS)
#define SLICE_NS (4 * NSEC_PER_MSEC) /* round robin within a class */
#define WAKE_NS 5000 /* what a wake-up takes from the application: an interrupt and two switches */

struct thread *current_thread;
struct list thread_list = LIST_INIT(thread_list);

static struct list ready[2] = { LIST_INIT(ready[0]), LIST_INIT(ready[1]) };
#define OVERLAY_PERMILLE 100u /* a program with a larger share of its own raises it while it runs */
static uint64_t overlay_used_ns;	/* in the current period, while the application wanted the CPU; debts included */
static uint64_t overlay_granted_ns;	/* the largest budget that was asked for in it */
static uint64_t period;			/* its number */
static unsigned app_held;		/* call gates that run */
static bool idle;			/* in the idle loop or a preemption point: interrupts must not switch */
static bool woken;			/* a thread became ready while interrupts must not switch */
static bool contended;			/* the running overlay thread keeps an application thread waiting */
static struct thread *corpse;		/* ended; freed by the next thread to run */
static uint64_t last_ns;		/* accounting is done up to here */
static struct sched_stats stats;
static struct waitq quiescent_wait = WAITQ_INIT(quiescent_wait);

static bool app_ready(void)
{
	return !app_held && !list_empty(&ready[CLASS_APP]);
}

/* The application also pays for cold caches and translations after a tool ran: that is part of the tool's share. */
static uint64_t budget_ns(unsigned permille)
{
	return PERIOD_NS / 1000 * permille * 15 / 16;
}

/* Timers come late, so a budget is overrun; what is beyond it comes off the next periods', else the application would
 * lose more than the share. Within a limit: a host that stood still must not stop a tool for long. */
static uint64_t debt_ns(uint64_t used_ns, uint64_t budget, uint64_t periods)
{
	uint64_t paid = budget * periods; /* no overflow: at most the time since boot */

	return used_ns > paid ? MIN(used_ns - paid, DEBT_MAX_NS) : 0;
}

static uint64_t group_used_ns(const struct sched_group *g)
{
	return g->period == period ? g->used_ns : debt_ns(g->used_ns, budget_ns(g->permille), period - g->period);
}

static void charge(struct thread *t, uint64_t ns)
{
	struct sched_group *g = t->group;

	overlay_used_ns += ns;
	if (g) {
		g->used_ns = group_used_ns(g) + ns;
		g->period = period;
	}
}

/* Charges the time since the last call to the running thread. */
static void account(struct thread *t, uint64_t now)
{
	uint64_t spent = now - last_ns;

	last_ns = t->switched_in_ns = now;
	if (now / PERIOD_NS != period) {
		overlay_used_ns = debt_ns(overlay_used_ns, MAX(overlay_granted_ns, budget_ns(OVERLAY_PERMILLE)),
					  now / PERIOD_NS - period);
		overlay_granted_ns = 0;
		period = now / PERIOD_NS;
	}
	if (idle) {
		stats.idle_ns += spent;
		return;
	}
	/* In a gate it is the application that computes. */
	if (t->in_gate)
		stats.gate_ns += spent;
	else
		t->cpu_ns += spent;
	if (t->class == CLASS_APP || t->in_gate) {
		stats.app_ns += spent;
		return;
	}
	stats.overlay_ns += spent;
	if (contended)
		charge(t, spent);
}

/* How long an overlay thread may run against the application, now; 0: it must wait for the next period. */
static uint64_t overlay_left(struct thread *t)
{
	struct sched_group *g = t->group;
	unsigned permille = g ? MAX(OVERLAY_PERMILLE, g->permille) : OVERLAY_PERMILLE;
	uint64_t total = budget_ns(permille), left;

	overlay_granted_ns = MAX(overlay_granted_ns, total);
	if (overlay_used_ns >= total)
		return 0;
	left = total - overlay_used_ns;
	if (g) {
		uint64_t used = group_used_ns(g), own = budget_ns(g->permille);

		if (used >= own)
			return 0;
		left = MIN(left, own - used);
	}
	return left;
}

/* The thread to run, still in its queue, and until when; NULL: none. */
static struct thread *pick(uint64_t now, uint64_t *ret_until)
{
	struct thread *t, *app = app_ready() ? list_first(&ready[CLASS_APP], struct thread, run_node) : NULL;

	*ret_until = TIME_NEVER;
	if (app_held) {
		/* The gate's thread first: the application waits for it. */
		list_for_each (t, &ready[CLASS_OVERLAY], run_node)
			if (t->in_gate) {
				*ret_until = now + SLICE_NS;
				return t;
			}
	}
	if (!app) {
		t = list_first(&ready[CLASS_OVERLAY], struct thread, run_node);
		if (t && t->run_node.next != &ready[CLASS_OVERLAY])
			*ret_until = now + SLICE_NS;
		return t;
	}
	list_for_each (t, &ready[CLASS_OVERLAY], run_node) {
		uint64_t left = overlay_left(t);

		if (left) {
			*ret_until = now + MIN(left, SLICE_NS);
			return t;
		}
	}
	if (app->run_node.next != &ready[CLASS_APP])
		*ret_until = now + SLICE_NS;
	if (!list_empty(&ready[CLASS_OVERLAY]))
		*ret_until = MIN(*ret_until, (period + 1) * PERIOD_NS);
	return app;
}

static void make_ready(struct thread *t)
{
	t->state = THREAD_RUNNABLE;
	list_add_tail(&ready[t->class], &t->run_node);
}

void sched_look_again(void)
{
	clock_want_slice(clock_monotonic_ns() + SLICE_NS);
}

/* A ready thread of the other class, or of the same, may have a better claim than the running one. */
static void check_preempt(struct thread *t)
{
	struct thread *cur = current();

	if (idle)
		woken = true;
	if (!cur || idle)
		return;
	if (cur->class == CLASS_OVERLAY && t->class == CLASS_APP) {
		if (app_held)
			return;
		account(cur, clock_monotonic_ns());
		contended = true;
		if (!overlay_left(cur))
			need_resched = true;
		else
			clock_want_slice(last_ns + MIN(overlay_left(cur), SLICE_NS));
	} else if (cur->class == CLASS_APP && t->class == CLASS_OVERLAY) {
		account(cur, clock_monotonic_ns());
		charge(t, WAKE_NS);
		if (overlay_left(t))
			need_resched = true;
		else
			clock_want_slice((period + 1) * PERIOD_NS);
	} else
		sched_look_again();
}

void sched_ready(struct thread *t)
{
	if (t->state != THREAD_BLOCKED)
		return;
	ktimer_cancel(&t->timer);
	t->wait_why = NULL;
	make_ready(t);
	check_preempt(t);
}

/* Runs in the new thread, right after a switch. */
void sched_finish_switch(void)
{
	struct thread *dead = corpse;

	if (dead) {
		corpse = NULL;
		thread_free(dead);
	}
}

static void switch_to(struct thread *next)
{
	struct thread *prev = current();
	uint64_t root;

	if (prev == next)
		return;
	stats.switches++;
	if (prev->state != THREAD_DEAD) {
		prev->fs_base = arch_get_fs_base();
		if (prev->user_fpu && prev->fpu) {
			prev->gs_base = arch_get_gs_base();
			fpu_save(prev);
		} else {
			__asm__ volatile("stmxcsr %0; fnstcw %1" : "=m"(prev->mxcsr), "=m"(prev->fcw));
		}
	}
	current_thread = next;
	root = next->cr3 ? next->cr3 : base_root.pa;
	if (read_cr3() != root)
		write_cr3(root);
	arch_set_kstack(next->kstack_top);
	arch_set_fs_base(next->fs_base);
	if (next->user_fpu && next->fpu) {
		arch_set_gs_base(next->gs_base);
		fpu_load(next);
	} else {
		/* A program may have left the x87 stack full, or an exception pending that FLDCW would raise here. */
		__asm__ volatile("fninit; ldmxcsr %0; fldcw %1" ::"m"(next->mxcsr), "m"(next->fcw));
	}
	arch_switch(&prev->rsp, next->rsp);
	sched_finish_switch();
}

/* Gives the CPU to the best thread. The caller has put itself in a queue if it still wants to run. */
void schedule(void)
{
	struct thread *prev = current(), *next;
	uint64_t now = clock_monotonic_ns(), until;

	account(prev, now);
	while (!(next = pick(now, &until))) {
		if (quiescent_wait.waiters.next != &quiescent_wait.waiters && sched_app_quiescent())
			waitq_wake_all(&quiescent_wait);
		if ((next = pick(now, &until)))
			break;
		clock_set_slice(TIME_NEVER);
		idle = true;
		irq_wait();
		now = clock_monotonic_ns();
		account(prev, now);
		idle = false;
	}
	list_del(&next->run_node);
	need_resched = false;
	contended = next->class == CLASS_OVERLAY && app_ready();
	clock_set_slice(until);
	next->switched_in_ns = now;
	switch_to(next);
}

void thread_yield(void)
{
	make_ready(current());
	schedule();
}

/* Nothing is for an interrupt in the idle loop. */
bool sched_interrupt_due(void)
{
	struct thread *t = current();

	return !idle && t && (need_resched || t->work_pending || thread_dying(t));
}

bool sched_interrupt_return(struct trap_frame *frame)
{
	struct thread *t = current();
	bool before = t->user_fpu;

	while (sched_interrupt_due()) {
		if (t->in_gate && thread_dying(t) && overlay_return_hook)
			overlay_return_hook(frame);
		need_resched = false;
		t->user_fpu = true;
		thread_yield();
		t->user_fpu = before;
		t->work_pending = false;
		if (!t->in_gate && signal_pending_hook && signal_pending_hook())
			return true;
		if (t->kill_pending && !t->in_gate)
			break;
	}
	return false;
}

void kernel_relax(void)
{
	woken = false;
	idle = true;
	irq_window();
	idle = false;
	if (need_resched || woken) {
		need_resched = false;
		thread_yield();
	}
}

static void block_timeout(struct ktimer *timer)
{
	struct thread *t = container_of(timer, struct thread, timer);

	t->timed_out = true;
	sched_ready(t);
}

int thread_block(enum wait_kind kind, const char *why, uint64_t deadline_ns, bool interruptible)
{
	struct thread *t = current();

	if (interruptible && (thread_dying(t) || (signal_pending_hook && signal_pending_hook())))
		return -EINTR;
	if (deadline_ns != TIME_NEVER && deadline_ns <= clock_monotonic_ns())
		return -ETIMEDOUT;
	t->wait_kind = kind;
	t->wait_why = why;
	t->interruptible = interruptible;
	t->timed_out = false;
	t->state = THREAD_BLOCKED;
	if (deadline_ns != TIME_NEVER)
		ktimer_start(&t->timer, deadline_ns, block_timeout);
	if (!list_empty(&quiescent_wait.waiters) && sched_app_quiescent())
		waitq_wake_all(&quiescent_wait);
	schedule();
	t->interruptible = false;
	if (t->timed_out)
		return -ETIMEDOUT;
	if (interruptible && (thread_dying(t) || (signal_pending_hook && signal_pending_hook())))
		return -EINTR;
	return 0;
}

void thread_wake(struct thread *t)
{
	sched_ready(t);
}

void thread_interrupt(struct thread *t)
{
	t->work_pending = true;
	if (t->state == THREAD_BLOCKED && t->interruptible)
		sched_ready(t);
}

void thread_exit(void)
{
	struct thread *t = current();

	ktimer_cancel(&t->timer);
	sched_thread_gone(t);
	t->state = THREAD_DEAD;
	corpse = t;
	schedule();
	panic("a dead thread ran");
}

void sched_thread_born(struct thread *t)
{
	list_add_tail(&thread_list, &t->all_node);
	stats.threads++;
}

void sched_thread_gone(struct thread *t)
{
	list_del(&t->all_node);
	stats.threads--;
}

void sched_hold_app(void)
{
	account(current(), clock_monotonic_ns());
	app_held++;
}

void sched_release_app(void)
{
	account(current(), clock_monotonic_ns());
	app_held--;
	if (app_ready())
		need_resched = true;
}

bool sched_app_quiescent(void)
{
	struct thread *t;

	list_for_each (t, &thread_list, all_node)
		if (t->class == CLASS_APP && (t->state != THREAD_BLOCKED || t->wait_kind != WAIT_EVENT))
			return false;
	return true;
}

int sched_wait_quiescent(uint64_t deadline_ns)
{
	while (!sched_app_quiescent()) {
		int r = waitq_wait(&quiescent_wait, WAIT_EVENT, "quiesce", deadline_ns, true);

		if (r < 0)
			return r;
	}
	return 0;
}

void sched_get_stats(struct sched_stats *ret)
{
	account(current(), clock_monotonic_ns());
	*ret = stats;
	ret->runnable = 1;
	for (unsigned c = 0; c < 2; c++)
		for (struct list *l = ready[c].next; l != &ready[c]; l = l->next)
			ret->runnable++;
}

void thread_for_each(void (*fn)(struct thread *, void *), void *arg)
{
	struct thread *t, *next;

	list_for_each_safe (t, next, &thread_list, all_node)
		fn(t, arg);
}

struct thread *thread_find(int tid)
{
	struct thread *t;

	list_for_each (t, &thread_list, all_node)
		if (t->tid == tid)
			return t;
	return NULL;
}
