/*
 * child.c: processes that are measured. See bench.h.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/bench.h"

extern char **environ;

void child_start(struct child *c, char *const argv[])
{
	posix_spawn_file_actions_t actions;
	int fds[2], r;

	if (pipe2(fds, O_CLOEXEC) < 0)
		die(1, "bench: pipe: %s", strerror(errno));
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, fds[1], STDOUT_FILENO);
	posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, BENCH_DIR "/stderr", O_WRONLY | O_CREAT | O_APPEND,
					 0666);
	memset(c, 0, sizeof(*c));
	c->start_ns = monotonic_ns();
	r = posix_spawnp(&c->pid, argv[0], &actions, NULL, argv, environ);
	if (r)
		die(1, "bench: %s: %s", argv[0], strerror(r));
	posix_spawn_file_actions_destroy(&actions);
	close(fds[1]);
	c->out = fds[0];
}

bool child_line(struct child *c, const char *prefix, unsigned timeout_ms, char *line, size_t room, uint64_t *ret_ns)
{
	uint64_t end_ns = monotonic_ns() + timeout_ms * NS_PER_MS, now_ns;

	for (;;) {
		char *newline;
		ssize_t n;

		now_ns = monotonic_ns();
		while ((newline = memchr(c->buf, '\n', c->have))) {
			size_t len = (size_t)(newline - c->buf);
			bool found;

			*newline = '\0';
			found = strncmp(c->buf, prefix, strlen(prefix)) == 0;
			if (found && line)
				snprintf(line, room, "%s", c->buf);
			c->have -= len + 1;
			memmove(c->buf, newline + 1, c->have);
			if (!found)
				continue;
			if (ret_ns)
				*ret_ns = now_ns - c->start_ns;
			return true;
		}
		if (c->have == sizeof(c->buf))
			c->have = 0;
		if (now_ns >= end_ns || poll(&(struct pollfd){.fd = c->out, .events = POLLIN}, 1,
					     (int)((end_ns - now_ns) / NS_PER_MS) + 1) <= 0)
			return false;
		n = read(c->out, c->buf + c->have, sizeof(c->buf) - c->have);
		if (n <= 0)
			return false;
		c->have += (size_t)n;
	}
}

/* proc_pid_schedstat: the first number is time on a CPU in nanoseconds. */
uint64_t child_cpu_ns(const struct child *c)
{
	char *folder = xasprintf("/proc/%d/task", (int)c->pid);
	DIR *d = opendir(folder);
	uint64_t sum = 0;

	for (struct dirent *e; d && (e = readdir(d));) {
		char *path = xasprintf("%s/%s/schedstat", folder, e->d_name), *text;

		if (file_read(path, &text, NULL) == 0) {
			sum += strtoull(text, NULL, 10);
			free(text);
		}
		free(path);
	}
	if (d)
		closedir(d);
	free(folder);
	return sum;
}

int child_end(struct child *c)
{
	int status = 0;

	if (waitpid(c->pid, &status, WNOHANG) == 0) {
		kill(c->pid, SIGKILL);
		waitpid(c->pid, &status, 0);
	}
	close(c->out);
	return status;
}

int child_run(char *const argv[], unsigned timeout_ms)
{
	uint64_t end_ns = monotonic_ns() + timeout_ms * NS_PER_MS;
	struct child c;
	char buf[4096];
	int status;

	child_start(&c, argv);
	for (;;) {
		uint64_t now_ns = monotonic_ns();
		struct pollfd p = {.fd = c.out, .events = POLLIN};

		if (now_ns >= end_ns || poll(&p, 1, (int)((end_ns - now_ns) / NS_PER_MS) + 1) <= 0) {
			child_end(&c);
			return 124;
		}
		if (read(c.out, buf, sizeof(buf)) <= 0)
			break;
	}
	waitpid(c.pid, &status, 0);
	close(c.out);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
