/*
 * console.c: see console.h. What has to go over a control connection (the end of stdin, signals, the window's size) is
 * sent by a forked child, so that output never waits for it.
 */
#include "host/console.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/request.h"
#include "host/term.h"
#include "host/util.h"

#define LAST_LINE_MAX		4096
#define CONTROL_TIMEOUT_MS	30000
#define SIGNAL_TIMEOUT_MS	3000
#define POLL_MS		50
#define EOT			0x04	/* ^D */

struct state {
	const struct console *console;
	int in;			/* the FIFO that QEMU reads */
	int log;		/* what the application writes */
	int changes;		/* readable when log has grown */
	int qemu;		/* readable when QEMU has ended */
	int signals;
	struct detach detach;
	bool stdin_open;
	uint64_t sent;		/* bytes written to the console */
	char out[4096 + 1];	/* waiting to be written to the console */
	size_t out_at, out_end;
	unsigned interrupts;
	pid_t signaller;	/* the child that passes a signal on; 0: none */
};

static void connect_to(struct state *s)
{
	const struct vm *vm = s->console->vm;
	char *in = vm_socket(vm, "console.in"), *log = vm_file(vm, "console.log");
	char tail[LAST_LINE_MAX];
	ssize_t n;
	off_t end;

	/* -1 where QEMU has ended already: there is still its output to show. */
	s->in = open(in, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	s->log = open(log, O_RDONLY | O_CLOEXEC);
	if (s->log < 0)
		die(125, "%s: %s", log, strerror(errno));
	/* Where that is used up or missing, the file is looked at every now and then. */
	s->changes = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (s->changes >= 0 && inotify_add_watch(s->changes, log, IN_MODIFY) < 0) {
		close(s->changes);
		s->changes = -1;
	}
	if (s->console->from_last_line) {
		end = lseek(s->log, 0, SEEK_END);
		n = pread(s->log, tail, sizeof(tail), end > (off_t)sizeof(tail) ? end - (off_t)sizeof(tail) : 0);
		while (n > 0 && tail[n - 1] != '\n' && end > 0) {
			n--;
			end--;
		}
		lseek(s->log, end, SEEK_SET);
	}
	free(in);
	free(log);
}

/* Shows what has been written since. False when nobody reads our output any more. */
static bool show(struct state *s)
{
	char buf[16384];
	ssize_t n;

	while (s->changes >= 0 && read(s->changes, buf, sizeof(buf)) > 0)
		;
	while ((n = read(s->log, buf, sizeof(buf))) > 0)
		if (write_all(STDOUT_FILENO, buf, (size_t)n) < 0)
			return false;
	return true;
}

/* Forks a child that sends one request; it exits with 0 once the guest has said OK. */
static pid_t send_aside(const struct state *s, uint16_t type, const void *payload, int size, int timeout_ms)
{
	struct client *c;
	char *text;
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	/* It must not outlive us: it holds our output open, and somebody may wait for its end. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (client_open(s->console->vm, timeout_ms, &c, &text) < 0) {
		if (type == MSG_CONSOLE_EOF)
			warn("the application cannot be told that its input has ended: %s", text);
		_exit(1);
	}
	_exit(request(c, type, payload, size, NULL, NULL, &text) < 0);
}

static void send_size(const struct state *s)
{
	struct msg_winsize size;
	uint8_t payload[8];

	if (term_size(&size.rows, &size.cols))
		send_aside(s, MSG_CONSOLE_WINSIZE, payload, msg_winsize_encode(&size, payload, sizeof(payload)),
			   CONTROL_TIMEOUT_MS);
}

/*
 * ^C and the like: the first one is the application's, as docker does it; the second ends QEMU, and so does the first
 * where the application cannot be told.
 */
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
	s->signaller =
		send_aside(s, MSG_KILL, payload, msg_kill_encode(&msg, payload, sizeof(payload)), SIGNAL_TIMEOUT_MS);
}

/* Children that have delivered their request, or not. */
static void reap(struct state *s)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid != s->signaller)
			continue;
		s->signaller = 0;
		if (status != 0)
			kill(s->console->vm->qemu, SIGTERM);
	}
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
	send_aside(s, MSG_CONSOLE_EOF, payload, msg_u64_encode(s->sent, payload, sizeof(payload)), CONTROL_TIMEOUT_MS);
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
		/* Who attaches leaves; others may attach after him. */
		if (s->console->from_last_line)
			return true;
		on_stdin_end(s);
		return false;
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

static void write_console(struct state *s)
{
	ssize_t n = write(s->in, s->out + s->out_at, s->out_end - s->out_at);

	if (n > 0) {
		s->out_at += (size_t)n;
		s->sent += (uint64_t)n;
	} else if (errno != EAGAIN && errno != EINTR) {
		s->out_at = s->out_end;
		s->stdin_open = false;
	}
}

static enum console_end loop(struct state *s)
{
	for (;;) {
		bool pending = s->out_at < s->out_end;
		struct pollfd p[] = {
			{ .fd = s->changes, .events = POLLIN },
			{ .fd = s->qemu, .events = POLLIN },
			{ .fd = s->signals, .events = POLLIN },
			{ .fd = pending ? s->in : -1, .events = POLLOUT },
			{ .fd = s->stdin_open && !pending ? STDIN_FILENO : -1, .events = POLLIN },
		};
		int signal;

		/* Without a process there is nothing to wait for. A child's end wakes nobody: look now and then while one is
		 * awaited. */
		if (poll(p, 5, s->qemu < 0 ? 0 : s->signaller || s->changes < 0 ? POLL_MS : -1) < 0 && errno != EINTR)
			return CONSOLE_CLOSED;
		if (!show(s))
			return CONSOLE_DETACHED;
		while ((signal = term_next_signal(s->signals)))
			on_signal(s, signal);
		if (s->qemu < 0 || p[1].revents) {
			show(s);
			return CONSOLE_CLOSED;
		}
		if (pending && p[3].revents)
			write_console(s);
		if (p[4].fd >= 0 && p[4].revents && read_stdin(s))
			return CONSOLE_DETACHED;
		reap(s);
	}
}

enum console_end console_run(const struct console *console)
{
	struct state s = { .console = console, .stdin_open = console->forward_stdin };
	enum console_end end;

	/* vm->qemu was looked up a moment ago; 0, or a process that is gone, gives a descriptor of -1. */
	s.qemu = console->vm->qemu > 0 ? pidfd_open(console->vm->qemu, 0) : -1;
	connect_to(&s);
	s.stdin_open &= s.in >= 0;
	s.signals = term_signals();
	if (console->tty && console->forward_stdin)
		term_raw();
	if (console->tty)
		send_size(&s);
	end = loop(&s);
	term_restore();
	return end;
}
