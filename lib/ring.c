/* pure */
/* ring.c: the byte ring of ring.h. Copies are at most two pieces: up to the buffer's end, and from its start. */
#include "lib/ring.h"

#include "lib/errno.h"
#include "lib/str.h"

#define RING_SIZE_MAX ((size_t)1 << 31)

static size_t min_size(size_t a, size_t b)
{
	return a < b ? a : b;
}

int ring_init(struct ring *r, void *buffer, size_t size)
{
	if (size == 0 || size > RING_SIZE_MAX || (size & (size - 1)) != 0)
		return -EINVAL;
	r->data = buffer;
	r->size = (uint32_t)size;
	ring_clear(r);
	return 0;
}

void ring_clear(struct ring *r)
{
	r->head = 0;
	r->tail = 0;
}

size_t ring_used(const struct ring *r)
{
	return (uint32_t)(r->tail - r->head);
}

size_t ring_space(const struct ring *r)
{
	return r->size - ring_used(r);
}

size_t ring_put(struct ring *r, const void *bytes, size_t n)
{
	size_t at = r->tail & (r->size - 1);
	size_t first;

	n = min_size(n, ring_space(r));
	if (n == 0)
		return 0;
	first = min_size(n, r->size - at);
	memcpy(r->data + at, bytes, first);
	memcpy(r->data, (const uint8_t *)bytes + first, n - first);
	r->tail += (uint32_t)n;
	return n;
}

size_t ring_peek(const struct ring *r, size_t offset, void *bytes, size_t n)
{
	size_t used = ring_used(r);
	size_t at, first;

	if (offset >= used || n == 0)
		return 0;
	n = min_size(n, used - offset);
	at = (r->head + offset) & (r->size - 1);
	first = min_size(n, r->size - at);
	memcpy(bytes, r->data + at, first);
	memcpy((uint8_t *)bytes + first, r->data, n - first);
	return n;
}

size_t ring_drop(struct ring *r, size_t n)
{
	n = min_size(n, ring_used(r));
	r->head += (uint32_t)n;
	return n;
}

size_t ring_get(struct ring *r, void *bytes, size_t n)
{
	return ring_drop(r, ring_peek(r, 0, bytes, n));
}

size_t ring_span(const struct ring *r, const uint8_t **ret_bytes)
{
	size_t at = r->head & (r->size - 1);
	size_t n = min_size(ring_used(r), r->size - at);

	if (n > 0)
		*ret_bytes = r->data + at;
	return n;
}
