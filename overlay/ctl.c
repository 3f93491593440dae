/* ctl.c: a control connection's thread: reads frames, lets sessions go on when there is room, ends with the client. */
#include "overlay/ctl.h"

#include "kernel/kmem.h"

struct server {
	struct ctl_conn conn;
	void (*gone)(void *ctx);
	void *ctx;
};

void ctl_kick(struct ctl_conn *c)
{
	waitq_wake_all(c->wake);
}

/* Out of step, with what a client before this one had sent or after nonsense: skips to the header of a HELLO. Returns
 * how many bytes that took. */
static size_t find_hello(struct ctl_conn *c, const uint8_t *bytes, size_t n)
{
	static const struct frame_header h = { .size = PROTO_HELLO_SIZE, .type = MSG_HELLO };
	uint8_t header[FRAME_HEADER_SIZE];
	struct frame f;
	size_t at = 0, used;

	frame_header_encode(&h, header);
	/* Its first byte occurs in it only once. */
	while (at < n && c->matched < FRAME_HEADER_SIZE) {
		if (bytes[at] == header[c->matched])
			c->matched++;
		else
			c->matched = bytes[at] == header[0];
		at++;
	}
	if (c->matched == FRAME_HEADER_SIZE) {
		frame_parser_reset(&c->parser);
		frame_feed(&c->parser, header, sizeof(header), &used, &f);
	}
	return at;
}

/* Handles the frames in what the port has now; true if there was something. */
static bool receive(struct ctl_conn *c)
{
	size_t n, at = 0, used;
	struct frame f;
	int r;

	if (ctl_gone(c))
		return true;
	n = vport_read(c->port, c->in, sizeof(c->in));
	while (at < n && !ctl_gone(c)) {
		if (c->matched < FRAME_HEADER_SIZE) {
			at += find_hello(c, c->in + at, n - at);
			continue;
		}
		r = frame_feed(&c->parser, c->in + at, n - at, &used, &f);
		if (r < 0) {
			c->matched = 0;
			c->greeted = false;
			ctl_end_sessions(c);
			ctl_error(c, 0, r, "the stream of frames is lost: say HELLO again");
			continue;
		}
		at += used;
		if (r > 0)
			ctl_frame(c, &f);
	}
	return n != 0;
}

static bool pump(struct ctl_conn *c)
{
	struct ctl_session *s, *next;
	bool more = false;

	list_for_each_safe(s, next, &c->sessions, node)
		if (s->kind->pump)
			more |= s->kind->pump(s);
	return more;
}

static void serve(void *arg)
{
	struct server *v = arg;
	struct ctl_conn *c = &v->conn;
	void (*gone)(void *) = v->gone;
	void *ctx = v->ctx;

	while (!ctl_gone(c)) {
		bool more = ctl_flush(c);

		more |= pump(c);
		more |= receive(c);
		/* Reading may have been told of the client's end, and whom that woke was this thread. */
		if (more || ctl_gone(c))
			kernel_relax();
		else
			waitq_wait(c->wake, WAIT_EVENT, "uio.ctl", TIME_NEVER, false);
	}
	ctl_end_sessions(c);
	kfree(v);
	gone(ctx);
}

int ctl_serve(struct vport *port, struct waitq *wake, void (*gone)(void *ctx), void *ctx)
{
	struct server *v = kmalloc(sizeof(*v));
	struct ctl_conn *c;
	int r;

	if (!v)
		return -ENOMEM;
	c = &v->conn;
	memset(v, 0, offsetof(struct server, conn.in));
	v->gone = gone;
	v->ctx = ctx;
	c->port = port;
	c->generation = vport_generation(port);
	c->wake = wake;
	list_init(&c->sessions);
	frame_parser_init(&c->parser, c->frame);
	r = thread_create_kernel("uio.ctl", CLASS_OVERLAY, serve, v, NULL);
	if (r < 0)
		kfree(v);
	return r;
}
