/* pure */
/*
 * fmt.h: formatted text into a caller's buffer, without floating point or allocation.
 *
 * Conversions: %s %c %d %i %u %x %X %o %p %%, the length modifiers l ll z (and h hh, which change nothing), the flags
 * '-' and '0', a width and, for %s, a precision; either may be '*'. %p prints 0x and 16 digits. A null %s prints
 * "(null)". An unknown conversion is copied as it stands.
 */
#ifndef LIB_FMT_H
#define LIB_FMT_H

#include <stdarg.h>
#include <stddef.h>

/*
 * Writes at most SIZE bytes with the final NUL, which is always there when SIZE > 0, and returns the length that the
 * whole text has without it, as C11 7.21.6.5 snprintf does. BUF may be null if SIZE is 0.
 */
int fmt_vsnprintf(char *buf, size_t size, const char *format, va_list args);
int fmt_snprintf(char *buf, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* A sink for text in pieces: called in order, never with n == 0. */
typedef void (*fmt_sink)(void *ctx, const char *text, size_t n);

/* The same text, handed to SINK piece by piece; no buffer is needed. Returns the length of the text. */
int fmt_vprintf(fmt_sink sink, void *ctx, const char *format, va_list args);

#endif
