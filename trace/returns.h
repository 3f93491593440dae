/* returns.h: calls under way whose return is probed: the return address on the stack is ours, and here is what it was. */
#ifndef UIO_TRACE_RETURNS_H
#define UIO_TRACE_RETURNS_H

#include "trace/site.h"

/* The return address at `slot`, which a function has just been entered with, becomes probe_return (probe_entry.S). False:
 * there is no room for one more. */
bool returns_divert(struct site *s, uint64_t slot);
/* Of the address at `slot`, which has just been returned to: where it is to go on, and the probed place (null: an unwinder
 * has put the address back meanwhile). */
uint64_t returns_take(uint64_t slot, struct site **ret_site);
/* For unwinding: the return address that belongs at `slot`; 0: none of ours is there. */
uint64_t returns_real(uint64_t slot);
/* Puts the addresses back that lie at `from` and above on the running thread's stacks: it is about to look at them. Those
 * returns are not seen, and `missed` is told of each. */
void returns_undo(uint64_t from, void (*missed)(struct site *s));
/* Once. */
void returns_init(void);

#endif
