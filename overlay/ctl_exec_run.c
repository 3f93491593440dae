/* ctl_exec_run.c: a program of a control session while it runs: what it reads and writes, its end, and what becomes
 * of it when its client goes. See ctl_exec.h. */
#include "overlay/ctl_exec.h"

#include "kernel/kmem.h"
#include "linux/signal.h"

#define GOODBYE_NS (500 * NSEC_PER_MSEC) /* from SIGHUP to SIGKILL */

static struct list dying = LIST_INIT(dying);

/* Room for n bytes of output now, or NULL. */
static uint8_t *reserve(struct lane *l, size_t *n)
{
	*n = MIN(MIN(*n, l->window), (size_t) CTL_DATA_MAX);
	return *n ? ctl_reserve_data(l->exec->s.conn, *n) : NULL;
}

static void commit(struct lane *l, size_t n)
{
	l->window -= n;
	ctl_commit(l->exec->s.conn, l->nr == STREAM_STDERR ? MSG_STDERR : MSG_STDOUT, l->exec->s.id, (int) n);
}

static bool writable(struct lane *l)
{
	size_t n = CTL_DATA_MAX;

	return l->exec->closing || reserve(l, &n);
}

static kssize_t stream_out(void *ctx, struct iter *it, bool nonblock)
{
	struct lane *l = ctx;
	kssize_t done = 0, r;

	while (it->left) {
		size_t n = it->left;
		uint8_t *p;

		if (l->exec->closing)
			return done ? done : -EPIPE;
		p = reserve(l, &n);
		if (p)
			r = iter_get(it, p, n);
		else if (nonblock)
			r = -EAGAIN;
		else
			r = waitq_wait(&l->exec->room, WAIT_EVENT, "uio.ctl", TIME_NEVER, true);
		if (r < 0)
			return done ? done : r;
		if (p) {
			commit(l, (size_t) r);
			done += r;
		}
	}
	return done;
}

static unsigned stream_poll(void *ctx, struct poll_table *pt)
{
	struct lane *l = ctx;

	poll_wait(pt, &l->exec->room);
	return writable(l) ? POLLOUT | POLLWRNORM : 0;
}

static void stream_consumed(void *ctx, size_t n)
{
	struct exec *x = ((struct lane *) ctx)->exec;

	x->s.in_credit += (uint32_t) n;
	ctl_kick(x->s.conn);
}

const struct stream_ops exec_stream_ops = {
	.write = stream_out,
	.poll = stream_poll,
	.consumed = stream_consumed,
};

static size_t terminal_out(void *ctx, const char *bytes, size_t n)
{
	struct exec *x = ctx;
	struct lane *l = &x->lane[STREAM_STDOUT];
	size_t done = 0;

	while (done < n) {
		size_t piece = n - done;
		uint8_t *p = reserve(l, &piece);

		if (!p)
			break;
		memcpy(p, bytes + done, piece);
		commit(l, piece);
		done += piece;
	}
	x->tty_short = done < n;
	return done;
}

static void terminal_room(void *ctx)
{
	struct exec *x = ctx;

	if (x->held_len)
		ctl_kick(x->s.conn);
}

const struct tty_ops exec_tty_ops = { .output = terminal_out, .input_room = terminal_room };

static void type(struct exec *x, const uint8_t *bytes, size_t n)
{
	size_t took = x->held_len ? 0 : tty_input(x->tty, (const char *) bytes, n);

	x->s.in_credit += (uint32_t) took;
	if (took == n)
		return;
	if (!x->held)
		x->held = kmalloc(PROTO_WINDOW_START);
	/* Without memory what was typed is lost. The window keeps it from being more than fits, but for ends of input. */
	if (!x->held || n - took > PROTO_WINDOW_START - x->held_len) {
		x->s.in_credit += (uint32_t) (n - took);
		return;
	}
	memcpy(x->held + x->held_len, bytes + took, n - took);
	x->held_len += n - took;
}

static void release(struct exec *x)
{
	if (x->tty) {
		tty_detach(x->tty);
		tty_put(x->tty);
		x->tty = NULL;
	}
	for (int i = 0; i < 3; i++)
		if (x->lane[i].stream) {
			stream_detach(x->lane[i].stream);
			x->lane[i].stream = NULL;
		}
}

void exec_free(struct exec *x)
{
	release(x);
	kfree(x->held);
	kfree(x->report);
	kfree(x);
}

/* The terminal hangs up; a program that stays is killed soon. */
static void hang_up(struct exec *x)
{
	if (x->closing || x->ended)
		return;
	x->closing = true;
	waitq_wake_all(&x->room);
	if (x->program)
		signal_send_group(x->program->pid, SIGHUP);
	release(x);
	x->kill_at_ns = clock_monotonic_ns() + GOODBYE_NS;
	list_add_tail(&dying, &x->dying_node);
	ports_kick();
}

