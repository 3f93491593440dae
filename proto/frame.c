/* pure */
/*
 * frame.c: header codec, frame assembly and resynchronisation. See frame.h. Knows no message.
 */
#include "proto/frame.h"

#include "lib/errno.h"
#include "lib/str.h"
#include "proto/wire.h"

void frame_header_encode(const struct frame_header *header, uint8_t buf[FRAME_HEADER_SIZE])
{
	struct wire_writer w;

	wire_write_start(&w, buf, FRAME_HEADER_SIZE);
	wire_put_u32(&w, header->size);
	wire_put_u16(&w, header->type);
	wire_put_u16(&w, header->flags);
	wire_put_u32(&w, header->session);
}

int frame_header_decode(const uint8_t buf[FRAME_HEADER_SIZE], struct frame_header *ret_header)
{
	struct frame_header header;
	struct wire_reader r;

	wire_read_start(&r, buf, FRAME_HEADER_SIZE);
	header.size = wire_get_u32(&r);
	header.type = wire_get_u16(&r);
	header.flags = wire_get_u16(&r);
	header.session = wire_get_u32(&r);
	if (header.size > FRAME_PAYLOAD_MAX)
		return -EPROTO;
	*ret_header = header;
	return 0;
}

void frame_parser_init(struct frame_parser *parser, uint8_t *buf)
{
	parser->buf = buf;
	parser->have = 0;
}

void frame_parser_reset(struct frame_parser *parser)
{
	parser->have = 0;
}

/* Takes bytes until the parser holds `want`. Returns how many were taken. */
static size_t take(struct frame_parser *parser, size_t want, const uint8_t *data, size_t size)
{
	size_t n = want - parser->have;

	if (n > size)
		n = size;
	if (n == 0)
		return 0;
	memcpy(parser->buf + parser->have, data, n);
	parser->have += n;
	return n;
}

int frame_feed(struct frame_parser *parser, const void *data, size_t size, size_t *ret_used, struct frame *ret_frame)
{
	const uint8_t *bytes = data;
	struct frame_header header;
	size_t used = 0;
	int r;

	if (parser->have < FRAME_HEADER_SIZE)
		used = take(parser, FRAME_HEADER_SIZE, bytes, size);
	if (parser->have < FRAME_HEADER_SIZE) {
		*ret_used = used;
		return 0;
	}
	r = frame_header_decode(parser->buf, &header);
	if (r < 0)
		return r;
	used += take(parser, FRAME_HEADER_SIZE + header.size, bytes + used, size - used);
	*ret_used = used;
	if (parser->have < FRAME_HEADER_SIZE + header.size)
		return 0;
	parser->have = 0;
	ret_frame->header = header;
	ret_frame->payload = parser->buf + FRAME_HEADER_SIZE;
	return 1;
}

void frame_sync_init(struct frame_sync *sync, uint16_t type, uint32_t payload_size,
		     const uint8_t nonce[FRAME_NONCE_SIZE])
{
	struct frame_header header = { .size = payload_size, .type = type };

	frame_header_encode(&header, sync->pattern);
	memcpy(sync->pattern + FRAME_HEADER_SIZE, nonce, FRAME_NONCE_SIZE);
	sync->have = 0;
}

int frame_sync_feed(struct frame_sync *sync, const void *data, size_t size, size_t *ret_used)
{
	const uint8_t *bytes = data;

	for (size_t i = 0; i < size; i++) {
		if (sync->have == sizeof(sync->window)) {
			memmove(sync->window, sync->window + 1, sizeof(sync->window) - 1);
			sync->have--;
		}
		sync->window[sync->have++] = bytes[i];
		if (sync->have == sizeof(sync->window) &&
		    memcmp(sync->window, sync->pattern, sizeof(sync->window)) == 0) {
			sync->have = 0;
			*ret_used = i + 1;
			return 1;
		}
	}
	*ret_used = size;
	return 0;
}
