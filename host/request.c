/*
 * request.c: see request.h.
 */
#include "host/request.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host/util.h"

#define ANSWER_TIMEOUT_MS	30000
#define ANSWER_BYTES_MAX	(64u << 20)	/* of rows, which callers keep */
#define ERROR_MAX		4095		/* errno's range, struct msg_error */

int request_error(const struct frame *frame, char **ret_text)
{
	struct msg_error error;

	if (msg_error_decode(frame->payload, frame->header.size, &error) < 0 || error.error == 0 ||
	    error.error > ERROR_MAX) {
		*ret_text = xstrdup("the guest sent a malformed error");
		return -EPROTO;
	}
	*ret_text = error.text[0] ? xstrdup(error.text) : xstrdup(strerror((int)error.error));
	text_clean(*ret_text);
	return -(int)error.error;
}

int request(struct client *c, uint16_t type, const void *payload, int size, request_row row, void *context,
	    char **ret_text)
{
	uint32_t session = client_session(c);
	uint64_t until = monotonic_ns() + ANSWER_TIMEOUT_MS * NS_PER_MS, now;
	struct frame frame;
	size_t bytes = 0;
	int r = client_send_encoded(c, type, session, payload, size);

	/* For the whole answer: a guest that goes on talking holds nobody up. */
	while (r >= 0) {
		now = monotonic_ns();
		r = now < until ? client_receive(c, (int)((until - now) / NS_PER_MS), &frame) : 0;
		if (r == 0)
			r = -ETIMEDOUT;
		if (r < 0)
			break;
		if (frame.header.session != session)
			continue;
		if (frame.header.type == MSG_OK)
			return 0;
		if (frame.header.type == MSG_ERROR)
			return request_error(&frame, ret_text);
		bytes += FRAME_HEADER_SIZE + frame.header.size;
		if (bytes > ANSWER_BYTES_MAX) {
			*ret_text = xasprintf("%s: the guest's answer is longer than %u MiB", msg_type_name(type),
					      ANSWER_BYTES_MAX >> 20);
			return -EMSGSIZE;
		}
		if (row)
			row(&frame, context);
	}
	*ret_text = xasprintf("%s: %s", msg_type_name(type),
			      r == -ECONNRESET ? "the guest is gone" : strerror(-r));
	return r;
}

int request_kill(const struct vm *vm, uint32_t pid, int signal, int timeout_ms, char **ret_text)
{
	struct msg_kill kill = { .pid = pid, .signal = (uint32_t)signal };
	uint8_t payload[16];
	struct client *c;
	int r = client_open(vm, timeout_ms, &c, ret_text);

	if (r < 0)
		return r;
	r = request(c, MSG_KILL, payload, msg_kill_encode(&kill, payload, sizeof(payload)), NULL, NULL, ret_text);
	client_close(c);
	return r;
}
