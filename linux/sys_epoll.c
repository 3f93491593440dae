/* sys_epoll.c: epoll_create, epoll_ctl, epoll_wait and their variants. EPOLLEXCLUSIVE wakes all who wait, which its
 * page of the manual allows ("one or more"). */
#include "linux/fd.h"
#include "linux/signal.h"
#include "linux/sys_epoll.h"
#include "linux/timespec.h"

#define EXCLUSIVE_OK (POLLIN | POLLOUT | POLLERR | POLLHUP | EPOLLWAKEUP | EPOLLET | EPOLLEXCLUSIVE)

long sys_epoll_create1(int flags)
{
	struct file *f;
	int r;

	if (flags & ~O_CLOEXEC)
		return -EINVAL;
	r = epoll_create(&f);
	return r < 0 ? r : fd_install(f, flags);
}

long sys_epoll_create(int size)
{
	return size <= 0 ? -EINVAL : sys_epoll_create1(0);
}

static int control(struct epoll *ep, struct file *f, int op, int fd, struct epoll_event64 *ev)
{
	struct epitem *it = epoll_item(ep, f, fd);

	/* Told whether asked for or not. */
	ev->events |= POLLERR | POLLHUP;
	if (!f->fops->poll)
		return -EPERM;
	if (op != EPOLL_CTL_DEL && ev->events & EPOLLEXCLUSIVE &&
	    (op == EPOLL_CTL_MOD || ev->events & ~(unsigned) EXCLUSIVE_OK || epoll_of(f)))
		return -EINVAL;
	switch (op) {
	case EPOLL_CTL_ADD:
		return it ? -EEXIST : epoll_add(ep, f, fd, ev);
	case EPOLL_CTL_MOD:
		return it ? epoll_modify(it, ev) : -ENOENT;
	case EPOLL_CTL_DEL:
		if (!it)
			return -ENOENT;
		epoll_remove(it);
		return 0;
	default:
		return -EINVAL;
	}
}

long sys_epoll_ctl(int epfd, int op, int fd, uint64_t event)
{
	struct file *epf = fd_get(epfd), *f = fd_get(fd);
	struct epoll_event64 ev = { 0 };
	long r = 0;

	if (op != EPOLL_CTL_DEL)
		r = copy_from_user(&ev, event, sizeof(ev));
	if (r >= 0 && (!epf || !f))
		r = -EBADF;
	else if (r >= 0 && (epf == f || !epoll_of(epf)))
		r = -EINVAL;
	if (r >= 0)
		r = control(epoll_of(epf), f, op, fd, &ev);
	file_put(f);
	file_put(epf);
	return r;
}

static long wait_until(int epfd, uint64_t events, int max, uint64_t deadline)
{
	struct file *f = fd_get(epfd);
	struct epoll *ep = f ? epoll_of(f) : NULL;
	long n = f ? -EINVAL : -EBADF;
	int r = 0;

	while (ep && max > 0) {
		n = epoll_collect(ep, events, max);
		if (n)
			break;
		n = r == -ETIMEDOUT ? 0 : r;
		if (r < 0 || clock_monotonic_ns() >= deadline)
			break;
		r = waitq_wait(&ep->wait, WAIT_EVENT, "epoll_wait", deadline, true);
	}
	file_put(f);
	return n;
}

static uint64_t deadline_ms(int timeout_ms)
{
	return timeout_ms < 0 ? TIME_NEVER : deadline_after((uint64_t) timeout_ms * NSEC_PER_MSEC);
}

long sys_epoll_wait(int epfd, uint64_t events, int max, int timeout_ms)
{
	return wait_until(epfd, events, max, deadline_ms(timeout_ms));
}

static long wait_masked(int epfd, uint64_t events, int max, uint64_t deadline, uint64_t mask_addr, uint64_t size)
{
	uint64_t mask;
	long r;

	if (!mask_addr)
		return wait_until(epfd, events, max, deadline);
	if (size != sizeof(mask))
		return -EINVAL;
	r = copy_from_user(&mask, mask_addr, sizeof(mask));
	if (r < 0)
		return r;
	signal_temp_mask_begin(mask);
	r = wait_until(epfd, events, max, deadline);
	signal_temp_mask_end(r == -EINTR);
	return r == -EINTR ? -ERESTARTSYS : r;
}

long sys_epoll_pwait(int epfd, uint64_t events, int max, int timeout_ms, uint64_t mask, uint64_t size)
{
	return wait_masked(epfd, events, max, deadline_ms(timeout_ms), mask, size);
}

long sys_epoll_pwait2(int epfd, uint64_t events, int max, uint64_t timeout, uint64_t mask, uint64_t size)
{
	uint64_t deadline;
	int r = timeout_from_user(timeout, true, false, &deadline);

	return r < 0 ? r : wait_masked(epfd, events, max, deadline, mask, size);
}
