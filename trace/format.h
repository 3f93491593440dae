/* format.h: text as bpf_trace_printk() and bpf_snprintf() make it. */
#ifndef UIO_TRACE_FORMAT_H
#define UIO_TRACE_FORMAT_H

#include <stddef.h>
#include <stdint.h>

#define FORMAT_MAX 512

/*
 * At most size bytes with the NUL (size may be 0); returns the whole text's length, or -EINVAL: an unknown conversion,
 * or more of them than arguments. Conversions: %d %i %u %x %X %o %p %c %s %% with l, ll, h, hh, z, flags and width; %s
 * reads a string that may be anywhere, and is empty where it cannot be read. The format ends at its NUL or after
 * format_size.
 */
int format_text(char *buf, size_t size, const char *format, size_t format_size, const uint64_t *args, unsigned count);

#endif
