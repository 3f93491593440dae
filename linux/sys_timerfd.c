/* sys_timerfd.c: timerfd: a timer to wait on. A periodic timer is armed again when it is read, not each time it
 * expires, so that a short period costs nothing while nobody looks. Setting the wall clock moves no timer. */
#include "kernel/kmem.h"
#include "linux/fd.h"
#include "linux/process.h"
#include "linux/sys_time.h"
#include "linux/timespec.h"

#define TFD_TIMER_ABSTIME	1
#define TFD_TIMER_CANCEL_ON_SET 2

struct timerfd {
	struct vnode v;
	int clock;
	struct ktimer timer;
	uint64_t due_ns; /* monotonic: the first expiry that has not been read; 0: disarmed */
	uint64_t interval_ns;
	struct waitq wait;
};

struct itimerspec64 {
	struct timespec64 interval, value;
};

static struct timerfd *of(struct file *f)
{
	return container_of(f->vnode, struct timerfd, v);
}

static void fire(struct ktimer *timer)
{
	waitq_wake_all(&container_of(timer, struct timerfd, timer)->wait);
}

static void arm(struct timerfd *t)
{
	ktimer_cancel(&t->timer);
	if (t->due_ns)
		ktimer_start(&t->timer, t->due_ns, fire);
}

static uint64_t expired(const struct timerfd *t)
{
	uint64_t now = clock_monotonic_ns();

	if (!t->due_ns || now < t->due_ns)
		return 0;
	return t->interval_ns ? 1 + (now - t->due_ns) / t->interval_ns : 1;
}

static kssize_t timerfd_read(struct file *f, struct iter *it, uint64_t off)
{
	struct timerfd *t = of(f);
	uint64_t n;
	int r;

	if (it->left < sizeof(n))
		return -EINVAL;
	while (!(n = expired(t))) {
		if (f->flags & O_NONBLOCK)
			return -EAGAIN;
		r = waitq_wait(&t->wait, WAIT_EVENT, "timerfd", TIME_NEVER, true);
		if (r < 0)
			return r;
	}
	t->due_ns = t->interval_ns ? t->due_ns + n * t->interval_ns : 0;
	arm(t);
	return iter_put(it, &n, sizeof(n));
}

static unsigned timerfd_poll(struct file *f, struct poll_table *pt)
{
	struct timerfd *t = of(f);

	poll_wait(pt, &t->wait);
	return expired(t) ? POLLIN | POLLRDNORM : 0;
}

static void timerfd_free(struct vnode *v)
{
	struct timerfd *t = container_of(v, struct timerfd, v);

	ktimer_cancel(&t->timer);
	kfree(t);
}

static const struct file_ops timerfd_fops = {
	.read = timerfd_read,
	.poll = timerfd_poll,
	.free = timerfd_free,
};

long sys_timerfd_create(int clock, int flags)
{
	static uint64_t ino;
	struct timerfd *t;
	struct file *f;
	int r;

	if (flags & ~(O_CLOEXEC | O_NONBLOCK) ||
	    (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC && clock != CLOCK_BOOTTIME))
		return -EINVAL;
	t = kzalloc(sizeof(*t));
	if (!t)
		return -ENOMEM;
	t->v = (struct vnode){ .refs = 1, .mode = 0600, .fops = &timerfd_fops, .ino = ++ino };
	t->clock = clock;
	waitq_init(&t->wait);
	r = file_create(&t->v, O_RDWR | (uint32_t) (flags & O_NONBLOCK), &f);
	if (r < 0) {
		vnode_put(&t->v);
		return r;
	}
	return fd_install(f, flags & O_CLOEXEC);
}

static int timer_of(int fd, struct file **ret_file)
{
	struct file *f = fd_get(fd);

	if (!f)
		return -EBADF;
	if (f->fops != &timerfd_fops) {
		file_put(f);
		return -EINVAL;
	}
	*ret_file = f;
	return 0;
}

/* What is left, and the period. A running timer never reads as stopped. */
static struct itimerspec64 state(const struct timerfd *t)
{
	uint64_t now = clock_monotonic_ns(), due = t->due_ns, left = 0;

	if (due && t->interval_ns)
		due += expired(t) * t->interval_ns;
	if (due)
		left = due > now ? due - now : t->interval_ns || now < due ? 1 : 0;
	return (struct itimerspec64){ timespec_from_ns(t->interval_ns), timespec_from_ns(left) };
}

static int set(struct timerfd *t, int flags, const struct itimerspec64 *new)
{
	uint64_t value, interval, now = clock_realtime_ns();
	int r = timespec_to_ns(&new->value, &value);

	if (r >= 0)
		r = timespec_to_ns(&new->interval, &interval);
	if (r < 0)
		return r;
	t->interval_ns = interval;
	if (!value)
		t->due_ns = 0;
	else if (!(flags & TFD_TIMER_ABSTIME))
		t->due_ns = deadline_after(value);
	else if (t->clock == CLOCK_REALTIME)
		t->due_ns = deadline_after(value > now ? value - now : 0);
	else
		t->due_ns = value;
	arm(t);
	return 0;
}

long sys_timerfd_settime(int fd, int flags, uint64_t new_value, uint64_t old_value)
{
	struct itimerspec64 new, old;
	struct file *f;
	int r = copy_from_user(&new, new_value, sizeof(new));

	if (r < 0)
		return r;
	if (flags & ~(TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET))
		return -EINVAL;
	r = timer_of(fd, &f);
	if (r < 0)
		return r;
	old = state(of(f));
	r = set(of(f), flags, &new);
	file_put(f);
	return r < 0 || !old_value ? r : copy_to_user(old_value, &old, sizeof(old));
}

long sys_timerfd_gettime(int fd, uint64_t value)
{
	struct itimerspec64 now;
	struct file *f;
	int r = timer_of(fd, &f);

	if (r < 0)
		return r;
	now = state(of(f));
	file_put(f);
	return copy_to_user(value, &now, sizeof(now));
}
