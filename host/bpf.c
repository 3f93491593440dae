/*
 * bpf.c: see bpf.h.
 */
#include "host/bpf.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/bpf_image.h"
#include "host/command.h"
#include "host/copy.h"
#include "host/request.h"
#include "host/util.h"

#define ANSWER_TIMEOUT_MS 60000

const char *bpf_text(const struct msg_event *row, const char *key)
{
	const char *k, *text;
	struct msg_iter it;

	msg_iter_start(&it, &row->values);
	while (msg_next_pair(&it, &k, &text))
		if (strcmp(k, key) == 0)
			return text;
	return "";
}

uint64_t bpf_number(const struct msg_event *row, const char *key)
{
	return strtoull(bpf_text(row, key), NULL, 10);
}

static int digit(char c)
{
	return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
}

size_t bpf_bytes(const char *hex, void *out, size_t size)
{
	uint8_t *to = out;
	size_t n = 0;

	for (; n < size && isxdigit((unsigned char)hex[0]) && isxdigit((unsigned char)hex[1]); hex += 2)
		to[n++] = (uint8_t)(digit(hex[0]) << 4 | digit(hex[1]));
	return n;
}

const char *bpf_hash(struct bpf_call *call, const char *file)
{
	static char hex[2 * SHA256_SIZE + 1];
	uint8_t digest[SHA256_SIZE];
	uint64_t size;
	int r = copy_hash(file, digest, &size);

	if (r < 0)
		die(EXIT_NOT_FOUND, "%s: %s", file, strerror(-r));
	for (size_t i = 0; i < sizeof(digest); i++)
		snprintf(hex + 2 * i, 3, "%02x", digest[i]);
	call->object = file;
	return hex;
}

/* Pushes the file that the guest asked for by its hash. */
static int push_needed(struct bpf_call *call, const struct frame *frame, char **ret_text)
{
	uint8_t wanted[PROTO_SHA256_SIZE], digest[PROTO_SHA256_SIZE];
	static const uint8_t none[PROTO_SHA256_SIZE];
	char *part = xasprintf("%s.bpf", vm_string(call->vm, "image"));
	char *types = bpf_image_types(call->vm);
	const char *files[] = {call->object, part, types};
	uint64_t size;
	int r = -ENODATA;

	if (msg_sha256_decode(frame->payload, frame->header.size, wanted) < 0) {
		*ret_text = xstrdup("the guest asks for a file without a hash");
		r = -EPROTO;
		goto out;
	}
	for (size_t i = 0; i < 3; i++)
		if (files[i] && copy_hash(files[i], digest, &size) == 0 &&
		    memcmp(digest, wanted, sizeof(wanted)) == 0) {
			r = copy_push_program(call->client, files[i], ret_text);
			goto out;
		}
	if (memcmp(wanted, none, sizeof(none)) == 0)
		*ret_text = xasprintf("%s was linked without eBPF", vm_string(call->vm, "image"));
	else
		*ret_text = xasprintf("%s is missing, or is not the one of the image that runs", part);
out:
	free(types);
	free(part);
	return r;
}

static int encode(const struct bpf_call *call, uint8_t *payload, const char *what, va_list pairs, char **ret_text)
{
	static uint8_t buf[FRAME_PAYLOAD_MAX];
	struct msg_event m = {.name = what};
	struct msg_list_builder list;
	const char *key;
	int r = 0;

	msg_list_start(&list, buf, sizeof(buf));
	while ((key = va_arg(pairs, const char *))) {
		const char *text = va_arg(pairs, const char *);

		if (text)
			msg_list_add_pair(&list, key, text);
	}
	if (strcmp(what, "load") == 0 || strcmp(what, "verify") == 0)
		r = bpf_image_add(call->vm, call->object, &list, ret_text);
	if (r < 0)
		return r;
	if (msg_list_finish(&list, &m.values) < 0)
		return -EMSGSIZE;
	return msg_event_encode(&m, payload, FRAME_PAYLOAD_MAX);
}

/* Until the request's end: 0, 1 ("ready"), -ENODATA with *ret_need set, or another negative errno. */
static int answer(struct bpf_call *call, bpf_row row, void *context, struct frame *frame, bool *ret_need,
		  char **ret_text)
{
	struct msg_event m;

	for (;;) {
		int r = client_receive(call->client, ANSWER_TIMEOUT_MS, frame);

		if (r <= 0) {
			*ret_text = xstrdup(r == 0	       ? "the guest does not answer"
					    : r == -ECONNRESET ? "the guest is gone"
							       : strerror(-r));
			return r == 0 ? -ETIMEDOUT : r;
		}
		if (frame->header.session != call->session) {
			if (call->other && frame->header.type == MSG_BPF_ROW &&
			    msg_event_decode(frame->payload, frame->header.size, &m) == 0)
				call->other(frame->header.session, &m, call->other_context);
			continue;
		}
		switch (frame->header.type) {
		case MSG_OK:
			return 0;
		case MSG_NEED:
			*ret_need = true;
			return -ENODATA;
		case MSG_ERROR:
			r = request_error(frame, ret_text);
			if (r == -ENOSYS) {
				free(*ret_text);
				*ret_text = xstrdup("the image has no eBPF: it was linked by an older uio-cc");
			}
			return r;
		case MSG_BPF_ROW:
			if (msg_event_decode(frame->payload, frame->header.size, &m) < 0) {
				*ret_text = xstrdup("the guest sent a malformed row");
				return -EPROTO;
			}
			if (strcmp(m.name, "ready") == 0)
				return 1;
			if (row)
				row(&m, context);
		}
	}
}

static int ask(struct bpf_call *call, bpf_row row, void *context, char **ret_text, const char *what, va_list pairs)
{
	static uint8_t payload[FRAME_PAYLOAD_MAX];
	int size, r;
	struct frame frame;

	*ret_text = NULL;
	size = encode(call, payload, what, pairs, ret_text);
	if (size < 0 && *ret_text)
		return size;
	/* NEED comes for the part, for the object, and for the image's types. */
	for (int tries = 0; tries < 4; tries++) {
		bool need = false;

		call->session = client_session(call->client);
		r = client_send_encoded(call->client, MSG_BPF, call->session, payload, size);
		if (r < 0) {
			*ret_text = xasprintf("%s: %s", what, strerror(-r));
			return r;
		}
		r = answer(call, row, context, &frame, &need, ret_text);
		if (!need)
			return r;
		r = push_needed(call, &frame, ret_text);
		if (r < 0)
			return r;
	}
	*ret_text = xstrdup("the guest forgot what was pushed: too little memory for its cache of programs?");
	return -ENODATA;
}

int bpf_request(struct bpf_call *call, bpf_row row, void *context, char **ret_text, const char *what, ...)
{
	va_list pairs;
	int r;

	va_start(pairs, what);
	r = ask(call, row, context, ret_text, what, pairs);
	va_end(pairs);
	return r;
}

void bpf_must(struct bpf_call *call, bpf_row row, void *context, const char *what, ...)
{
	va_list pairs;
	char *text;
	int r;

	va_start(pairs, what);
	r = ask(call, row, context, &text, what, pairs);
	va_end(pairs);
	if (r < 0)
		die(1, "%s", text && text[0] ? text : strerror(-r));
}
