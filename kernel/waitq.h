/* waitq.h: wait queues. The kernel is a monitor (docs/architecture.md), so nothing can slip in between testing a
 * condition and waiting for it:
 *
 *	while (!ready(x)) {
 *		r = waitq_wait(&x->readers, WAIT_EVENT, "pipe", TIME_NEVER, true);
 *		if (r < 0)
 *			return r;
 *	}
 *
 * After a wait the world may have changed: look again, and hold a reference to what you wait on. */
#ifndef UIO_KERNEL_WAITQ_H
#define UIO_KERNEL_WAITQ_H

#include "kernel/thread.h"

struct waitq {
	struct list waiters;
};

/* One thread's place in a queue; poll has several at once. */
struct waiter {
	struct list node;
	struct thread *thread;	/* NULL: a struct waiter_call */
};
/* The place of something else that wants to know: `wake` is called, once, after the waiter has left the queue; perhaps in
 * an interrupt handler. */
struct waiter_call {
	struct waiter w;
	void (*wake)(struct waiter_call *c);
};

#define WAITQ_INIT(q) { .waiters = { &(q).waiters, &(q).waiters } }
void waitq_init(struct waitq *q);
/* 0, -ETIMEDOUT or -EINTR (interruptible only); spurious wake-ups happen. */
int waitq_wait(struct waitq *q, enum wait_kind kind, const char *why, uint64_t deadline_ns, bool interruptible);
/* Callable from interrupt handlers. */
void waitq_wake_all(struct waitq *q);
void waitq_wake_one(struct waitq *q);

/* For poll: enter several queues, then thread_block(), then leave them all. */
void waitq_enter(struct waitq *q, struct waiter *w);
void waitq_enter_call(struct waitq *q, struct waiter_call *c, void (*wake)(struct waiter_call *c));
void waitq_leave(struct waiter *w);

#endif
