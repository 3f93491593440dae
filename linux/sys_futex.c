/* sys_futex.c: futexes without priority inheritance. A waiter lives on its thread's stack, in one of a few queues.
 * Between reading the futex word and queueing nothing else runs (the kernel is a monitor), which is all the atomicity
 * there is. */
#include "kernel/thread.h"
#include "kernel/usercopy.h"
#include "kernel/vm.h"
#include "linux/futex.h"
#include "linux/process.h"
#include "linux/sys_proc.h"
#include "linux/timespec.h"

/* include/uapi/linux/futex.h */
enum {
	FUTEX_WAIT = 0,
	FUTEX_WAKE = 1,
	FUTEX_REQUEUE = 3,
	FUTEX_CMP_REQUEUE = 4,
	FUTEX_WAKE_OP = 5,
	FUTEX_WAIT_BITSET = 9,
	FUTEX_WAKE_BITSET = 10,
	FUTEX_PRIVATE_FLAG = 128,
	FUTEX_CLOCK_REALTIME = 256,
};
#define BITSET_ANY 0xffffffffU

#define QUEUES 32

/* Where a futex is: a frame and an offset when its memory is shared between address spaces, else a space and an
 * address. */
struct key {
	uint64_t space; /* the vmspace, or 0: a physical address */
	uint64_t addr;
};

struct futex_waiter {
	struct list node;
	struct key key;
	uint32_t bitset;
	bool woken;
	struct thread *thread;
};

static struct list queues[QUEUES]; /* all zero: not yet used */

static struct list *queue_of(const struct key *k)
{
	struct list *q = &queues[(k->addr >> 2 ^ k->addr >> 12 ^ k->space >> 6) % QUEUES];

	if (!q->next)
		list_init(q);
	return q;
}

static int get_key(uint64_t addr, bool private, struct key *ret)
{
	struct vmspace *vm = current()->proc->vm;
	struct vm_area *area;
	struct paddr frame;
	int r;

	if (addr & 3)
		return -EINVAL;
	r = user_range_check(addr, 4, true);
	if (r < 0)
		return r;
	if (addr >= WINDOW_END)
		vm = &app_vm;
	area = private ? NULL : vm_find(vm, addr);
	if (area && (area->flags & VM_SHARED)) {
		r = vm_get_frame(vm, addr, true, &frame);
		if (r < 0)
			return r;
		*ret = (struct key){ 0, (frame.pa & ~PAGE_MASK) | (addr & PAGE_MASK) };
	} else
		*ret = (struct key){ (uint64_t) vm, addr };
	return 0;
}

static bool same(const struct key *a, const struct key *b)
{
	return a->space == b->space && a->addr == b->addr;
}

static void wake_waiter(struct futex_waiter *w)
{
	list_del(&w->node);
	w->woken = true;
	thread_wake(w->thread);
}

static long wake(const struct key *k, unsigned count, uint32_t bitset)
{
	struct list *q = queue_of(k);
	struct futex_waiter *w, *next;
	unsigned done = 0;

	list_for_each_safe(w, next, q, node) {
		if (done >= count)
			break;
		if (same(&w->key, k) && (w->bitset & bitset)) {
			wake_waiter(w);
			done++;
		}
	}
	return done;
}

long futex_wake(uint64_t addr, unsigned count)
{
	struct key k;
	int r = get_key(addr, false, &k);

	return r < 0 ? r : wake(&k, count, BITSET_ANY);
}

static long wait(uint64_t addr, const struct key *k, uint32_t val, uint32_t bitset, uint64_t deadline)
{
	struct futex_waiter w = { .key = *k, .bitset = bitset, .thread = current() };
	uint32_t seen;
	int r;

	r = user_read32(addr, &seen);
	if (r < 0)
		return r;
	if (seen != val)
		return -EAGAIN;
	list_add_tail(queue_of(k), &w.node);
	do
		r = thread_block(WAIT_EVENT, "futex", deadline, true);
	while (r == 0 && !w.woken);
	list_del(&w.node);
	if (w.woken)
		return 0;
	return r == -EINTR && deadline == TIME_NEVER ? -ERESTARTSYS : r;
}

