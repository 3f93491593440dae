/* ctl_out.c: the way out of a connection: a buffer of whole frames in front of the port. */
#include "overlay/ctl.h"

#include "kernel/log.h"
#include "lib/fmt.h"
#include "overlay/session.h"

bool ctl_gone(const struct ctl_conn *c)
{
	return !vport_host_open(c->port) || vport_generation(c->port) != c->generation;
}

bool ctl_flush(struct ctl_conn *c)
{
	size_t n;

	if (c->out_start == c->out_end)
		return false;
	n = vport_write(c->port, c->out + c->out_start, c->out_end - c->out_start);
	c->out_start += n;
	if (c->out_start == c->out_end)
		c->out_start = c->out_end = 0;
	return n != 0;
}

uint8_t *ctl_reserve(struct ctl_conn *c, size_t size)
{
	size_t need = FRAME_HEADER_SIZE + size;

	if (CTL_OUT_SIZE - c->out_end < need) {
		memmove(c->out, c->out + c->out_start, c->out_end - c->out_start);
		c->out_end -= c->out_start;
		c->out_start = 0;
		if (CTL_OUT_SIZE - c->out_end < need)
			return NULL;
	}
	return c->out + c->out_end + FRAME_HEADER_SIZE;
}

uint8_t *ctl_reserve_data(struct ctl_conn *c, size_t size)
{
	return ctl_reserve(c, size + FRAME_HEADER_SIZE + CTL_MESSAGE_MAX) ? ctl_reserve(c, size) : NULL;
}

void ctl_commit(struct ctl_conn *c, uint16_t type, uint32_t session, int size)
{
	struct frame_header h = { .size = (uint32_t) size, .type = type, .session = session };

	if (size < 0)
		return;
	frame_header_encode(&h, c->out + c->out_end);
	c->out_end += FRAME_HEADER_SIZE + (size_t) size;
	ctl_flush(c);
}

uint8_t *ctl_reserve_wait(struct ctl_conn *c, size_t size)
{
	uint8_t *p;

	while (!ctl_gone(c)) {
		ctl_flush(c);
		p = ctl_reserve(c, size);
		if (p)
			return p;
		waitq_wait(c->wake, WAIT_EVENT, "uio.ctl", TIME_NEVER, false);
	}
	return NULL;
}

void ctl_error(struct ctl_conn *c, uint32_t id, int error, const char *text)
{
	struct msg_error m = { .error = (uint32_t) -error, .text = text };
	uint8_t *p = ctl_reserve_wait(c, CTL_MESSAGE_MAX);
	char buf[200];

	if (!p)
		return;
	if (!text) {
		fmt_snprintf(buf, sizeof(buf), "%s%s%s", c->what ? c->what : "", c->what ? ": " : "",
			     session_strerror(error));
		m.text = buf;
	}
	if (error == -EPROTO || error == -EBADMSG) {
		if (!c->broke_protocol)
			klog("%s: %s", vport_name(c->port), m.text);
		c->broke_protocol = true;
	}
	ctl_commit(c, MSG_ERROR, id, msg_error_encode(&m, p, CTL_MESSAGE_MAX));
}

void ctl_empty(struct ctl_conn *c, uint16_t type, uint32_t id)
{
	if (ctl_reserve_wait(c, 0))
		ctl_commit(c, type, id, 0);
}

void ctl_need(struct ctl_conn *c, uint32_t id, const uint8_t sha256[PROTO_SHA256_SIZE])
{
	uint8_t *p = ctl_reserve_wait(c, PROTO_SHA256_SIZE);

	if (p) {
		memcpy(p, sha256, PROTO_SHA256_SIZE);
		ctl_commit(c, MSG_NEED, id, PROTO_SHA256_SIZE);
	}
}

void ctl_end(struct ctl_conn *c, uint32_t id, enum msg_stream stream)
{
	uint8_t *p = ctl_reserve_wait(c, 1);

	if (p)
		ctl_commit(c, MSG_END, id, msg_u8_encode((uint8_t) stream, p, 1));
}

void ctl_window(struct ctl_conn *c, uint32_t id, enum msg_stream stream, uint32_t bytes)
{
	struct msg_window m = { .stream = (uint8_t) stream, .bytes = bytes };
	uint8_t *p = ctl_reserve_wait(c, 16);

	if (p)
		ctl_commit(c, MSG_WINDOW, id, msg_window_encode(&m, p, 16));
}

void ctl_credit(struct ctl_session *s)
{
	uint32_t n = s->in_credit;

	if (!n)
		return;
	s->in_credit = 0;
	s->in_window += n;
	ctl_window(s->conn, s->id, STREAM_STDIN, n);
}
