/* pure */
/*
 * frame.h: frames on the byte stream of one control port, and how both ends find the first one.
 *
 *	offset	size	field
 *	0	4	size	length of the payload, 0 .. FRAME_PAYLOAD_MAX
 *	4	2	type	enum msg_type (proto/msg.h)
 *	6	2	flags	0 in this version; ignored by a receiver
 *	8	4	session	0: the connection itself; else chosen by the client
 *	12	size	payload
 *
 * All integers are little endian. There is no marker inside a frame: a stream that once lost its place is found again
 * only by opening the port anew (docs/protocol.md, "Opening a connection"):
 *
 *   guest: at every PORT_OPEN control message it ends the port's sessions and skips what it receives until the header
 *of a HELLO. host:  it sends HELLO with a random nonce, again every half second, and skips bytes with frame_sync_feed()
 *until the HELLO_OK that carries the nonce.
 */
#ifndef PROTO_FRAME_H
#define PROTO_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FRAME_HEADER_SIZE	12u
#define FRAME_PAYLOAD_MAX	16384u
#define FRAME_MAX		(FRAME_HEADER_SIZE + FRAME_PAYLOAD_MAX)
#define FRAME_NONCE_SIZE	16u

struct frame_header {
	uint32_t size;		/* of the payload */
	uint16_t type;
	uint16_t flags;
	uint32_t session;
};

struct frame {
	struct frame_header header;
	const uint8_t *payload;	/* header.size bytes inside the parser's buffer, until the next frame_feed() */
};

/* Collects the bytes of one frame at a time. The buffer is the caller's: FRAME_MAX bytes. */
struct frame_parser {
	uint8_t *buf;
	size_t have;		/* bytes of the frame under way, <= FRAME_MAX */
};

/* Finds the HELLO_OK with one nonce in a stream whose place is unknown. */
struct frame_sync {
	uint8_t pattern[FRAME_HEADER_SIZE + FRAME_NONCE_SIZE];
	uint8_t window[FRAME_HEADER_SIZE + FRAME_NONCE_SIZE];
	size_t have;
};

/* Writes the 12 bytes of a header to buf. */
void frame_header_encode(const struct frame_header *header, uint8_t buf[FRAME_HEADER_SIZE]);

/* Reads a header. Returns 0, or -EPROTO when the payload would be longer than FRAME_PAYLOAD_MAX. */
int frame_header_decode(const uint8_t buf[FRAME_HEADER_SIZE], struct frame_header *ret_header);

/* Starts with an empty frame. buf: FRAME_MAX bytes that stay the caller's and must outlive the parser's use. */
void frame_parser_init(struct frame_parser *parser, uint8_t *buf);

/* Forgets a half frame. */
void frame_parser_reset(struct frame_parser *parser);

/*
 * Takes bytes from data until one frame is complete. *ret_used: how many bytes were taken (always set unless an error
 * is returned); call again with the rest.
 * Returns 1 with *ret_frame filled in, 0 when all bytes were taken and the frame is not complete, -EPROTO when the
 * header is impossible: the stream is lost; close the connection.
 */
int frame_feed(struct frame_parser *parser, const void *data, size_t size, size_t *ret_used, struct frame *ret_frame);

/*
 * Client side. Prepares to look for the frame {payload_size, type, 0, session 0} whose payload begins with nonce.
 */
void frame_sync_init(struct frame_sync *sync, uint16_t type, uint32_t payload_size,
		     const uint8_t nonce[FRAME_NONCE_SIZE]);

/*
 * Skips bytes until the header and nonce have gone by. Returns 1 when they have: data[*ret_used] is then the first
 * payload byte after the nonce; 0 when all bytes were skipped without meeting it.
 */
int frame_sync_feed(struct frame_sync *sync, const void *data, size_t size, size_t *ret_used);

#endif
