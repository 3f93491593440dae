/* sys_poll.c: poll, and the waiting behind it and select. */
#include "kernel/clock.h"
#include "kernel/kmem.h"
#include "linux/file.h"
#include "linux/poll.h"
#include "linux/process.h"

#define BLOCK_MAX 63
_Static_assert(sizeof(struct poll_block) + BLOCK_MAX * sizeof(struct poll_entry) <= PAGE_SIZE, "no more than a frame");

struct poll_call {
	struct poll_table table;
	struct poll_block *block;	/* whose entries are asked */
};

struct pollfd *poll_add(struct poll_set *set, unsigned left)
{
	struct poll_block *b = set->last;

	if (!b || b->count == b->size) {
		left = MIN(left, (unsigned) BLOCK_MAX);
		b = kzalloc(sizeof(*b) + left * sizeof(b->entry[0]));
		if (!b)
			return NULL;
		b->size = (uint16_t) left;
		*(set->last ? &set->last->next : &set->first) = b;
		set->last = b;
	}
	return &b->entry[b->count++].fd;
}

void poll_free(struct poll_set *set)
{
	struct poll_block *b;

	while ((b = set->first)) {
		set->first = b->next;
		kfree(b);
	}
}

static void enter(struct poll_table *table, struct waitq *q)
{
	struct poll_block *b = container_of(table, struct poll_call, table)->block;

	if (b->used < b->size * POLL_QUEUES) {
		waitq_enter(q, &b->entry[b->used / POLL_QUEUES].waiters[b->used % POLL_QUEUES]);
		b->used++;
	}
}

static void leave_all(struct poll_block *b)
{
	for (; b; b = b->next)
		while (b->used) {
			b->used--;
			waitq_leave(&b->entry[b->used / POLL_QUEUES].waiters[b->used % POLL_QUEUES]);
		}
}

/* Asks every file once; once one is ready, no more queues are entered. */
static long ask(struct poll_set *set)
{
	struct poll_call c = { .table = { enter } };
	struct poll_table *table = &c.table;
	long ready = 0;

	for (c.block = set->first; c.block; c.block = c.block->next)
		for (struct poll_entry *e = c.block->entry; e < c.block->entry + c.block->count; e++) {
			unsigned got = POLLNVAL;

			e->fd.revents = 0;
			if (e->fd.fd < 0)
				continue;
			c.table.events = (uint16_t) e->fd.events;
			if (e->file)
				got = e->file->fops->poll ? e->file->fops->poll(e->file, table)
							  : POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM;
			got &= (unsigned) (uint16_t) e->fd.events | POLLERR | POLLHUP | POLLNVAL;
			e->fd.revents = (int16_t) got;
			if (got) {
				ready++;
				table = NULL;
			}
		}
	return ready;
}

static long wait_loop(struct poll_set *set, uint64_t deadline_ns)
{
	long ready;
	int r = 0;

	for (;;) {
		ready = ask(set);
		if (!ready && r == 0 && clock_monotonic_ns() < deadline_ns)
			r = thread_block(WAIT_EVENT, "poll", deadline_ns, true);
		else if (r == 0)
			r = -ETIMEDOUT;
		leave_all(set->first);
		if (ready || r == -ETIMEDOUT)
			return ready;
		if (r < 0)
			return r;
	}
}

long poll_wait_set(struct poll_set *set, uint64_t deadline_ns)
{
	struct poll_block *b;
	long r;

	for (b = set->first; b; b = b->next)
		for (unsigned i = 0; i < b->count; i++)
			b->entry[i].file = b->entry[i].fd.fd < 0 ? NULL : fd_get(b->entry[i].fd.fd);
	r = wait_loop(set, deadline_ns);
	for (b = set->first; b; b = b->next)
		for (unsigned i = 0; i < b->count; i++)
			file_put(b->entry[i].file);
	return r;
}

long poll_user(uint64_t user_fds, unsigned count, uint64_t deadline_ns)
{
	struct poll_set set = { 0 };
	long r = 0;

	/* What a call that waits holds is on no account. */
	if (count > (current()->proc->restricted ? FD_MAX_RESTRICTED : FD_MAX))
		return -EINVAL;
	for (unsigned i = 0; i < count && r >= 0; i++) {
		struct pollfd *fd = poll_add(&set, count - i);

		r = fd ? copy_from_user(fd, user_fds + i * sizeof(*fd), sizeof(*fd)) : -ENOMEM;
	}
	if (r >= 0)
		r = poll_wait_set(&set, deadline_ns);
	for (struct poll_block *b = set.first; b && r >= 0; b = b->next)
		for (unsigned i = 0; i < b->count; i++, user_fds += sizeof(struct pollfd))
			if (copy_to_user(user_fds, &b->entry[i].fd, sizeof(struct pollfd)) < 0)
				r = -EFAULT;
	poll_free(&set);
	return r;
}

long sys_poll(uint64_t fds, unsigned count, int timeout_ms)
{
	uint64_t deadline = TIME_NEVER;

	if (timeout_ms >= 0)
		deadline = clock_monotonic_ns() + (uint64_t) timeout_ms * NSEC_PER_MSEC;
	return poll_user(fds, count, deadline);
}
