/* ctl_session.c: which session a frame belongs to and what it asks for. Everything is decoded and checked before
 * anything is done; a frame that makes no sense ends its session, never the guest. */
#include "overlay/ctl.h"

#include "kernel/kmem.h"
#include "overlay/domain.h"
#include "overlay/part.h"

static const struct {
	uint16_t type;
	ctl_request fn;
} requests[] = {
	{ MSG_EXEC, ctl_exec },
	{ MSG_PUSH, ctl_push },
	{ MSG_PULL, ctl_pull },
	{ MSG_LIST, ctl_list },
	{ MSG_STATS, ctl_stats },
	{ MSG_PS, ctl_ps },
	{ MSG_EVENTS, ctl_events },
	{ MSG_KILL, ctl_kill },
	{ MSG_BPF, ctl_bpf },
	{ MSG_CONSOLE_EOF, ctl_console_eof },
	{ MSG_CONSOLE_WINSIZE, ctl_console_winsize },
};

static struct ctl_session *find(struct ctl_conn *c, uint32_t id)
{
	struct ctl_session *s;

	list_for_each(s, &c->sessions, node)
		if (s->id == id)
			return s;
	return NULL;
}

int ctl_session_add(struct ctl_conn *c, struct ctl_session *s, uint32_t id, const struct ctl_kind *kind)
{
	if (c->session_count == CTL_SESSIONS_MAX)
		return -EAGAIN;
	s->conn = c;
	s->kind = kind;
	s->id = id;
	s->in_window = PROTO_WINDOW_START;
	c->session_count++;
	list_add_tail(&c->sessions, &s->node);
	return 0;
}

void ctl_session_del(struct ctl_session *s)
{
	list_del(&s->node);
	s->conn->session_count--;
}

void ctl_end_sessions(struct ctl_conn *c)
{
	struct ctl_session *s;

	while ((s = list_first(&c->sessions, struct ctl_session, node))) {
		ctl_session_del(s);
		s->conn = NULL;
		s->kind->drop(s);
	}
}

/* The client broke the protocol inside a session. */
static void fail(struct ctl_session *s, int error, const char *text)
{
	struct ctl_conn *c = s->conn;
	uint32_t id = s->id;

	ctl_session_del(s);
	s->conn = NULL;
	s->kind->drop(s);
	ctl_error(c, id, error, text);
}

static void session_frame(struct ctl_session *s, const struct frame *f)
{
	const struct ctl_kind *kind = s->kind;
	size_t size = f->header.size;
	struct msg_window w;
	uint8_t stream;

	switch (f->header.type) {
	case MSG_STDIN:
		if (size > s->in_window) {
			fail(s, -EPROTO, "more was sent than the window allows");
			return;
		}
		s->in_window -= (uint32_t) size;
		if (kind->data)
			kind->data(s, f->payload, size);
		return;
	case MSG_END:
		if (msg_u8_decode(f->payload, size, &stream) < 0)
			break;
		if (kind->end && stream == STREAM_STDIN)
			kind->end(s);
		return;
	case MSG_WINDOW:
		if (msg_window_decode(f->payload, size, &w) < 0)
			break;
		if (kind->window)
			kind->window(s, w.stream, w.bytes);
		return;
	case MSG_CLOSE:
		kind->close(s);
		return;
	default:
		if (kind->control)
			kind->control(s, f);
		return;
	}
	fail(s, -EBADMSG, "malformed message");
}

static void hello(struct ctl_conn *c, const struct frame *f)
{
	struct msg_hello m;
	uint8_t *p;

	if (msg_hello_decode(f->payload, f->header.size, &m) < 0)
		return;
	ctl_end_sessions(c);
	c->greeted = true;
	m.version = MIN(m.version, PROTO_VERSION);
	m.features = (domain == &domain_mpk ? FEATURE_MPK : 0) | FEATURE_EVENTS | FEATURE_STATS | FEATURE_CONSOLE_EOF;
	p = ctl_reserve_wait(c, PROTO_HELLO_SIZE);
	if (p)
		ctl_commit(c, MSG_HELLO_OK, 0, msg_hello_encode(&m, p, PROTO_HELLO_SIZE));
}

static void connection_frame(struct ctl_conn *c, const struct frame *f)
{
	uint64_t token;
	uint8_t *p;

	if (f->header.type == MSG_HELLO) {
		hello(c, f);
	} else if (f->header.type == MSG_PING && c->greeted &&
		   msg_u64_decode(f->payload, f->header.size, &token) == 0) {
		p = ctl_reserve_wait(c, 8);
		if (p)
			ctl_commit(c, MSG_PONG, 0, msg_u64_encode(token, p, 8));
	}
}

/* Messages inside a session have types that no request has; those to a session that is gone are late. */
static bool is_late(uint16_t type)
{
	return (type >= MSG_STARTED && type < MSG_PUSH) || type < MSG_EXEC;
}

static void request(struct ctl_conn *c, const struct frame *f)
{
	int r = -ENOSYS;

	c->what = NULL;
	for (unsigned i = 0; i < ARRAY_SIZE(requests); i++)
		if (requests[i].type == f->header.type)
			r = requests[i].fn(c, f->header.session, f->payload, f->header.size);
	if (r > 0)
		ctl_empty(c, MSG_OK, f->header.session);
	else if (r < 0)
		ctl_error(c, f->header.session, r, NULL);
}

void ctl_frame(struct ctl_conn *c, const struct frame *f)
{
	uint32_t id = f->header.session;
	struct ctl_session *s;

	if (!id) {
		connection_frame(c, f);
		return;
	}
	if (!c->greeted)
		return;
	s = find(c, id);
	if (!is_late(f->header.type) && s)
		ctl_error(c, id, -EBUSY, "the session's number is in use");
	else if (!is_late(f->header.type))
		request(c, f);
	else if (s)
		session_frame(s, f);
}
