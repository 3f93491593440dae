/* sys_poll_mask.c: ppoll and pselect6: waiting with another signal mask. */
#include "linux/poll.h"
#include "linux/signal.h"
#include "linux/sys.h"
#include "linux/timespec.h"

static int begin(uint64_t mask_addr, uint64_t size, bool *ret_masked)
{
	uint64_t mask;

	*ret_masked = false;
	if (!mask_addr)
		return 0;
	if (size != sizeof(mask))
		return -EINVAL;
	if (copy_from_user(&mask, mask_addr, sizeof(mask)) < 0)
		return -EFAULT;
	signal_temp_mask_begin(mask);
	*ret_masked = true;
	return 0;
}

static long end(bool masked, long r)
{
	if (masked)
		signal_temp_mask_end(r == -EINTR);
	return masked && r == -EINTR ? -ERESTARTSYS : r;
}

long sys_ppoll(uint64_t fds, unsigned count, uint64_t timeout, uint64_t sigmask, uint64_t size)
{
	uint64_t deadline;
	bool masked;
	int r = timeout_from_user(timeout, true, false, &deadline);

	if (r >= 0)
		r = begin(sigmask, size, &masked);
	return r < 0 ? r : end(masked, poll_user(fds, count, deadline));
}

long sys_pselect6(int n, uint64_t in, uint64_t out, uint64_t ex, uint64_t timeout, uint64_t sigmask)
{
	const uint64_t sets[3] = { in, out, ex };
	uint64_t deadline, mask[2] = { 0 };
	bool masked;
	int r = timeout_from_user(timeout, true, false, &deadline);

	if (r >= 0 && sigmask)
		r = copy_from_user(mask, sigmask, sizeof(mask));
	if (r >= 0)
		r = begin(mask[0], mask[1], &masked);
	return r < 0 ? r : end(masked, select_user(n, sets, deadline));
}