uint64_t ctl_exec_reap(void)
{
	struct exec *x;

	while ((x = list_first(&dying, struct exec, dying_node))) {
		if (x->kill_at_ns > clock_monotonic_ns())
			return x->kill_at_ns;
		list_del(&x->dying_node);
		if (x->program)
			program_kill(x->program, EXIT_CLOSED);
	}
	return TIME_NEVER;
}

void exec_ended(void *ctx, int wait_status, enum exit_reason reason, const char *report)
{
	struct exec *x = ctx;

	session_ended(x->program, wait_status, reason, report);
	x->program = NULL;
	x->ended = true;
	x->wait_status = wait_status;
	x->reason = x->closing && reason == EXIT_NORMAL ? EXIT_CLOSED : reason;
	x->report = *report ? kstrdup(report) : NULL;
	list_del(&x->dying_node);
	if (x->s.conn)
		ctl_kick(x->s.conn);
	else
		exec_free(x);
}

static void send_exit(struct exec *x)
{
	struct msg_exit m = {
		.status = (uint32_t) x->wait_status,
		.reason = (uint8_t) x->reason,
		.report = x->report ? x->report : "",
	};
	struct ctl_conn *c = x->s.conn;
	uint8_t *p;

	ctl_end(c, x->s.id, STREAM_STDOUT);
	if (!x->tty)
		ctl_end(c, x->s.id, STREAM_STDERR);
	p = ctl_reserve_wait(c, CTL_MESSAGE_MAX);
	if (p)
		ctl_commit(c, MSG_EXIT, x->s.id, msg_exit_encode(&m, p, CTL_MESSAGE_MAX));
}

static bool exec_pump(struct ctl_session *s)
{
	struct exec *x = container_of(s, struct exec, s);

	if (x->ended) {
		send_exit(x);
		ctl_session_del(s);
		exec_free(x);
		return false;
	}
	if (x->tty && x->tty_short && writable(&x->lane[STREAM_STDOUT]))
		tty_output_ready(x->tty);
	if (x->tty && x->held_len) {
		size_t took = tty_input(x->tty, (const char *) x->held, x->held_len);

		x->held_len -= took;
		memmove(x->held, x->held + took, x->held_len);
		s->in_credit += (uint32_t) took;
	}
	if (writable(&x->lane[STREAM_STDOUT]) || writable(&x->lane[STREAM_STDERR]))
		waitq_wake_all(&x->room);
	ctl_credit(s);
	return false;
}

static void exec_data(struct ctl_session *s, const uint8_t *bytes, size_t n)
{
	struct exec *x = container_of(s, struct exec, s);

	if (x->tty)
		type(x, bytes, n);
	else if (x->lane[STREAM_STDIN].stream)
		stream_input(x->lane[STREAM_STDIN].stream, bytes, n);
}

static void exec_end(struct ctl_session *s)
{
	struct exec *x = container_of(s, struct exec, s);

	if (x->tty)
		type(x, (const uint8_t *) "\4", 1);
	else if (x->lane[STREAM_STDIN].stream)
		stream_input_eof(x->lane[STREAM_STDIN].stream);
}

static void exec_window(struct ctl_session *s, enum msg_stream stream, uint32_t bytes)
{
	struct exec *x = container_of(s, struct exec, s);

	if (stream < ARRAY_SIZE(x->lane))
		x->lane[stream].window += bytes;
}

static void exec_control(struct ctl_session *s, const struct frame *f)
{
	struct exec *x = container_of(s, struct exec, s);
	struct msg_winsize size;
	uint32_t signo;
	int pgid;

	if (f->header.type == MSG_WINSIZE && x->tty && msg_winsize_decode(f->payload, f->header.size, &size) == 0)
		tty_set_winsize(x->tty, size.rows, size.cols);
	if (f->header.type != MSG_SIGNAL || !x->program || msg_u32_decode(f->payload, f->header.size, &signo) < 0)
		return;
	pgid = x->tty ? tty_foreground(x->tty) : x->program->pid;
	if (signo && signo <= NSIG)
		signal_send_group(pgid ? pgid : x->program->pid, (int) signo);
}

static void exec_close(struct ctl_session *s)
{
	hang_up(container_of(s, struct exec, s));
}

static void exec_drop(struct ctl_session *s)
{
	struct exec *x = container_of(s, struct exec, s);

	if (x->ended)
		exec_free(x);
	else
		hang_up(x);
}

const struct ctl_kind exec_kind = {
	.data = exec_data,
	.end = exec_end,
	.window = exec_window,
	.control = exec_control,
	.pump = exec_pump,
	.close = exec_close,
	.drop = exec_drop,
};
