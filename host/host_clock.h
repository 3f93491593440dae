/* host_clock.h: tells the guest the host's time, as often as it asks. */
#ifndef UIO_HOST_HOST_CLOCK_H
#define UIO_HOST_HOST_CLOCK_H

#include "host/vm.h"

/* Answers each byte on the port uio.time with 8 bytes, nanoseconds since 1970, until QEMU closes it, which it does at
 * its end; returns at once if it cannot be reached. */
void host_clock_serve(const struct vm *vm);

#endif
