/* standing.h: does a thread stand in the middle of some instructions? Code that several instructions long may only be
 * replaced by another while none does. */
#ifndef UIO_TRACE_STANDING_H
#define UIO_TRACE_STANDING_H

#include "kernel/types.h"

/* True if a thread may go on at an address above `from` and below `to` in the image. Interrupts stay off from here to
 * the change. Callable in an interrupt that came while the application, a program or nobody had the CPU. */
bool standing_between(uint64_t from, uint64_t to);

#endif
