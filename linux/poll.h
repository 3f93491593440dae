/* poll.h: waiting for several descriptors. */
#ifndef UIO_LINUX_POLL_H
#define UIO_LINUX_POLL_H

#include "fs/vfs.h"

struct pollfd {
	int32_t fd;	/* negative: ignored */
	int16_t events, revents;
};

#define POLL_QUEUES 2	/* of a file */
struct poll_entry {
	struct pollfd fd;
	struct file *file;			/* poll_wait_set()'s */
	struct waiter waiters[POLL_QUEUES];	/* the block's, taken in order, whichever entry they are for */
};

/* A call's entries lie in blocks of at most a frame: there may be thousands. */
struct poll_block {
	struct poll_block *next;
	uint16_t size, count;	/* entries there is room for; entries */
	uint16_t used;		/* waiters */
	struct poll_entry entry[];
};
struct poll_set {	/* begins as zeroes */
	struct poll_block *first, *last;
};

/* A new entry, to be filled; `left` tells how many more are to come at most, with this one. NULL: no memory. */
struct pollfd *poll_add(struct poll_set *set, unsigned left);
/* Waits until an entry is ready or the deadline has passed; fills revents. The number of ready entries, -EINTR. */
long poll_wait_set(struct poll_set *set, uint64_t deadline_ns);
void poll_free(struct poll_set *set);

/* poll(2) and select(2) with user addresses. */
long poll_user(uint64_t fds, unsigned count, uint64_t deadline_ns);
long select_user(int n, const uint64_t sets[3], uint64_t deadline_ns);

#endif
