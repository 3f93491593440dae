/* futex.h: futexes, for the kernel's own use: what ending a thread must wake. */
#ifndef UIO_LINUX_FUTEX_H
#define UIO_LINUX_FUTEX_H

#include "kernel/types.h"

/* Wakes up to `count` threads that wait on this user address of the current process. Returns how many, or -EFAULT. */
long futex_wake(uint64_t addr, unsigned count);

#endif
