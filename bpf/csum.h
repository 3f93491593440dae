/* pure */
/* csum.h: the Internet's checksum (RFC 1071) over bytes in memory's order. */
#ifndef BPF_CSUM_H
#define BPF_CSUM_H

#include <stddef.h>
#include <stdint.h>

/* The sum of the 16-bit words of SIZE bytes (an odd last byte counts with a zero behind it), and SEED, in 64 bits that
 * csum_fold() makes a checksum of. SIZE: up to 4 GiB. */
uint64_t csum_add(uint64_t seed, const void *bytes, size_t size);

/* The sum in 16 bits, by adding what is carried out; not inverted. 0 only if nothing but zeros was added. */
uint16_t csum_fold(uint64_t sum);

/* Helper csum_diff: what a checksum that began as SEED becomes when the bytes TO take the place of FROM; either may be
 * empty. As Linux's since 6.13: folded to 16 bits. */
uint32_t csum_diff(const void *from, size_t from_size, const void *to, size_t to_size, uint32_t seed);

#endif
