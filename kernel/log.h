/* log.h: the kernel's log. Lines go to the serial port and stay in a ring that /dev/kmsg and the shell's `log` read.
 * May be called anywhere, interrupt handlers included. */
#ifndef UIO_KERNEL_LOG_H
#define UIO_KERNEL_LOG_H

#include "kernel/types.h"

/* Writes one line, "[seconds.micros] TEXT\n"; no newline in fmt. Formats: see lib/fmt.h. At most 200 bytes. */
void klog(const char *fmt, ...) __printf(1, 2);
/* The same without the ring or the time stamp, a piece of a line; for panic and early boot. */
void kprint_raw(const char *text, size_t len);

/* Copies log text from absolute position *pos on (positions count all bytes ever logged; a position that has been
 * overwritten moves to the oldest byte). Returns the number of bytes copied and advances *pos. */
size_t log_read(uint64_t *pos, char *buf, size_t size);

/* Where bytes go besides the ring; the serial driver sets it at boot. */
extern void (*log_sink)(const char *text, size_t len);

#endif
