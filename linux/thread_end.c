/* thread_end.c: what a thread does for the others before it ends: clears its tid for those who wait for it to be gone,
 * and marks the robust futexes that it still holds. */
#include "kernel/usercopy.h"
#include "linux/futex.h"
#include "linux/process_exit.h"

/* include/uapi/linux/futex.h */
#define FUTEX_WAITERS 0x80000000U
#define FUTEX_OWNER_DIED 0x40000000U
#define FUTEX_TID_MASK 0x3fffffffU
#define ROBUST_LIST_LIMIT 2048

struct robust_list_head {
	uint64_t next;
	int64_t futex_offset;
	uint64_t pending;
};

static void owner_died(uint64_t addr, int tid)
{
	uint32_t v, seen;

	if ((addr & 3) || user_read32(addr, &v) < 0)
		return;
	while ((v & FUTEX_TID_MASK) == (uint32_t) tid) {
		if (user_cmpxchg32(addr, v, (v & FUTEX_WAITERS) | FUTEX_OWNER_DIED, &seen) < 0)
			return;
		if (seen == v) {
			if (v & FUTEX_WAITERS)
				futex_wake(addr, 1);
			return;
		}
		v = seen;
	}
}

static void walk_robust_list(struct thread *t)
{
	struct robust_list_head head;
	uint64_t at, next;

	if (copy_from_user(&head, t->robust_list, sizeof(head)) < 0)
		return;
	/* Bit 0 of a link marks a priority-inheriting futex. The list is the program's: bounded, and read before the
	 * owner is told, who may free the entry. */
	at = head.next & ~1ULL;
	for (unsigned i = 0; i < ROBUST_LIST_LIMIT && at != t->robust_list; i++) {
		if (copy_from_user(&next, at, sizeof(next)) < 0)
			return;
		if (at != (head.pending & ~1ULL))
			owner_died(at + head.futex_offset, t->tid);
		at = next & ~1ULL;
	}
	if (head.pending)
		owner_died((head.pending & ~1ULL) + head.futex_offset, t->tid);
}

void thread_end(struct thread *t)
{
	if (t->robust_list)
		walk_robust_list(t);
	t->robust_list = 0;
	if (t->clear_child_tid && user_write32(t->clear_child_tid, 0) == 0)
		futex_wake(t->clear_child_tid, 1);
	t->clear_child_tid = 0;
}
