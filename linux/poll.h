/* poll.h: waiting for several descriptors. */
#ifndef UIO_LINUX_POLL_H
#define UIO_LINUX_POLL_H

#include "fs/vfs.h"

struct pollfd {
	int32_t fd;	/* negative: ignored */
	int16_t events, revents;
};

/* Waits until an entry is ready or the deadline has passed; fills revents. The number of ready entries, -EINTR,
 * -ENOMEM. */
long poll_wait_any(struct pollfd *fds, unsigned count, uint64_t deadline_ns);

/* poll(2) and select(2) with user addresses. */
long poll_user(uint64_t fds, unsigned count, uint64_t deadline_ns);
long select_user(int n, const uint64_t sets[3], uint64_t deadline_ns);

#endif
