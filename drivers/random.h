/* random.h: random bytes for everybody: a generator over SHA-256, seeded from the host's rng device, the CPU's RDSEED
 * or RDRAND, and the time. */
#ifndef UIO_DRIVERS_RANDOM_H
#define UIO_DRIVERS_RANDOM_H

#include "kernel/types.h"

/* Fills buf. Waits (a second at most) only at the first use, if there is a rng device and the CPU has no source of its
 * own. Not in interrupt context. */
void random_get(void *buf, size_t n);

/* Mixes bytes in (writes to /dev/random). */
void random_add(const void *bytes, size_t n);

#endif
