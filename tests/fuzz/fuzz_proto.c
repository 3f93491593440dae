/*
 * fuzz_proto.c: the input is a message (its first byte chooses the type) and a stream. No decoder may read beyond the
 * payload; what one accepts must encode again to the very same bytes; the frame parser must take every stream.
 *
 * clang -fsanitize=fuzzer,address,undefined -I. tests/fuzz/fuzz_proto.c proto/[a-z]*.c lib/grant.c
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "proto/frame.h"
#include "proto/grants.h"
#include "proto/msg.h"

static uint8_t out[FRAME_PAYLOAD_MAX];

static void same(const uint8_t *payload, size_t size, int encoded)
{
	if (encoded < 0 || (size_t)encoded != size || memcmp(payload, out, size) != 0)
		abort();
}

#define CASE(index, name)						\
	case index: {							\
		struct msg_##name m;					\
									\
		if (msg_##name##_decode(payload, size, &m) == 0)	\
			same(payload, size, msg_##name##_encode(&m, out, sizeof(out)));	\
		break;							\
	}

static void message(uint8_t kind, const uint8_t *payload, size_t size)
{
	const char *string;

	switch (kind) {
	CASE(0, exec)
	CASE(1, exit)
	CASE(2, push)
	CASE(3, entry)
	CASE(4, stats_row)
	CASE(5, ps_row)
	CASE(6, event)
	CASE(7, error)
	CASE(8, window)
	CASE(9, path)
	CASE(10, kill)
	CASE(11, winsize)
	case 12:
		if (msg_string_decode(payload, size, &string) == 0)
			same(payload, size, msg_string_encode(string, out, sizeof(out)));
		break;
	}
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

		if (r < 0)
			return;
		if (used == 0 && r == 0)
			abort();
		data += used;
		size -= used;
	}
}

static void grants(const uint8_t *data, size_t size)
{
	struct msg_list_builder calls;
	uint8_t list[128];
	uint32_t mask = 0;
	const char *bad;
	char *text = malloc(size + 1);

	memcpy(text, data, size);
	text[size] = '\0';
	msg_list_start(&calls, list, sizeof(list));
	if (grants_parse(text, &mask, &calls, &bad) < 0 && (bad < text || bad > text + size))
		abort();
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0 || size > FRAME_PAYLOAD_MAX)
		return 0;
	message(data[0] % 16, data + 1, size - 1);
	stream(data + 1, size - 1);
	grants(data + 1, size - 1);
	return 0;
}
