/*
 * term.c: programs on a terminal, and one line to a shell and its answer up to the next prompt. See bench.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/bench.h"

uint64_t talk_line(struct talk *t, const char *text, unsigned timeout_ms)
{
	uint64_t start_ns = monotonic_ns(), end_ns = start_ns + timeout_ms * NS_PER_MS, now_ns;
	size_t want = strlen(t->prompt), have = 0;
	char last[64], buf[4096];

	if (write_all(t->fd, text, strlen(text)) < 0)
		return 0;
	for (;;) {
		struct pollfd p = {.fd = t->fd, .events = POLLIN};
		ssize_t n;

		now_ns = monotonic_ns();
		if (have == want && memcmp(last, t->prompt, want) == 0 && poll(&p, 1, 0) == 0)
			return now_ns - start_ns;
		if (now_ns >= end_ns || poll(&p, 1, (int)((end_ns - now_ns) / NS_PER_MS) + 1) <= 0)
			return 0;
		n = read(t->fd, buf, sizeof(buf));
		if (n <= 0)
			return 0;
		for (ssize_t i = 0; i < n; i++) {
			if (have == want)
				memmove(last, last + 1, --have);
			last[have++] = buf[i];
		}
	}
}

int term_start(const char *path, char *const argv[], char *const env[], pid_t *ret_pid)
{
	int fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	char *name;

	if (fd < 0 || grantpt(fd) < 0 || unlockpt(fd) < 0 || !(name = ptsname(fd))) {
		int r = -errno;

		if (fd >= 0)
			close(fd);
		return r;
	}
	*ret_pid = fork();
	if (*ret_pid == 0) {
		int tty;

		setsid();
		tty = open(name, O_RDWR);
		for (int i = 0; i < 3; i++)
			dup2(tty, i);
		execve(path, argv, env);
		_exit(127);
	}
	return fd;
}
