/* pure */
/*
 * wire.c: bounded little-endian reading and writing. See wire.h.
 */
#include "proto/wire.h"

#include "lib/str.h"

void wire_write_start(struct wire_writer *w, void *buf, size_t size)
{
	*w = (struct wire_writer) { .start = buf, .size = size };
}

void wire_put_bytes(struct wire_writer *w, const void *bytes, size_t size)
{
	if (w->error || size > w->size - w->used) {
		w->error = true;
		return;
	}
	if (size == 0)
		return;
	memcpy(w->start + w->used, bytes, size);
	w->used += size;
}

static void put_le(struct wire_writer *w, uint64_t value, size_t size)
{
	uint8_t bytes[8];

	for (size_t i = 0; i < size; i++)
		bytes[i] = (uint8_t)(value >> (8 * i));
	wire_put_bytes(w, bytes, size);
}

void wire_put_u8(struct wire_writer *w, uint8_t value)
{
	put_le(w, value, 1);
}

void wire_put_u16(struct wire_writer *w, uint16_t value)
{
	put_le(w, value, 2);
}

void wire_put_u32(struct wire_writer *w, uint32_t value)
{
	put_le(w, value, 4);
}

void wire_put_u64(struct wire_writer *w, uint64_t value)
{
	put_le(w, value, 8);
}

void wire_put_string(struct wire_writer *w, const char *string)
{
	size_t len = string ? strlen(string) : 0;

	if (len > UINT16_MAX) {
		w->error = true;
		return;
	}
	wire_put_u16(w, (uint16_t)len);
	wire_put_bytes(w, string, len);
	wire_put_u8(w, 0);
}

void wire_read_start(struct wire_reader *r, const void *buf, size_t size)
{
	*r = (struct wire_reader) { .start = buf, .size = size };
}

const uint8_t *wire_get_bytes(struct wire_reader *r, size_t size)
{
	const uint8_t *bytes;

	if (r->error || size > r->size - r->at) {
		r->error = true;
		return NULL;
	}
	bytes = r->start + r->at;
	r->at += size;
	return bytes;
}

static uint64_t get_le(struct wire_reader *r, size_t size)
{
	const uint8_t *bytes = wire_get_bytes(r, size);
	uint64_t value = 0;

	if (!bytes)
		return 0;
	for (size_t i = 0; i < size; i++)
		value |= (uint64_t)bytes[i] << (8 * i);
	return value;
}

uint8_t wire_get_u8(struct wire_reader *r)
{
	return (uint8_t)get_le(r, 1);
}

uint16_t wire_get_u16(struct wire_reader *r)
{
	return (uint16_t)get_le(r, 2);
}

uint32_t wire_get_u32(struct wire_reader *r)
{
	return (uint32_t)get_le(r, 4);
}

uint64_t wire_get_u64(struct wire_reader *r)
{
	return get_le(r, 8);
}

const char *wire_get_string(struct wire_reader *r)
{
	size_t len = wire_get_u16(r);
	const uint8_t *bytes = wire_get_bytes(r, len + 1);

	if (!bytes)
		return "";
	/* The 0 byte must be the first one, or the length and the C string would disagree. */
	for (size_t i = 0; i < len; i++)
		if (bytes[i] == 0)
			r->error = true;
	if (bytes[len] != 0)
		r->error = true;
	return r->error ? "" : (const char *)bytes;
}

bool wire_read_done(const struct wire_reader *r)
{
	return !r->error && r->at == r->size;
}