static long requeue(const struct key *from, const struct key *to, unsigned wake_count, unsigned move_count)
{
	struct list *q = queue_of(from), *target = queue_of(to);
	struct futex_waiter *w, *next;
	unsigned woken = 0, moved = 0;

	if (same(from, to))
		return wake(from, wake_count, BITSET_ANY);
	list_for_each_safe(w, next, q, node) {
		if (!same(&w->key, from))
			continue;
		if (woken < wake_count) {
			wake_waiter(w);
			woken++;
		} else if (moved < move_count) {
			list_del(&w->node);
			w->key = *to;
			list_add_tail(target, &w->node);
			moved++;
		} else
			break;
	}
	return woken + moved;
}

/* FUTEX_WAKE_OP: changes the second word and wakes its waiters if its old value meets a condition; see futex(2). */
static long wake_op(uint64_t addr2, const struct key *k1, const struct key *k2, unsigned count1, unsigned count2,
		    uint32_t op)
{
	int32_t arg = (int32_t) (op << 8) >> 20, cmp_arg = (int32_t) (op << 20) >> 20;
	uint32_t old, seen, new;
	bool hit;
	long n;
	int r;

	if (op >> 31)
		arg = 1 << (arg & 31);
	r = user_read32(addr2, &old);
	if (r < 0)
		return r;
	for (;;) {
		switch (op >> 28 & 7) {
		case 0: new = arg; break;
		case 1: new = old + arg; break;
		case 2: new = old | arg; break;
		case 3: new = old & ~arg; break;
		case 4: new = old ^ arg; break;
		default: return -ENOSYS;
		}
		r = user_cmpxchg32(addr2, old, new, &seen);
		if (r < 0)
			return r;
		if (seen == old)
			break;
		old = seen;
	}
	switch (op >> 24 & 15) {
	case 0: hit = (int32_t) old == cmp_arg; break;
	case 1: hit = (int32_t) old != cmp_arg; break;
	case 2: hit = (int32_t) old < cmp_arg; break;
	case 3: hit = (int32_t) old <= cmp_arg; break;
	case 4: hit = (int32_t) old > cmp_arg; break;
	case 5: hit = (int32_t) old >= cmp_arg; break;
	default: return -ENOSYS;
	}
	n = wake(k1, count1, BITSET_ANY);
	return hit ? n + wake(k2, count2, BITSET_ANY) : n;
}

long sys_futex(uint64_t addr, int op, uint32_t val, uint64_t timeout, uint64_t addr2, uint32_t val3)
{
	int cmd = op & ~(FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME);
	bool private = op & FUTEX_PRIVATE_FLAG;
	struct key k, k2;
	uint64_t deadline;
	uint32_t seen;
	int r;

	r = get_key(addr, private, &k);
	if (r < 0)
		return r;
	if (cmd == FUTEX_REQUEUE || cmd == FUTEX_CMP_REQUEUE || cmd == FUTEX_WAKE_OP) {
		r = get_key(addr2, private, &k2);
		if (r < 0)
			return r;
	}
	switch (cmd) {
	case FUTEX_WAIT:
		val3 = BITSET_ANY;
		/* fall through */
	case FUTEX_WAIT_BITSET:
		if (!val3)
			return -EINVAL;
		/* FUTEX_WAIT takes a span, the other one a point in time. */
		r = timeout_from_user(timeout, cmd == FUTEX_WAIT, op & FUTEX_CLOCK_REALTIME, &deadline);
		return r < 0 ? r : wait(addr, &k, val, val3, deadline);
	case FUTEX_WAKE:
		return wake(&k, val, BITSET_ANY);
	case FUTEX_WAKE_BITSET:
		return val3 ? wake(&k, val, val3) : -EINVAL;
	case FUTEX_CMP_REQUEUE:
		r = user_read32(addr, &seen);
		if (r < 0)
			return r;
		if (seen != val3)
			return -EAGAIN;
		/* fall through */
	case FUTEX_REQUEUE:
		if ((int) val < 0 || (int) timeout < 0)
			return -EINVAL;
		return requeue(&k, &k2, val, (unsigned) timeout);
	case FUTEX_WAKE_OP:
		return wake_op(addr2, &k, &k2, val, (unsigned) timeout, val3);
	default:
		return -ENOSYS;
	}
}
