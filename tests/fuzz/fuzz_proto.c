/*
 * fuzz_proto.c: the input is a message (its first byte chooses the type) and a stream. No decoder may read beyond the
 * payload; what one accepts must encode again to the very same bytes, and its lists end; the frame parser and the search
 * for a HELLO_OK must take every stream. Messages are made of the input as well, so that good ones are among them.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/errno.h"
#include "proto/frame.h"
#include "proto/grants.h"
#include "proto/msg.h"

static uint8_t out[FRAME_PAYLOAD_MAX];
static volatile size_t sink;

static void same(const uint8_t *payload, size_t size, int encoded)
{
	if (encoded < 0 || (size_t)encoded != size || memcmp(payload, out, size) != 0)
		abort();
}

static void walk(const struct msg_list *list, enum msg_item kind)
{
	struct msg_symbol symbol;
	const char *a, *b;
	struct msg_iter it;
	uint64_t number;
	unsigned count = 0;

	msg_iter_start(&it, list);
	switch (kind) {
	case ITEM_STRING:
		for (; msg_next_string(&it, &a); count++)
			sink = strlen(a);
		break;
	case ITEM_NUMBER:
		for (; msg_next_number(&it, &a, &number); count++)
			sink = strlen(a);
		break;
	case ITEM_PAIR:
		for (; msg_next_pair(&it, &a, &b); count++)
			sink = strlen(a) + strlen(b);
		break;
	case ITEM_SYMBOL:
		for (; msg_next_symbol(&it, &symbol); count++)
			sink = strlen(symbol.name);
	}
	if (count != list->count)
		abort();
}

#define CASE(index, name, ...)						\
	case index: {							\
		struct msg_##name m;					\
									\
		if (msg_##name##_decode(payload, size, &m) == 0) {	\
			same(payload, size, msg_##name##_encode(&m, out, sizeof(out)));	\
			__VA_ARGS__;					\
		}							\
		break;							\
	}
#define NUMBER(index, bits)						\
	case index: {							\
		uint##bits##_t v;					\
									\
		if (msg_u##bits##_decode(payload, size, &v) == 0)	\
			same(payload, size, msg_u##bits##_encode(v, out, sizeof(out)));	\
		break;							\
	}

static void message(uint8_t kind, const uint8_t *payload, size_t size)
{
	uint8_t sha256[PROTO_SHA256_SIZE];
	struct msg_hello hello;
	const char *string;

	switch (kind) {
	CASE(0, exec, walk(&m.argv, ITEM_STRING), walk(&m.env, ITEM_STRING), walk(&m.calls, ITEM_STRING),
	     walk(&m.symbols, ITEM_SYMBOL))
	CASE(1, exit)
	CASE(2, push)
	CASE(3, entry)
	CASE(4, stats_row, walk(&m.values, ITEM_NUMBER))
	CASE(5, ps_row)
	CASE(6, event, walk(&m.values, ITEM_PAIR))
	CASE(7, error)
	CASE(8, window)
	CASE(9, path)
	CASE(10, kill)
	CASE(11, winsize)
	case 12:
		if (msg_string_decode(payload, size, &string) == 0)
			same(payload, size, msg_string_encode(string, out, sizeof(out)));
		break;
	NUMBER(13, 8)
	NUMBER(14, 32)
	NUMBER(15, 64)
	case 16:
		if (msg_sha256_decode(payload, size, sha256) == 0)
			same(payload, size, msg_sha256_encode(sha256, out, sizeof(out)));
		break;
	case 17: /* what is behind the version is ignored */
		if (msg_hello_decode(payload, size, &hello) == 0)
			same(payload, 24, msg_hello_encode(&hello, out, sizeof(out)) == PROTO_HELLO_SIZE ? 24 : -1);
		break;
	}
}

struct input {
	const uint8_t *at;
	size_t left;
};

/* A byte, or four behind 0xff. */
static uint64_t number(struct input *in)
{
	unsigned bytes = in->left && *in->at == 0xff ? 5 : 1;
	uint64_t v = 0;

	for (; bytes && in->left; bytes--, in->left--)
		v = v << 8 | *in->at++;
	return v;
}

