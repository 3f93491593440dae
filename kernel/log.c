/* log.c: see log.h. */
#include "kernel/log.h"

#include <stdarg.h>

#include "kernel/clock.h"
#include "lib/fmt.h"

#define LOG_SIZE 4096 /* a power of two */
#define LINE_MAX 220

static char ring[LOG_SIZE];
static uint64_t logged; /* bytes ever */
void (*log_sink)(const char *text, size_t len);
bool log_has_time; /* set once the clock runs */

void kprint_raw(const char *text, size_t len)
{
	if (log_sink)
		log_sink(text, len);
}

void klog(const char *fmt, ...)
{
	char line[LINE_MAX];
	uint64_t us = log_has_time ? clock_monotonic_ns() / NSEC_PER_USEC : 0;
	va_list ap;
	int n, m;

	n = fmt_snprintf(line, sizeof(line), "[%lu.%06lu] ", us / 1000000, us % 1000000);
	va_start(ap, fmt);
	m = fmt_vsnprintf(line + n, sizeof(line) - 1 - n, fmt, ap);
	va_end(ap);
	n += MIN(m, (int) sizeof(line) - 2 - n);
	line[n++] = '\n';
	for (int i = 0; i < n; i++) {
		/* Names in it come from programs: a terminal must not obey them, and a line is one line. */
		if ((uint8_t) (line[i] - ' ') > '~' - ' ' && i < n - 1)
			line[i] = '?';
		ring[logged++ % LOG_SIZE] = line[i];
	}
	kprint_raw(line, n);
}

size_t log_read(uint64_t *pos, char *buf, size_t size)
{
	size_t n = 0;

	if (*pos > logged)
		*pos = logged;
	if (logged - *pos > LOG_SIZE)
		*pos = logged - LOG_SIZE;
	while (n < size && *pos < logged)
		buf[n++] = ring[(*pos)++ % LOG_SIZE];
	return n;
}
