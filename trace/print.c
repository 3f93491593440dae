/* print.c: what bpf_trace_printk() says, kept until a client takes it; the oldest goes when there is no room. */
#include "trace/run.h"

#include "lib/str.h"

#define RING 8192u

static char ring[RING];
static uint32_t put, taken; /* bytes ever */
void (*print_notify)(void);

void print_put(const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		ring[put++ % RING] = text[i];
		if (put - taken > RING)
			taken++;
	}
	if (print_notify)
		print_notify();
}

size_t print_take(char *buf, size_t size)
{
	size_t n = 0;

	while (n < size && taken != put)
		buf[n++] = ring[taken++ % RING];
	return n;
}
