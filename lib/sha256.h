/* pure */
/* sha256.h: SHA-256 (FIPS 180-4), in pieces. */
#ifndef LIB_SHA256_H
#define LIB_SHA256_H

#include <stddef.h>
#include <stdint.h>

#define SHA256_SIZE  32
#define SHA256_BLOCK 64

struct sha256 {
	uint32_t state[8];
	uint64_t total; /* bytes so far; total % SHA256_BLOCK of them wait in block[] */
	uint8_t block[SHA256_BLOCK];
};

/* init, then update any number of times, then final, which uses the state up. */
void sha256_init(struct sha256 *s);
void sha256_update(struct sha256 *s, const void *bytes, size_t n);
void sha256_final(struct sha256 *s, uint8_t digest[SHA256_SIZE]);

/* The digest in lower-case hexadecimal with a final NUL. */
void sha256_hex(const uint8_t digest[SHA256_SIZE], char text[2 * SHA256_SIZE + 1]);

#endif
