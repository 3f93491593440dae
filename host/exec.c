/*
 * exec.c: see exec.h and docs/protocol.md, "Running a program".
 */
#include "host/exec.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/request.h"
#include "host/term.h"
#include "host/util.h"

/* What we let the guest send ahead of what we have written: beyond the window that each stream starts with. */
#define OUTPUT_WINDOW	(256u * 1024)

#define SIGNALS_PASSED_ON	2

struct run {
	struct client *c;
	uint32_t session;
	int signals;
	bool tty;
	bool started;
	bool stdin_open;
	uint64_t stdin_window;		/* bytes that we may still send */
	uint32_t consumed[3];		/* per stream: written here and not yet given back as WINDOW */
	unsigned signal_count;
	struct exec_result *result;
	bool ended;
};

int exec_exit_code(uint32_t status)
{
	return WIFSIGNALED((int)status) ? 128 + WTERMSIG((int)status) : WEXITSTATUS((int)status);
}

static int send_window(struct run *run, uint8_t stream, uint32_t bytes)
{
	struct msg_window window = { .stream = stream, .bytes = bytes };
	uint8_t payload[8];

	return client_send_encoded(run->c, MSG_WINDOW, run->session, payload,
				   msg_window_encode(&window, payload, sizeof(payload)));
}

static int on_output(struct run *run, uint8_t stream, const struct frame *frame)
{
	int r;

	/* Our own reader may be gone (`uio exec ... | head`): the program then learns it as it would from a pipe. */
	if (write_all(stream == STREAM_STDOUT ? STDOUT_FILENO : STDERR_FILENO, frame->payload, frame->header.size) < 0)
		return client_send(run->c, MSG_CLOSE, run->session, NULL, 0);
	run->consumed[stream] += frame->header.size;
	if (run->consumed[stream] < OUTPUT_WINDOW / 4)
		return 0;
	r = send_window(run, stream, run->consumed[stream]);
	run->consumed[stream] = 0;
	return r;
}

static int on_started(struct run *run)
{
	int r;

	if (run->started) /* once is enough; each asks us to answer */
		return 0;
	run->started = true;
	r = send_window(run, STREAM_STDOUT, OUTPUT_WINDOW);
	if (r >= 0)
		r = send_window(run, STREAM_STDERR, OUTPUT_WINDOW);
	if (run->tty && run->stdin_open)
		term_raw();
	return r;
}

static int on_frame(struct run *run, const struct frame *frame)
{
	const void *payload = frame->payload;
	size_t size = frame->header.size;
	struct msg_window window;
	struct msg_exit end;

	if (frame->header.session != run->session)
		return 0;
	switch (frame->header.type) {
	case MSG_STARTED:
		if (msg_u32_decode(payload, size, &run->result->pid) < 0)
			return -EPROTO;
		return on_started(run);
	case MSG_STDOUT:
		return on_output(run, STREAM_STDOUT, frame);
	case MSG_STDERR:
		return on_output(run, STREAM_STDERR, frame);
	case MSG_WINDOW:
		if (msg_window_decode(payload, size, &window) == 0 && window.stream == STREAM_STDIN)
			run->stdin_window += window.bytes;
		return 0;
	case MSG_NEED:
		run->result->error = -ENODATA;
		run->ended = true;
		return 0;
	case MSG_ERROR:
		run->result->error = request_error(frame, &run->result->text);
		run->ended = true;
		return 0;
	case MSG_EXIT:
		if (msg_exit_decode(payload, size, &end) < 0)
			return -EPROTO;
		run->result->status = end.status;
		run->result->reason = end.reason;
		run->result->report = xstrdup(end.report);
		run->ended = true;
		return 0;
	}
	return 0;
}

static int on_stdin(struct run *run)
{
	char buf[FRAME_PAYLOAD_MAX];
	size_t room = run->stdin_window < sizeof(buf) ? run->stdin_window : sizeof(buf);
	ssize_t n = read(STDIN_FILENO, buf, room);
	uint8_t stream = STREAM_STDIN;

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return 0;
	if (n <= 0) {
		run->stdin_open = false;
		return client_send(run->c, MSG_END, run->session, &stream, 1);
	}
	run->stdin_window -= (uint64_t)n;
	return client_send(run->c, MSG_STDIN, run->session, buf, (size_t)n);
}

/* Signals are the program's. One before it has started, or a third one, is for us: it may not be able to hear. */
static int on_signal(struct run *run, int signal)
{
	uint8_t payload[8];

	if (signal != SIGWINCH && (!run->started || run->signal_count++ >= SIGNALS_PASSED_ON)) {
		run->result->status = (uint32_t)signal;
		run->result->reason = EXIT_CLOSED;
		run->ended = true;
		return 0;
	}

	if (signal == SIGWINCH) {
		struct msg_winsize size;

		if (!run->tty || !term_size(&size.rows, &size.cols))
			return 0;
		return client_send_encoded(run->c, MSG_WINSIZE, run->session, payload,
					   msg_winsize_encode(&size, payload, sizeof(payload)));
	}
	if (signal == SIGHUP)
		return client_send(run->c, MSG_CLOSE, run->session, NULL, 0);
	return client_send_encoded(run->c, MSG_SIGNAL, run->session, payload,
				   msg_u32_encode((uint32_t)signal, payload, sizeof(payload)));
}

static int drain(struct run *run)
{
	struct frame frame;
	int r = 0;

	while (!run->ended && (r = client_receive(run->c, 0, &frame)) > 0) {
		r = on_frame(run, &frame);
		if (r < 0)
			break;
	}
	return r < 0 && !run->ended ? r : 0;
}

static int loop(struct run *run)
{
	int r = 0, signal;

	while (r >= 0 && !run->ended) {
		bool listen = run->started && run->stdin_open && run->stdin_window > 0;
		struct pollfd p[3] = {
			{ .fd = client_fd(run->c), .events = POLLIN },
			{ .fd = run->signals, .events = POLLIN },
			{ .fd = listen ? STDIN_FILENO : -1, .events = POLLIN },
		};

		if (poll(p, 3, -1) < 0 && errno != EINTR)
			return -errno;
		while (r >= 0 && (signal = term_next_signal(run->signals)))
			r = on_signal(run, signal);
		if (r >= 0 && p[2].fd >= 0 && p[2].revents)
			r = on_stdin(run);
		/* Last, and always: sending takes frames in too, and those do not wake poll(). */
		if (r >= 0)
			r = drain(run);
	}
	return r;
}

int exec_run(struct client *c, const struct msg_exec *m, struct exec_result *ret_result)
{
	struct run run = {
		.c = c, .session = client_session(c), .tty = m->flags & EXEC_TTY, .stdin_open = m->flags & EXEC_STDIN,
		.stdin_window = PROTO_WINDOW_START, .result = ret_result,
	};
	uint8_t *payload = xcalloc(1, FRAME_PAYLOAD_MAX);
	int r;

	*ret_result = (struct exec_result) { 0 };
	r = client_send_encoded(c, MSG_EXEC, run.session, payload, msg_exec_encode(m, payload, FRAME_PAYLOAD_MAX));
	free(payload);
	if (r < 0)
		return r;
	run.signals = term_signals();
	r = loop(&run);
	term_restore();
	close(run.signals);
	return r;
}
