/* sys_poll.c: poll, and the waiting behind it and select. */
#include "kernel/clock.h"
#include "kernel/kmem.h"
#include "linux/file.h"
#include "linux/poll.h"
#include "linux/process.h"

#define QUEUES_PER_FILE 2

struct poll_call {
	struct poll_table table;
	struct waiter *waiters;
	unsigned used, size;
};

static void enter(struct poll_table *table, struct waitq *q)
{
	struct poll_call *c = container_of(table, struct poll_call, table);

	if (c->used < c->size)
		waitq_enter(q, &c->waiters[c->used++]);
}

static void leave_all(struct poll_call *c)
{
	while (c->used)
		waitq_leave(&c->waiters[--c->used]);
}

/* Asks every file once; once one is ready, no more queues are entered. */
static long ask(struct pollfd *fds, struct file **files, unsigned count, struct poll_call *c)
{
	struct poll_table *table = &c->table;
	long ready = 0;

	for (unsigned i = 0; i < count; i++) {
		unsigned got = POLLNVAL;

		fds[i].revents = 0;
		if (fds[i].fd < 0)
			continue;
		c->table.events = (uint16_t) fds[i].events;
		if (files[i])
			got = files[i]->fops->poll ? files[i]->fops->poll(files[i], table)
						   : POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM;
		got &= (unsigned) (uint16_t) fds[i].events | POLLERR | POLLHUP | POLLNVAL;
		fds[i].revents = (int16_t) got;
		if (got) {
			ready++;
			table = NULL;
		}
	}
	return ready;
}

static long wait_loop(struct pollfd *fds, struct file **files, unsigned count, struct poll_call *c,
		      uint64_t deadline_ns)
{
	long ready;
	int r = 0;

	for (;;) {
		ready = ask(fds, files, count, c);
		if (!ready && r == 0 && clock_monotonic_ns() < deadline_ns)
			r = thread_block(WAIT_EVENT, "poll", deadline_ns, true);
		else if (r == 0)
			r = -ETIMEDOUT;
		leave_all(c);
		if (ready || r == -ETIMEDOUT)
			return ready;
		if (r < 0)
			return r;
	}
}

long poll_wait_any(struct pollfd *fds, unsigned count, uint64_t deadline_ns)
{
	struct file **files = kmalloc(count * sizeof(*files) + 1);
	struct poll_call c = { .table = { enter } };
	long r = -ENOMEM;

	if (!files)
		return r;
	for (unsigned i = 0; i < count; i++) {
		files[i] = fds[i].fd < 0 ? NULL : fd_get(fds[i].fd);
		c.size += files[i] ? QUEUES_PER_FILE : 0;
	}
	c.waiters = kmalloc(c.size * sizeof(*c.waiters) + 1);
	if (c.waiters)
		r = wait_loop(fds, files, count, &c, deadline_ns);
	for (unsigned i = 0; i < count; i++)
		file_put(files[i]);
	kfree(files);
	kfree(c.waiters);
	return r;
}

long poll_user(uint64_t user_fds, unsigned count, uint64_t deadline_ns)
{
	struct pollfd *fds;
	long r;

	/* What a call that waits holds is on no account. */
	if (count > (current()->proc->restricted ? FD_MAX_RESTRICTED : FD_MAX))
		return -EINVAL;
	fds = kmalloc(count * sizeof(*fds) + 1);
	if (!fds)
		return -ENOMEM;
	r = copy_from_user(fds, user_fds, count * sizeof(*fds));
	if (r >= 0)
		r = poll_wait_any(fds, count, deadline_ns);
	if (r >= 0 && copy_to_user(user_fds, fds, count * sizeof(*fds)) < 0)
		r = -EFAULT;
	kfree(fds);
	return r;
}

long sys_poll(uint64_t fds, unsigned count, int timeout_ms)
{
	uint64_t deadline = TIME_NEVER;

	if (timeout_ms >= 0)
		deadline = clock_monotonic_ns() + (uint64_t) timeout_ms * NSEC_PER_MSEC;
	return poll_user(fds, count, deadline);
}
