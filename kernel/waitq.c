/* waitq.c: wait queues over thread_block(). A waiter is unlinked by whoever comes first: the waker or the leaver. */
#include "kernel/waitq.h"

void waitq_init(struct waitq *q)
{
	list_init(&q->waiters);
}

void waitq_enter(struct waitq *q, struct waiter *w)
{
	w->thread = current();
	list_add_tail(&q->waiters, &w->node);
}

void waitq_enter_call(struct waitq *q, struct waiter_call *c, void (*wake)(struct waiter_call *c))
{
	c->wake = wake;
	c->w.thread = NULL;
	list_add_tail(&q->waiters, &c->w.node);
}

void waitq_leave(struct waiter *w)
{
	list_del(&w->node);
}

int waitq_wait(struct waitq *q, enum wait_kind kind, const char *why, uint64_t deadline_ns, bool interruptible)
{
	struct waiter w;
	int r;

	waitq_enter(q, &w);
	r = thread_block(kind, why, deadline_ns, interruptible);
	waitq_leave(&w);
	return r;
}

void waitq_wake_one(struct waitq *q)
{
	struct waiter *w = list_first(&q->waiters, struct waiter, node);

	if (!w)
		return;
	/* Unlink now: the waiter runs later, and the next wake-up belongs to the next one. */
	list_del(&w->node);
	if (w->thread)
		thread_wake(w->thread);
	else
		container_of(w, struct waiter_call, w)->wake(container_of(w, struct waiter_call, w));
}

void waitq_wake_all(struct waitq *q)
{
	while (!list_empty(&q->waiters))
		waitq_wake_one(q);
}
