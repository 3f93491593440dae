/* ctl_exec.c: EXEC: a program whose input and output run over the connection, through a terminal or three streams. The
 * session lives until the program has ended, also when its client is gone; nobody but the program waits for a slow
 * client, and a signal wakes it from that. */
#include "overlay/ctl.h"

#include "fs/stream.h"
#include "fs/tty.h"
#include "kernel/kmem.h"
#include "linux/signal.h"
#include "overlay/cache.h"
#include "overlay/session.h"

#define GOODBYE_NS (500 * NSEC_PER_MSEC) /* from SIGHUP to SIGKILL */

struct exec;
/* One output stream; [0] is the input's. */
struct lane {
	struct exec *exec;
	struct stream *stream;
	uint64_t window;		/* bytes that the client still takes */
	uint8_t nr;			/* enum msg_stream */
};

struct exec {
	struct ctl_session s;
	struct program *program;	/* NULL: not started, or ended */
	struct tty *tty;		/* NULL: streams */
	struct lane lane[3];
	struct waitq room;		/* programs that wait to write */
	bool tty_short;			/* the terminal has more to say */
	bool closing;			/* hung up */
	bool ended;
	uint8_t *held;			/* typed, not yet taken by the terminal: PROTO_WINDOW_START bytes, or NULL */
	size_t held_len;
	int wait_status;
	enum exit_reason reason;
	char *report;			/* NULL: none */
	uint64_t kill_at_ns;
	struct list dying_node;
};

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

