/* targets.h: where the image's code may be jumped to. A jump probe replaces several instructions by one, so nothing may
 * come in between. The answers err on the side of yes. */
#ifndef UIO_TRACE_TARGETS_H
#define UIO_TRACE_TARGETS_H

#include "kernel/types.h"

/* Reads the whole image once, before the first probe changes it; call it before anything else here until it says 0. Some
 * milliseconds: calls kernel_relax(). -ENOMEM: the other functions say that there may be a target everywhere. */
int targets_build(void);
/* True if a jump may lead to an address above `from` and below `to`, at most 16 bytes apart. `original` is probe code's
 * reader: the bytes at an address without probes (site.h). */
bool targets_between(uint64_t from, uint64_t to);

#endif
