/* print.c: what bpf_trace_printk() says, kept for whoever reads it: each reader has a place of its own, and the oldest
 * lines go when there is no room. */
#include "trace/print.h"

#include "lib/str.h"

#define RING 8192u

/* Before the text of each line. */
struct line {
	uint32_t object, length;
};

static uint8_t ring[RING];
static uint64_t first, end; /* bytes ever: of the oldest line that is kept, behind the newest */
static uint64_t events_at;

static void copy_in(const void *from, size_t n)
{
	for (size_t i = 0; i < n; i++)
		ring[end++ % RING] = ((const uint8_t *)from)[i];
}

static void copy_out(uint64_t at, void *to, size_t n)
{
	for (size_t i = 0; i < n; i++)
		((uint8_t *)to)[i] = ring[(at + i) % RING];
}

void print_put(uint32_t object, const char *text, size_t n)
{
	struct line line = {object, (uint32_t)n}, old;

	while (end + sizeof(line) + n - first > RING) {
		copy_out(first, &old, sizeof(old));
		first += sizeof(old) + old.length;
	}
	copy_in(&line, sizeof(line));
	copy_in(text, n);
}

uint64_t print_now(void)
{
	return end;
}

size_t print_next(uint64_t *at, uint32_t object, uint32_t *ret_object, char *buf, size_t size)
{
	struct line line;

	if (*at < first)
		*at = first;
	while (*at != end) {
		uint64_t text = *at + sizeof(line);

		copy_out(*at, &line, sizeof(line));
		*at = text + line.length;
		if (object && line.object != object)
			continue;
		if (size > line.length)
			size = line.length;
		copy_out(text, buf, size);
		*ret_object = line.object;
		return size;
	}
	return 0;
}

uint64_t *print_events(void)
{
	return &events_at;
}
