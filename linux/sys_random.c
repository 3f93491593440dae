/* sys_random.c: getrandom. */
#include "drivers/random.h"
#include "kernel/usercopy.h"
#include "linux/process.h"
#include "linux/sys_proc.h"

#define CHUNK 128

enum { GRND_NONBLOCK = 1, GRND_RANDOM = 2, GRND_INSECURE = 4 };

/* The generator is always ready: it needs no waiting and no flags. */
long sys_getrandom(uint64_t buf, uint64_t len, unsigned flags)
{
	uint8_t chunk[CHUNK];
	uint64_t done = 0;
	int r = 0;

	if (flags & ~(GRND_NONBLOCK | GRND_RANDOM | GRND_INSECURE))
		return -EINVAL;
	len = MIN(len, 0x1ffffffUL); /* a call never gives more: random(4) */
	while (done < len) {
		size_t n = MIN(len - done, sizeof(chunk));

		random_get(chunk, n);
		r = copy_to_user(buf + done, chunk, n);
		if (r < 0)
			break;
		done += n;
		/* A large request is long work. */
		if (done % 65536 == 0) {
			kernel_relax();
			if (current()->kill_pending)
				break;
		}
	}
	memset(chunk, 0, sizeof(chunk));
	return done ? (long) done : r;
}
