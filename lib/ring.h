/* pure */
/*
 * ring.h: a ring of bytes over the caller's buffer. head counts the bytes ever taken, tail the bytes ever put.
 * Invariant: tail - head <= size (in 32-bit arithmetic); size is a power of two. No locking.
 */
#ifndef LIB_RING_H
#define LIB_RING_H

#include <stddef.h>
#include <stdint.h>

struct ring {
	uint8_t *data;  /* the caller's, size bytes, outlives the ring */
	uint32_t size;  /* power of two, at most 2^31 */
	uint32_t head;  /* taker only */
	uint32_t tail;  /* putter only */
};

/* Starts an empty ring over BUFFER. -EINVAL if SIZE is no power of two in 1 .. 2^31. */
int ring_init(struct ring *r, void *buffer, size_t size);

/* Forgets the content. */
void ring_clear(struct ring *r);

/* Bytes that can be taken, and bytes that can be put. */
size_t ring_used(const struct ring *r);
size_t ring_space(const struct ring *r);

/* Puts as many of the N bytes as fit; returns how many, 0 .. N. */
size_t ring_put(struct ring *r, const void *bytes, size_t n);

/* Takes at most N bytes into BYTES; returns how many. */
size_t ring_get(struct ring *r, void *bytes, size_t n);

/* As ring_get(), from OFFSET bytes behind the oldest, and leaves the bytes in the ring. */
size_t ring_peek(const struct ring *r, size_t offset, void *bytes, size_t n);

/* Drops at most N of the oldest bytes; returns how many. */
size_t ring_drop(struct ring *r, size_t n);

/*
 * The longest run of stored bytes that lies in one piece, for a caller that hands them on without a copy: its address
 * in *ret_bytes (inside the buffer; valid until the next put or drop) and its length returned, 0 if the ring is empty.
 */
size_t ring_span(const struct ring *r, const uint8_t **ret_bytes);

#endif
