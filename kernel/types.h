/* types.h: the few types that every folder above lib/ shares. Addresses of different worlds are different types, so
 * that a physical address cannot be dereferenced and a user pointer cannot be mistaken for a kernel one. */
#ifndef UIO_KERNEL_TYPES_H
#define UIO_KERNEL_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/errno.h"
#include "lib/list.h"
#include "lib/str.h"

#define PAGE_SHIFT 12
#define PAGE_SIZE 4096UL
#define PAGE_MASK (PAGE_SIZE - 1)
#define PAGE_ALIGN_UP(x) (((uint64_t) (x) + PAGE_MASK) & ~(uint64_t) PAGE_MASK)
#define PAGE_ALIGN_DOWN(x) ((uint64_t) (x) & ~(uint64_t) PAGE_MASK)

#define NSEC_PER_SEC 1000000000ULL
#define NSEC_PER_MSEC 1000000ULL
#define NSEC_PER_USEC 1000ULL

#ifndef MIN
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))
#endif
#ifndef ARRAY_SIZE
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#endif
#ifndef __printf
#define __printf(a, b) __attribute__((format(printf, a, b)))
#endif

/* A physical address. */
struct paddr {
	uint64_t pa;
};

typedef int64_t off64_t;
#ifndef _SSIZE_T_DECLARED
typedef long kssize_t; /* a byte count, or a negative errno */
#endif

#endif
