/* pure */
/* sha256.c: FIPS 180-4, sections 4.1.2 (functions), 5.3.3 (initial value) and 6.2.2 (computation). */
#include "lib/sha256.h"

#include "lib/str.h"

#define LENGTH_SIZE 8 /* the message's length in bits, at the end of the last block */

/* 4.2.2: the first 32 bits of the fractional parts of the cube roots of the first 64 primes. */
static const uint32_t K[64] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
	0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
	0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
	0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
	0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
	0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
	0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t rotr(uint32_t v, unsigned n)
{
	return v >> n | v << (32 - n);
}

static uint32_t load_be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void store_be32(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 24);
	p[1] = (uint8_t)(v >> 16);
	p[2] = (uint8_t)(v >> 8);
	p[3] = (uint8_t)v;
}

/* The schedule W is kept as its last 16 words: the guest's stacks are small. */
static void compress(uint32_t state[8], const uint8_t *block)
{
	uint32_t w[16], v[8];

	for (int i = 0; i < 16; i++)
		w[i] = load_be32(block + 4 * i);
	memcpy(v, state, sizeof(v));
	for (int i = 0; i < 64; i++) {
		uint32_t a = v[0], e = v[4];
		uint32_t ch = (e & v[5]) ^ (~e & v[6]);
		uint32_t maj = (a & v[1]) ^ (a & v[2]) ^ (v[1] & v[2]);
		uint32_t t1, t2;

		if (i >= 16) {
			uint32_t w15 = w[(i + 1) % 16], w2 = w[(i + 14) % 16];

			w[i % 16] += (rotr(w15, 7) ^ rotr(w15, 18) ^ w15 >> 3) + w[(i + 9) % 16] +
				     (rotr(w2, 17) ^ rotr(w2, 19) ^ w2 >> 10);
		}
		t1 = v[7] + (rotr(e, 6) ^ rotr(e, 11) ^ rotr(e, 25)) + ch + K[i] + w[i % 16];
		t2 = (rotr(a, 2) ^ rotr(a, 13) ^ rotr(a, 22)) + maj;
		memmove(&v[1], &v[0], 7 * sizeof(v[0]));
		v[4] += t1;
		v[0] = t1 + t2;
	}
	for (int i = 0; i < 8; i++)
		state[i] += v[i];
}

void sha256_init(struct sha256 *s)
{
	static const uint32_t initial[8] = {
		0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
	};

	memcpy(s->state, initial, sizeof(initial));
	s->total = 0;
}

void sha256_update(struct sha256 *s, const void *bytes, size_t n)
{
	const uint8_t *p = bytes;
	size_t have = s->total % SHA256_BLOCK;

	s->total += n;
	while (n > 0) {
		size_t take = SHA256_BLOCK - have < n ? SHA256_BLOCK - have : n;

		if (take == SHA256_BLOCK) {
			compress(s->state, p);
		} else {
			memcpy(s->block + have, p, take);
			have += take;
			if (have == SHA256_BLOCK)
				compress(s->state, s->block);
			have %= SHA256_BLOCK;
		}
		p += take;
		n -= take;
	}
}

void sha256_final(struct sha256 *s, uint8_t digest[SHA256_SIZE])
{
	size_t have = s->total % SHA256_BLOCK;

	s->block[have++] = 0x80;
	if (have > SHA256_BLOCK - LENGTH_SIZE) {
		memset(s->block + have, 0, SHA256_BLOCK - have);
		compress(s->state, s->block);
		have = 0;
	}
	memset(s->block + have, 0, SHA256_BLOCK - LENGTH_SIZE - have);
	store_be32(s->block + 56, (uint32_t)(s->total >> 29));
	store_be32(s->block + 60, (uint32_t)(s->total << 3));
	compress(s->state, s->block);
	for (int i = 0; i < 8; i++)
		store_be32(digest + 4 * i, s->state[i]);
}

void sha256_hex(const uint8_t digest[SHA256_SIZE], char text[2 * SHA256_SIZE + 1])
{
	static const char digits[] = "0123456789abcdef";

	for (int i = 0; i < SHA256_SIZE; i++) {
		text[2 * i] = digits[digest[i] >> 4];
		text[2 * i + 1] = digits[digest[i] & 15];
	}
	text[2 * SHA256_SIZE] = '\0';
}
