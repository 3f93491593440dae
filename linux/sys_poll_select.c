/* sys_poll_select.c: select, by way of poll. */
#include "kernel/clock.h"
#include "kernel/kmem.h"
#include "linux/file.h"
#include "linux/poll.h"
#include "linux/process.h"
#include "linux/timespec.h"

/* What makes a descriptor ready in each of the three sets (select(2), "Correspondence between select() and poll()"). */
static const uint16_t wanted[3] = { POLLRDNORM | POLLRDBAND | POLLIN, POLLWRBAND | POLLWRNORM | POLLOUT, POLLPRI };
static const uint16_t counts[3] = { POLLRDNORM | POLLRDBAND | POLLIN | POLLHUP | POLLERR,
				    POLLWRBAND | POLLWRNORM | POLLOUT | POLLERR, POLLPRI };

/* The sets as the user gave them, one after the other, `words` each. */
struct select_call {
	struct poll_set poll;
	size_t words;
	uint64_t *sets;
};

static int to_poll(struct select_call *s, unsigned n)
{
	for (unsigned fd = 0; fd < n; fd++) {
		struct pollfd *p;
		int16_t events = 0;

		for (unsigned k = 0; k < 3; k++)
			if (s->sets[k * s->words + fd / 64] & 1ULL << fd % 64)
				events |= (int16_t) wanted[k];
		if (!events)
			continue;
		p = poll_add(&s->poll, n - fd);
		if (!p)
			return -ENOMEM;
		*p = (struct pollfd){ .fd = (int) fd, .events = events };
	}
	return 0;
}

/* What one descriptor leaves of the sets; the number of its bits, or -EBADF. */
static long from_pollfd(struct select_call *s, const struct pollfd *p)
{
	unsigned fd = (unsigned) p->fd, got = (uint16_t) p->revents;
	uint64_t bit = 1ULL << fd % 64;
	long bits = 0;

	if (got & POLLNVAL)
		return -EBADF;
	for (unsigned k = 0; k < 3; k++) {
		uint64_t *word = &s->sets[k * s->words + fd / 64];

		if (*word & bit && got & counts[k])
			bits++;
		else
			*word &= ~bit;
	}
	return bits;
}

static long wait_sets(struct select_call *s, unsigned n, uint64_t deadline_ns)
{
	long bits = 0, r = to_poll(s, n);

	if (r >= 0)
		r = poll_wait_set(&s->poll, deadline_ns);
	for (struct poll_block *b = s->poll.first; b && r >= 0; b = b->next)
		for (unsigned i = 0; i < b->count && r >= 0; i++) {
			r = from_pollfd(s, &b->entry[i].fd);
			bits += r;
		}
	poll_free(&s->poll);
	return r < 0 ? r : bits;
}

long select_user(int n, const uint64_t sets[3], uint64_t deadline_ns)
{
	/* As on Linux descriptors that the table has no room for are not looked at. */
	unsigned count = MIN((unsigned) n, current()->proc->files->size);
	struct select_call s = { .words = (count + 63) / 64 };
	long r = 0;

	if (n < 0)
		return -EINVAL;
	s.sets = kzalloc(3 * s.words * 8 + 1);
	if (!s.sets)
		return -ENOMEM;
	for (unsigned k = 0; k < 3 && r >= 0; k++)
		if (sets[k])
			r = copy_from_user(s.sets + k * s.words, sets[k], s.words * 8);
	if (r >= 0)
		r = wait_sets(&s, count, deadline_ns);
	for (unsigned k = 0; k < 3 && r >= 0; k++)
		if (sets[k] && copy_to_user(sets[k], s.sets + k * s.words, s.words * 8) < 0)
			r = -EFAULT;
	kfree(s.sets);
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
