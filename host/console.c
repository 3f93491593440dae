/*
 * console.c: see console.h. What has to go over a control connection (the end of stdin, signals, the window's size) is
 * sent by a forked child, so that output never waits for it.
 */
#include "host/console.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/request.h"
#include "host/term.h"
#include "host/util.h"

#define CONTROL_TIMEOUT_MS	30000
#define EOT			0x04	/* ^D */

struct state {
	const struct console *console;
	int fd;
	int signals;
	struct detach detach;
	bool stdin_open;
	uint64_t sent;		/* bytes written to the console */
	char out[4096 + 1];	/* waiting to be written to the console */
	size_t out_at, out_end;
	unsigned interrupts;
};

int console_connect(const struct vm *vm)
{
	int lock = vm_lock(vm, "console.lock");
	char *path;
	int fd;

	if (lock == -EAGAIN)
		die(125, "another uio command is attached to the console of '%s'", vm->name);
	/* The lock's descriptor stays open until this process ends. */
	path = vm_socket(vm, "console.sock");
	for (int i = 0; (fd = unix_connect(path)) == -ECONNREFUSED && i < 200; i++)
		sleep_ms(5);
	if (fd < 0)
		die(125, "%s: %s", path, strerror(-fd));
	free(path);
	return fd;
}

/* Forks a child that sends one request. */
static void send_aside(const struct state *s, uint16_t type, const void *payload, int size)
{
	struct client *c;
	char *text;
	pid_t pid = fork();

	if (pid != 0)
		return;
	close(s->fd);
	if (client_open(s->console->vm, CONTROL_TIMEOUT_MS, &c, &text) < 0)
		_exit(1);
	_exit(request(c, type, payload, size, NULL, NULL, &text) < 0);
}

static void send_size(const struct state *s)
{
	struct msg_winsize size;
	uint8_t payload[8];

	if (term_size(&size.rows, &size.cols))
		send_aside(s, MSG_CONSOLE_WINSIZE, payload, msg_winsize_encode(&size, payload, sizeof(payload)));
}

/* ^C and the like: the first one is the application's, as docker does it; the second ends QEMU. */
static void on_signal(struct state *s, int signal)
{
	struct msg_kill msg = { .pid = 1, .signal = (uint32_t)signal };
	uint8_t payload[16];

	if (signal == SIGWINCH) {
		if (s->console->tty)
			send_size(s);
		return;
	}
	if (s->interrupts++ > 0) {
		kill(s->console->vm->qemu, SIGTERM);
		return;
	}
	send_aside(s, MSG_KILL, payload, msg_kill_encode(&msg, payload, sizeof(payload)));
}

static void on_stdin_end(struct state *s)
{
	uint8_t payload[8];

	s->stdin_open = false;
	if (s->console->tty) {
		/* stdin was no terminal after all: type what a user would. */
		s->out[s->out_end++] = EOT;
		return;
	}
	send_aside(s, MSG_CONSOLE_EOF, payload, msg_u64_encode(s->sent, payload, sizeof(payload)));
}

/* Reads stdin into the empty buffer. Returns true to detach. */
static bool read_stdin(struct state *s)
{
	char in[4096];
	ssize_t n = read(STDIN_FILENO, in, sizeof(in));
	int have;

	s->out_at = s->out_end = 0;
	if (n < 0 && errno == EINTR)
		return false;
	if (n <= 0) {
		on_stdin_end(s);
		return s->console->leave_at_eof;
	}
	if (!s->console->tty) {
		memcpy(s->out, in, (size_t)n);
		s->out_end = (size_t)n;
		return false;
	}
	if (detach_filter(&s->detach, in, (int)n, s->out, &have))
		return true;
	s->out_end = (size_t)have;
	return false;
}

static enum console_end loop(struct state *s)
{
	char in[16384];

	for (;;) {
		bool pending = s->out_at < s->out_end;
		struct pollfd p[3] = {
			{ .fd = s->fd, .events = (short)(POLLIN | (pending ? POLLOUT : 0)) },
			{ .fd = s->signals, .events = POLLIN },
			{ .fd = s->stdin_open && !pending ? STDIN_FILENO : -1, .events = POLLIN },
		};
		int signal;

		if (poll(p, 3, -1) < 0 && errno != EINTR)
			return CONSOLE_CLOSED;
		while ((signal = term_next_signal(s->signals)))
			on_signal(s, signal);
		if (p[0].revents & (POLLIN | POLLHUP | POLLERR)) {
			ssize_t n = read(s->fd, in, sizeof(in));

			if (n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN))
				return CONSOLE_CLOSED;
			if (n > 0)
				write_all(STDOUT_FILENO, in, (size_t)n);
		}
		if (pending && (p[0].revents & POLLOUT)) {
			ssize_t n = write(s->fd, s->out + s->out_at, s->out_end - s->out_at);

			if (n > 0) {
				s->out_at += (size_t)n;
				s->sent += (uint64_t)n;
			}
		}
		if (p[2].fd >= 0 && p[2].revents && read_stdin(s))
			return CONSOLE_DETACHED;
		/* Children that have delivered their request. */
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
	}
}

enum console_end console_run(const struct console *console, int fd)
{
	struct state s = { .console = console, .fd = fd, .stdin_open = console->forward_stdin };
	enum console_end end;

	s.signals = term_signals();
	if (console->tty && console->forward_stdin)
		term_raw();
	if (console->tty)
		send_size(&s);
	end = loop(&s);
	term_restore();
	close(fd);
	return end;
}