/* The next zero-terminated piece. */
static const char *string(struct input *in)
{
	static char texts[8][64];
	static unsigned next;
	char *to = texts[next++ % 8];
	size_t n = 0;

	while (in->left && n < 63 && *in->at) {
		to[n++] = (char)*in->at++;
		in->left--;
	}
	if (in->left) {
		in->at++;
		in->left--;
	}
	to[n] = '\0';
	return to;
}

static void list(struct input *in, enum msg_item kind, void *buf, size_t room, struct msg_list *ret)
{
	unsigned count = (unsigned)number(in) % 8;
	struct msg_list_builder b;

	msg_list_start(&b, buf, room);
	for (unsigned i = 0; i < count; i++) {
		struct msg_symbol s = { string(in), number(in), number(in), (uint8_t)number(in) };

		if (kind == ITEM_STRING)
			msg_list_add_string(&b, s.name);
		else if (kind == ITEM_NUMBER)
			msg_list_add_number(&b, s.name, s.address);
		else if (kind == ITEM_PAIR)
			msg_list_add_pair(&b, s.name, string(in));
		else
			msg_list_add_symbol(&b, &s);
	}
	if (msg_list_finish(&b, ret) < 0)
		*ret = (struct msg_list) { 0 };
}

/* A message of any kind, from strings and numbers; cut short or with one byte changed it may be refused. */
static void made(struct input in)
{
	static uint8_t buf[4][256], payload[2048];
	unsigned kind = (unsigned)number(&in) % 18;
	size_t room = number(&in) % 4 ? sizeof(payload) : number(&in) % 64;
	uint64_t change = number(&in);
	struct msg_exec exec = { (uint32_t)number(&in), (uint8_t)number(&in), string(&in), { 0 }, string(&in), 25, 80,
				 (uint32_t)number(&in), (uint32_t)number(&in), 1, 2, { 0 }, { 0 }, { 0 }, { 0 } };
	struct msg_event event = { number(&in), string(&in), { 0 } };
	struct msg_stats_row stats = { (uint8_t)number(&in), (uint32_t)number(&in), string(&in), { 0 } };
	struct msg_push push = { (uint8_t)number(&in), (uint32_t)number(&in), 1, 2, { 3 }, string(&in) };
	struct msg_entry entry = { 0100644, number(&in), 5, string(&in), string(&in) };
	struct msg_ps_row ps = { 1, 2, 3, 4, (uint8_t)number(&in), 1, 2, 3, 4, 5, string(&in), string(&in) };
	struct msg_exit end = { (uint32_t)number(&in), (uint8_t)number(&in), string(&in) };
	struct msg_path path = { (uint32_t)number(&in), string(&in) };
	struct msg_error error = { (uint32_t)number(&in), string(&in) };
	struct msg_hello hello = { { 1 }, (uint32_t)number(&in), 1 };
	struct msg_window window = { (uint8_t)(change & 3), (uint32_t)number(&in) };
	struct msg_winsize winsize = { (uint16_t)number(&in), 80 };
	struct msg_kill signal = { 1, (uint32_t)number(&in) };
	int r = -1;

	list(&in, ITEM_STRING, buf[0], sizeof(buf[0]), &exec.argv);
	list(&in, ITEM_STRING, buf[1], sizeof(buf[1]), &exec.env);
	list(&in, ITEM_STRING, buf[2], 32, &exec.calls);
	list(&in, ITEM_SYMBOL, buf[3], sizeof(buf[3]), &exec.symbols);
	switch (kind) {
	case 0: r = msg_exec_encode(&exec, payload, room); break;
	case 1: r = msg_exit_encode(&end, payload, room); break;
	case 2: r = msg_push_encode(&push, payload, room); break;
	case 3: r = msg_entry_encode(&entry, payload, room); break;
	case 4:
		list(&in, ITEM_NUMBER, buf[0], sizeof(buf[0]), &stats.values);
		r = msg_stats_row_encode(&stats, payload, room);
		break;
	case 5: r = msg_ps_row_encode(&ps, payload, room); break;
	case 6:
		list(&in, ITEM_PAIR, buf[0], sizeof(buf[0]), &event.values);
		r = msg_event_encode(&event, payload, room);
		break;
	case 7: r = msg_error_encode(&error, payload, room); break;
	case 8: r = msg_window_encode(&window, payload, room); break;
	case 9: r = msg_path_encode(&path, payload, room); break;
	case 10: r = msg_kill_encode(&signal, payload, room); break;
	case 11: r = msg_winsize_encode(&winsize, payload, room); break;
	case 12: r = msg_string_encode(path.path, payload, room); break;
	case 14: r = msg_u32_encode(error.error, payload, room); break;
	case 17: r = msg_hello_encode(&hello, payload, room); break;
	}
	sink = strlen(msg_type_name((uint16_t)change));
	if (r < 0)
		return;
	if ((size_t)r > room)
		abort();
	if (change & 1)
		payload[(change >> 8) % (size_t)(r ? r : 1)] = (uint8_t)(change >> 4);
	message((uint8_t)kind, payload, change & 2 ? (size_t)r * (change >> 8 & 15) / 16 : (size_t)r);
}

