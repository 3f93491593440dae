/* pure */
/* csum.c: see csum.h. */
#include "bpf/csum.h"

#include "lib/str.h"

uint64_t csum_add(uint64_t seed, const void *bytes, size_t size)
{
	const uint8_t *at = bytes;
	/* Words of 32 bits need no carry here: there are fewer than 2^32. */
	uint64_t sum = 0;
	uint32_t word;

	for (; size >= 4; at += 4, size -= 4) {
		memcpy(&word, at, 4);
		sum += word;
	}
	word = 0;
	memcpy(&word, at, size);
	sum += word;
	sum += seed;
	return sum < seed ? sum + 1 : sum;
}

/* 64 bits to 32: what is carried out comes in again. */
static uint32_t fold32(uint64_t sum)
{
	sum = (sum >> 32) + (uint32_t)sum;
	return (uint32_t)((sum >> 32) + sum);
}

uint16_t csum_fold(uint64_t sum)
{
	uint32_t half = fold32(sum);

	half = (half >> 16) + (half & 0xffff);
	return (uint16_t)((half >> 16) + half);
}

uint32_t csum_diff(const void *from, size_t from_size, const void *to, size_t to_size, uint32_t seed)
{
	uint64_t sum;

	/* 0 and 0xffff are the same number: so that it is Linux's, the order is Linux's, too. */
	if (from_size && !to_size)
		return csum_fold(~fold32(csum_add((uint32_t)~seed, from, from_size)));
	sum = fold32(csum_add(seed, to, to_size));
	/* Subtracting is adding the complement. */
	if (from_size)
		sum += (uint32_t)~fold32(csum_add(0, from, from_size));
	return csum_fold(sum);
}
