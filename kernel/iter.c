/* iter.c: the cursor of usercopy.h. */
#include "kernel/usercopy.h"

void iter_init_user(struct iter *it, uint64_t base, uint64_t len)
{
	*it = (struct iter){ .count = 1, .left = len, .one = { base, len } };
}

void iter_init_kernel(struct iter *it, void *base, uint64_t len)
{
	*it = (struct iter){ .count = 1, .left = len, .kernel = true, .one = { (uint64_t) base, len } };
}

void iter_init_iov(struct iter *it, const struct iovec64 *iov, unsigned count)
{
	*it = (struct iter){ .iov = iov, .count = count };
	for (unsigned i = 0; i < count; i++)
		it->left += iov[i].len;
}

static size_t move_kernel(bool put, uint64_t base, void *p, size_t len)
{
	if (!p)
		memset((void *) base, 0, len);
	else if (put)
		memcpy((void *) base, p, len);
	else
		memcpy(p, (const void *) base, len);
	return len;
}

/* `p` NULL: zeroes. */
static kssize_t move(struct iter *it, bool put, void *p, size_t len)
{
	size_t done = 0;

	len = MIN(len, it->left);
	while (done < len) {
		/* `one` is in the iter itself, which may have been copied: no pointer to it is kept. */
		const struct iovec64 *v = it->iov ? it->iov : &it->one;
		size_t n = MIN(len - done, v->len - it->skip), moved;
		void *at = p ? (uint8_t *) p + done : NULL;

		if (n == 0) { /* only with iov: `left` counts what is in there */
			it->iov++;
			it->count--;
			it->skip = 0;
			continue;
		}
		moved = (it->kernel ? move_kernel : user_move)(put, v->base + it->skip, at, n);
		it->skip += moved;
		it->left -= moved;
		done += moved;
		if (moved < n)
			break;
	}
	return done == 0 && len > 0 ? -EFAULT : (kssize_t) done;
}

kssize_t iter_put(struct iter *it, const void *from, size_t len)
{
	return move(it, true, (void *) from, len);
}

kssize_t iter_get(struct iter *it, void *to, size_t len)
{
	return move(it, false, to, len);
}

kssize_t iter_zero(struct iter *it, size_t len)
{
	return move(it, true, NULL, len);
}
