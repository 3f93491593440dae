/* kmem.h: kernel heap for objects from 16 bytes to 64 KiB; supervisor-only memory. Larger tables use page_alloc_contig().
 * May be called anywhere in the kernel but in interrupt handlers. */
#ifndef UIO_KERNEL_KMEM_H
#define UIO_KERNEL_KMEM_H

#include "kernel/types.h"

/* Returns memory aligned to 16 bytes, or NULL when there is none or `size` is above 64 KiB. kzalloc() clears it. */
void *kmalloc(size_t size);
void *kzalloc(size_t size);
/* Grows or shrinks; on failure returns NULL and `p` stays valid. krealloc(NULL, n) is kmalloc(n). */
void *krealloc(void *p, size_t size);
/* NULL is allowed. */
void kfree(void *p);
/* A copy of the string (or of its first n bytes, terminated). NULL when there is no memory. */
char *kstrdup(const char *s);
char *kstrndup(const char *s, size_t n);

/* Bytes handed out now, and frames held by the heap. */
void kmem_get_stats(uint64_t *ret_bytes, uint64_t *ret_frames);

#endif
