/* pure */
/* siphash.h: SipHash-2-4 (Aumasson, Bernstein, 2012), a hash that who does not know the key cannot steer. */
#ifndef LIB_SIPHASH_H
#define LIB_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

/* The hash of n bytes; the key's words and the result are as the paper's little-endian numbers. */
uint64_t siphash(const uint64_t key[2], const void *bytes, size_t n);

#endif
