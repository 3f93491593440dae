/* pure */
/* wrpkru_scan.c: the search of wrpkru_scan.h. */
#include "overlay/wrpkru_scan.h"

#define EDGE (WRPKRU_SIZE - 1)

static const uint8_t wrpkru[WRPKRU_SIZE] = { 0x0f, 0x01, 0xef };

/* True if one of the eight bytes is the sequence's last one. */
static bool has_last(const uint8_t *p)
{
	const uint64_t ones = 0x0101010101010101, tops = 0x8080808080808080;
	uint64_t w;

	__builtin_memcpy(&w, p, sizeof(w)); /* one instruction; freestanding, memcpy() is a call */
	w ^= ones * wrpkru[2];
	return (w - ones) & ~w & tops; /* a zero byte borrows */
}

/* The first occurrence within the N bytes at P, or -1. Programs are megabytes, so most bytes are looked at by eights. */
static int64_t find(const uint8_t *p, size_t n)
{
	for (size_t i = EDGE; i < n; i++) {
		while (n - i >= sizeof(uint64_t) && !has_last(p + i))
			i += sizeof(uint64_t);
		if (i < n && p[i] == wrpkru[2] && p[i - 1] == wrpkru[1] && p[i - 2] == wrpkru[0])
			return (int64_t)(i - EDGE);
	}
	return -1;
}

/* Searches around a border: LEFT's last bytes and RIGHT's first ones. Returns the offset from the border, or 1. */
static int64_t find_across(const uint8_t *left, size_t left_n, const uint8_t *right, size_t right_n)
{
	uint8_t joined[2 * EDGE];
	size_t n = 0;
	size_t from = left_n > EDGE ? left_n - EDGE : 0;
	size_t taken = left_n - from;
	int64_t at;

	for (size_t i = from; i < left_n; i++)
		joined[n++] = left[i];
	for (size_t i = 0; i < right_n && i < EDGE; i++)
		joined[n++] = right[i];
	at = find(joined, n);
	return at < 0 ? 1 : at - (int64_t)taken;
}

bool wrpkru_find(const uint8_t *before, size_t before_n, const uint8_t *code, size_t n, const uint8_t *after,
		 size_t after_n, int64_t *ret_offset)
{
	uint8_t joined[EDGE + 1 + EDGE];
	size_t lead, k = 0;
	int64_t at;

	if (n == 0)
		return false;
	if (n == 1) {
		/* One byte between two neighbours: the only case in which a match spans all three. */
		lead = before_n > EDGE ? EDGE : before_n;
		for (size_t i = 0; i < lead; i++)
			joined[k++] = before[before_n - lead + i];
		joined[k++] = code[0];
		for (size_t i = 0; i < after_n && i < EDGE; i++)
			joined[k++] = after[i];
		at = find(joined, k);
		if (at < 0)
			return false;
		*ret_offset = at - (int64_t)lead;
		return true;
	}
	at = find_across(before, before_n, code, n);
	if (at < 0) {
		*ret_offset = at;
		return true;
	}
	at = find(code, n);
	if (at >= 0) {
		*ret_offset = at;
		return true;
	}
	at = find_across(code, n, after, after_n);
	if (at < 0) {
		*ret_offset = (int64_t)n + at;
		return true;
	}
	return false;
}
