/* ctl_exec.c: EXEC: from the message to a running program. What it does then is in ctl_exec_run.c. */
#include "overlay/ctl_exec.h"

#include "kernel/kmem.h"
#include "overlay/cache.h"

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
	int r = tty_create(&exec_tty_ops, x, NULL, &x->tty);

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

		r = stream_create(&exec_stream_ops, l, i ? 0 : PROTO_WINDOW_START, &l->stream);
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
	uint32_t pid = (uint32_t) x->program->pid; /* it may end while there is no room */
	uint8_t *p = ctl_reserve_wait(x->s.conn, 4);

	if (p)
		ctl_commit(x->s.conn, MSG_STARTED, x->s.id, msg_u32_encode(pid, p, 4));
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
	int r = msg_exec_decode(payload, size, &m);

	if (r < 0)
		return r;
	c->what = m.path;
	if (m.source == EXEC_HASH) {
		image = cache_find(m.sha256);
		if (!image) {
			ctl_need(c, id, m.sha256);
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
