/* peek.h: reading memory that may not be there, for programs. Nothing is brought in: the kernel may be in the middle of
 * just that. */
#ifndef UIO_TRACE_PEEK_H
#define UIO_TRACE_PEEK_H

#include "kernel/types.h"

/* 0, or -EFAULT and zeroes. */
int peek(void *to, uint64_t from, size_t len);
/* A string and its NUL, cut to size bytes (which include a NUL then): its length with the NUL, or -EFAULT and zeroes.
 */
int peek_string(char *to, uint64_t from, size_t size);

#endif