static const struct stream_ops stream_ops = {
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

static const struct tty_ops tty_ops = { .output = terminal_out, .input_room = terminal_room };

static void type(struct exec *x, const uint8_t *bytes, size_t n)
{
	size_t took = x->held_len ? 0 : tty_input(x->tty, (const char *) bytes, n);

	x->s.in_credit += (uint32_t) took;
	if (took == n)
		return;
	if (!x->held)
		x->held = kmalloc(PROTO_WINDOW_START);
	/* Without memory what was typed is lost. The window keeps it from being more than fits. */
	if (!x->held) {
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

static void exec_free(struct exec *x)
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

static void exec_ended(void *ctx, int wait_status, enum exit_reason reason, const char *report)
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

static const struct ctl_kind exec_kind = {
	.data = exec_data,
	.end = exec_end,
	.window = exec_window,
	.control = exec_control,
	.pump = exec_pump,
	.close = exec_close,
	.drop = exec_drop,
};

/* The list's strings as a vector, or NULL: no memory. */
static char **vector(const struct msg_list *list)
{
	char **v = kmalloc((list->count + 1u) * sizeof(*v)), **at = v;
	struct msg_iter it;
	const char *s;

	if (!v)
		return NULL;
	msg_iter_start(&it, list);
	while (msg_next_string(&it, &s))
		*at++ = (char *) s;
	*at = NULL;
	return v;
}

static struct binding *bindings(const struct msg_list *list)
{
	struct binding *v = kmalloc((list->count + 1u) * sizeof(*v)), *at = v;
	struct msg_symbol sym;
	struct msg_iter it;

	if (!v)
		return NULL;
	msg_iter_start(&it, list);
	while (msg_next_symbol(&it, &sym))
		*at++ = (struct binding){ (char *) sym.name, sym.address, sym.size, sym.type == 2 };
	return v;
}

static int open_terminal(struct exec *x, const struct msg_exec *m, struct program_spec *spec)
{
	int r = tty_create(&tty_ops, x, NULL, &x->tty);

	if (r < 0)
		return r;
	if (m->rows && m->cols)
		tty_set_winsize(x->tty, m->rows, m->cols);
	r = tty_open(x->tty, O_RDWR, &spec->stdio[0]);
	if (r < 0)
		return r;
	spec->stdio[1] = file_get(spec->stdio[0]);
	spec->stdio[2] = file_get(spec->stdio[0]);
	spec->tty = x->tty;
	return 0;
}

static int open_streams(struct exec *x, const struct msg_exec *m, struct program_spec *spec)
{
	int r = 0;

	for (int i = 0; r >= 0 && i < 3; i++) {
		struct lane *l = &x->lane[i];

		r = stream_create(&stream_ops, l, i ? 0 : PROTO_WINDOW_START, &l->stream);
		if (r >= 0)
			r = stream_open(l->stream, i ? O_WRONLY : O_RDONLY, &spec->stdio[i]);
	}
	if (r >= 0 && !(m->flags & EXEC_STDIN))
		stream_input_eof(x->lane[0].stream);
	return r;
}

static int start(struct exec *x, const struct msg_exec *m, struct program_spec *spec, char *error, size_t error_size)
{
	char **argv = vector(&m->argv), **env = vector(&m->env), **calls = vector(&m->calls);
	struct binding *symbols = bindings(&m->symbols);
	int r = argv && env && calls && symbols ? 0 : -ENOMEM;

	spec->argv = argv;
	spec->env = env;
	spec->calls = m->calls.count ? calls : NULL;
	spec->bindings = symbols;
	spec->binding_count = m->symbols.count;
	if (r == 0)
		r = m->flags & EXEC_TTY ? open_terminal(x, m, spec) : open_streams(x, m, spec);
	if (r >= 0)
		r = session_start(spec, error, error_size, &x->program);
	for (int i = 0; i < 3; i++)
		if (spec->stdio[i])
			file_put(spec->stdio[i]);
	kfree(symbols);
	kfree(calls);
	kfree(env);
	kfree(argv);
	return r;
}

/* Output may not go out before STARTED: until then no window is open. */
static void started(struct exec *x)
{
	uint8_t *p = ctl_reserve_wait(x->s.conn, 4);

	if (p)
		ctl_commit(x->s.conn, MSG_STARTED, x->s.id, msg_u32_encode((uint32_t) x->program->pid, p, 4));
	for (int i = 1; i < 3; i++)
		x->lane[i].window += PROTO_WINDOW_START;
}

static int exec_begin(struct ctl_conn *c, uint32_t id, const struct msg_exec *m, struct program_spec *spec)
{
	struct exec *x = kzalloc(sizeof(*x));
	char error[160];
	int r;

	if (!x)
		return -ENOMEM;
	for (uint8_t i = 0; i < 3; i++) {
		x->lane[i].exec = x;
		x->lane[i].nr = i;
	}
	waitq_init(&x->room);
	list_init(&x->dying_node);
	spec->ended = exec_ended;
	spec->ctx = x;
	error[0] = '\0';
	r = ctl_session_add(c, &x->s, id, &exec_kind);
	if (r < 0) {
		kfree(x);
		return r;
	}
	r = start(x, m, spec, error, sizeof(error));
	if (r < 0) {
		ctl_session_del(&x->s);
		exec_free(x);
		ctl_error(c, id, r, error[0] ? error : NULL);
		return 0;
	}
	started(x);
	return 0;
}

int ctl_exec(struct ctl_conn *c, uint32_t id, const uint8_t *payload, size_t size)
{
	struct program_spec spec = { 0 };
	struct msg_exec m;
	struct vnode *image = NULL;
	char *path = NULL;
	uint8_t *p;
	int r = msg_exec_decode(payload, size, &m);

	if (r < 0)
		return r;
	c->what = m.path;
	if (m.source == EXEC_HASH) {
		image = cache_find(m.sha256);
		if (!image) {
			p = ctl_reserve_wait(c, PROTO_SHA256_SIZE);
			if (p)
				ctl_commit(c, MSG_NEED, id, msg_sha256_encode(m.sha256, p, PROTO_SHA256_SIZE));
			return 0;
		}
		path = session_cached_path(m.path);
	} else {
		r = session_find_program(m.path, m.cwd, &image, &path);
		if (r < 0)
			return r;
	}
	spec.name = session_base(m.path);
	spec.image = image;
	spec.path = path;
	spec.cwd = *m.cwd ? m.cwd : NULL;
	spec.grants = m.grants;
	spec.cpu_permille = m.cpu_per_mille;
	spec.memory_bytes = m.memory_bytes;
	spec.timeout_ns = m.timeout_ns;
	r = exec_begin(c, id, &m, &spec);
	vnode_put(image);
	kfree(path);
	return r;
}
