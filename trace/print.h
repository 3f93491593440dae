/* print.h: lines of bpf_trace_printk(), with the object whose program said them. */
#ifndef UIO_TRACE_PRINT_H
#define UIO_TRACE_PRINT_H

#include <stddef.h>
#include <stdint.h>

#define PRINT_LINE_MAX 512

/* From anywhere, with interrupts off: at most PRINT_LINE_MAX bytes. */
void print_put(uint32_t object, const char *text, size_t n);

/* A reader's place: behind all that was said so far. */
uint64_t print_now(void);
/* The place up to which somebody who reads all objects' lines has read. */
uint64_t *print_events(void);
/* The next line at *at or later that an object (0: any) has said, and moves *at behind it; at most size bytes. 0: there
 * is none. */
size_t print_next(uint64_t *at, uint32_t object, uint32_t *ret_object, char *buf, size_t size);

#endif
