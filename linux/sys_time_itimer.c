/* sys_time_itimer.c: alarm and the real-time interval timer. The timers of CPU time are not there: -EINVAL. */
#include "kernel/usercopy.h"
#include "linux/signal.h"
#include "linux/sys_proc.h"
#include "linux/timespec.h"

#define ITIMER_REAL 0
#define PROGRAM_TICK_NS (10 * NSEC_PER_MSEC) /* a program's timer ticks no faster: nobody is charged for an interrupt */

struct itimerval64 {
	int64_t interval_sec, interval_usec, value_sec, value_usec;
};

/* In the timer interrupt. */
static void fire(struct ktimer *timer)
{
	struct process *p = container_of(timer, struct process, itimer_real);

	if (p->itimer_interval_ns)
		ktimer_start(timer, deadline_after(p->itimer_interval_ns), fire);
	signal_send(p, SIGALRM);
}

static uint64_t left_ns(const struct process *p)
{
	uint64_t now = clock_monotonic_ns();

	if (!p->itimer_real.pending)
		return 0;
	/* A running timer never reads as stopped. */
	return p->itimer_real.deadline_ns > now ? p->itimer_real.deadline_ns - now : NSEC_PER_USEC;
}

static void set(struct process *p, uint64_t value_ns, uint64_t interval_ns)
{
	ktimer_cancel(&p->itimer_real);
	p->itimer_interval_ns = value_ns ? interval_ns : 0;
	if (p->restricted && p->itimer_interval_ns)
		p->itimer_interval_ns = MAX(p->itimer_interval_ns, PROGRAM_TICK_NS);
	if (value_ns)
		ktimer_start(&p->itimer_real, deadline_after(value_ns), fire);
}

static struct itimerval64 get(const struct process *p)
{
	uint64_t left = left_ns(p), every = p->itimer_interval_ns;

	return (struct itimerval64){ every / NSEC_PER_SEC, every % NSEC_PER_SEC / NSEC_PER_USEC, left / NSEC_PER_SEC,
				     left % NSEC_PER_SEC / NSEC_PER_USEC };
}

static int to_ns(int64_t sec, int64_t usec, uint64_t *ret_ns)
{
	struct timespec64 ts = { sec, usec * (int64_t) NSEC_PER_USEC };

	if (usec < 0 || usec >= 1000000)
		return -EINVAL;
	return timespec_to_ns(&ts, ret_ns);
}

long sys_alarm(unsigned seconds)
{
	struct process *p = current()->proc;
	uint64_t left = left_ns(p);

	set(p, seconds * NSEC_PER_SEC, 0);
	return (left + NSEC_PER_SEC - 1) / NSEC_PER_SEC;
}

long sys_getitimer(int which, uint64_t value)
{
	struct itimerval64 v = get(current()->proc);

	if (which != ITIMER_REAL)
		return -EINVAL;
	return copy_to_user(value, &v, sizeof(v));
}

long sys_setitimer(int which, uint64_t value, uint64_t old_value)
{
	struct process *p = current()->proc;
	struct itimerval64 new = { 0 }, old = get(p);
	uint64_t value_ns, interval_ns;
	int r;

	if (which != ITIMER_REAL)
		return -EINVAL;
	if (value) {
		r = copy_from_user(&new, value, sizeof(new));
		if (r < 0)
			return r;
	}
	r = to_ns(new.value_sec, new.value_usec, &value_ns);
	if (r < 0)
		return r;
	r = to_ns(new.interval_sec, new.interval_usec, &interval_ns);
	if (r < 0)
		return r;
	if (old_value) {
		r = copy_to_user(old_value, &old, sizeof(old));
		if (r < 0)
			return r;
	}
	set(p, value_ns, interval_ns);
	return 0;
}