static void stream(const uint8_t *data, size_t size)
{
	static uint8_t buf[FRAME_MAX];
	struct frame_parser parser;
	struct frame frame;
	size_t used;

	frame_parser_init(&parser, buf);
	while (size > 0) {
		int r = frame_feed(&parser, data, size, &used, &frame);

		if (r < 0) {
			frame_parser_reset(&parser);
			return;
		}
		if (used == 0 && r == 0)
			abort();
		data += used;
		size -= used;
	}
}

/* The pattern, behind and before what the input holds, in two pieces: it must be found, once, at its end. */
static void sync_with(const uint8_t *data, size_t size)
{
	struct frame_header h = { .size = PROTO_HELLO_SIZE, .type = MSG_HELLO_OK };
	uint8_t nonce[FRAME_NONCE_SIZE], bytes[FRAME_HEADER_SIZE + FRAME_NONCE_SIZE];
	size_t cut = size ? data[0] % sizeof(bytes) : 0, used;
	struct frame_sync sync;

	memset(nonce, 0x5a, sizeof(nonce));
	frame_sync_init(&sync, MSG_HELLO_OK, PROTO_HELLO_SIZE, nonce);
	frame_header_encode(&h, bytes);
	memcpy(bytes + FRAME_HEADER_SIZE, nonce, sizeof(nonce));
	if (frame_sync_feed(&sync, data, size, &used))
		return; /* it was in there */
	if (used != size || frame_sync_feed(&sync, bytes, cut, &used) ||
	    frame_sync_feed(&sync, bytes + cut, sizeof(bytes) - cut, &used) != 1 || used != sizeof(bytes) - cut)
		abort();
}

static void grants(const uint8_t *data, size_t size)
{
	struct msg_list_builder calls;
	uint8_t list[128];
	uint32_t mask = 0, profile;
	const char *bad;
	char *text = malloc(size + 1), again[16];
	bool with = size && data[0] & 1;

	memcpy(text, data, size);
	text[size] = '\0';
	msg_list_start(&calls, list, sizeof(list));
	if (grants_parse(text, &mask, with ? &calls : NULL, &bad) == -EINVAL && (bad < text || bad > text + size))
		abort();
	if (grants_format(mask, again, sizeof(again)) < 3 || strlen(again) >= sizeof(again))
		abort();
	if (grants_profile(text, &profile) == 0 && !profile)
		abort();
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0 || size > FRAME_PAYLOAD_MAX)
		return 0;
	message(data[0] % 18, data + 1, size - 1);
	made((struct input) { data, size });
	stream(data + 1, size - 1);
	sync_with(data + 1, size - 1);
	grants(data + 1, size - 1);
	return 0;
}
