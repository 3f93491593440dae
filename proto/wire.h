/* pure */
/*
 * wire.h: cursors that read and write the little-endian fields of a message inside a bounded buffer.
 *
 * Both cursors fail for good: once a field does not fit, `error` is set, later calls do nothing (a reader returns
 * zeros and ""), and the caller looks at `error` once, at the end. Nothing outside [start, start + size) is touched.
 *
 * A string on the wire is a u16 length, that many bytes none of which is 0, and one 0 byte; so a checked string is
 * a C string inside the buffer, and lives as long as the buffer does.
 *
 * May be used by proto/ only; knows no message.
 */
#ifndef PROTO_WIRE_H
#define PROTO_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wire_writer {
	uint8_t *start;
	size_t size;
	size_t used;		/* <= size */
	bool error;		/* a field did not fit, or a string held more than 65535 bytes */
};

struct wire_reader {
	const uint8_t *start;
	size_t size;
	size_t at;		/* <= size */
	bool error;		/* the bytes ended too early or a string was malformed */
};

void wire_write_start(struct wire_writer *w, void *buf, size_t size);
void wire_put_bytes(struct wire_writer *w, const void *bytes, size_t size);
void wire_put_u8(struct wire_writer *w, uint8_t value);
void wire_put_u16(struct wire_writer *w, uint16_t value);
void wire_put_u32(struct wire_writer *w, uint32_t value);
void wire_put_u64(struct wire_writer *w, uint64_t value);
/* NULL is written as "". */
void wire_put_string(struct wire_writer *w, const char *string);

void wire_read_start(struct wire_reader *r, const void *buf, size_t size);
/* Returns a pointer to `size` bytes inside the buffer, or NULL (and sets error) when fewer are left. */
const uint8_t *wire_get_bytes(struct wire_reader *r, size_t size);
uint8_t wire_get_u8(struct wire_reader *r);
uint16_t wire_get_u16(struct wire_reader *r);
uint32_t wire_get_u32(struct wire_reader *r);
uint64_t wire_get_u64(struct wire_reader *r);
/* Never NULL: "" after an error. */
const char *wire_get_string(struct wire_reader *r);
/* True if nothing failed and every byte was read. */
bool wire_read_done(const struct wire_reader *r);

#endif
