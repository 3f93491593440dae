/* sys_poll_select.c: select, by way of poll. */
#include "kernel/clock.h"
#include "kernel/kmem.h"
#include "linux/file.h"
#include "linux/poll.h"
#include "linux/timespec.h"

#define WORDS (FD_MAX / 64)

/* What makes a descriptor ready in each of the three sets (select(2), "Correspondence between select() and poll()"). */
static const uint16_t wanted[3] = { POLLRDNORM | POLLRDBAND | POLLIN, POLLWRBAND | POLLWRNORM | POLLOUT, POLLPRI };
static const uint16_t counts[3] = { POLLRDNORM | POLLRDBAND | POLLIN | POLLHUP | POLLERR,
				    POLLWRBAND | POLLWRNORM | POLLOUT | POLLERR, POLLPRI };

struct select_call {
	uint64_t set[3][WORDS];
	struct pollfd fds[];
};

static unsigned to_poll(struct select_call *s, unsigned n)
{
	unsigned count = 0;

	for (unsigned fd = 0; fd < n; fd++) {
		int16_t events = 0;

		for (int k = 0; k < 3; k++)
			if (s->set[k][fd / 64] & 1ULL << fd % 64)
				events |= (int16_t) wanted[k];
		if (events)
			s->fds[count++] = (struct pollfd){ .fd = (int) fd, .events = events };
	}
	return count;
}

/* The sets of what is ready; the number of bits, or -EBADF. */
static long from_poll(struct select_call *s, unsigned count)
{
	uint64_t old[3];
	long bits = 0;

	for (unsigned i = 0; i < count; i++) {
		unsigned fd = (unsigned) s->fds[i].fd, got = (uint16_t) s->fds[i].revents;
		uint64_t bit = 1ULL << fd % 64;

		if (got & POLLNVAL)
			return -EBADF;
		for (int k = 0; k < 3; k++) {
			old[k] = s->set[k][fd / 64] & bit;
			if (old[k] && got & counts[k])
				bits++;
			else
				s->set[k][fd / 64] &= ~bit;
		}
	}
	return bits;
}

long select_user(int n, const uint64_t sets[3], uint64_t deadline_ns)
{
	size_t bytes = ((size_t) n + 63) / 64 * 8;
	struct select_call *s;
	unsigned count;
	long r = 0;

	if (n < 0 || n > FD_MAX)
		return -EINVAL;
	s = kzalloc(sizeof(*s) + (size_t) n * sizeof(s->fds[0]));
	if (!s)
		return -ENOMEM;
	for (int k = 0; k < 3 && r >= 0; k++)
		if (sets[k])
			r = copy_from_user(s->set[k], sets[k], bytes);
	if (r >= 0) {
		count = to_poll(s, (unsigned) n);
		r = poll_wait_any(s->fds, count, deadline_ns);
		if (r >= 0)
			r = from_poll(s, count);
	}
	for (int k = 0; k < 3 && r >= 0; k++)
		if (sets[k] && copy_to_user(sets[k], s->set[k], bytes) < 0)
			r = -EFAULT;
	kfree(s);
	return r;
}

long sys_select(int n, uint64_t in, uint64_t out, uint64_t ex, uint64_t timeout)
{
	const uint64_t sets[3] = { in, out, ex };
	uint64_t deadline = TIME_NEVER;
	int64_t tv[2];

	if (timeout) {
		if (copy_from_user(tv, timeout, sizeof(tv)) < 0)
			return -EFAULT;
		if (tv[0] < 0 || tv[1] < 0)
			return -EINVAL;
		deadline = deadline_after(MIN((uint64_t) tv[0], UINT32_MAX) * NSEC_PER_SEC +
					  MIN((uint64_t) tv[1], 1000000) * NSEC_PER_USEC);
	}
	return select_user(n, sets, deadline);
}
