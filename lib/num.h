/* pure */
/*
 * num.h: numbers as people type them. Every function takes the whole string or refuses it: -EINVAL for text that is no
 * such number (an empty string included), -ERANGE for one that does not fit.
 */
#ifndef LIB_NUM_H
#define LIB_NUM_H

#include <stddef.h>
#include <stdint.h>

/* BASE 2 .. 36, or 0: 0x and a leading 0 choose 16 and 8 as in C. No sign, no blanks. */
int num_parse_u64(const char *s, unsigned base, uint64_t *ret);

/* The same over the first N bytes of S, which needs no NUL. */
int num_parse_u64_n(const char *s, size_t n, unsigned base, uint64_t *ret);

/* A decimal int with an optional sign. */
int num_parse_int(const char *s, int *ret);

/* Bytes: "4096", "0x1000", "64K", "32M", "1G", "1T"; powers of 1024, either case, a B or iB may follow the letter. */
int num_parse_size(const char *s, uint64_t *ret_bytes);
int num_parse_size_n(const char *s, size_t n, uint64_t *ret_bytes);

/* Nanoseconds: "10ns", "5us", "500ms", "10s", "2m", "1h", with up to 9 decimals ("1.5s"); a bare number is seconds. */
int num_parse_duration(const char *s, uint64_t *ret_ns);

/* A whole percentage, "10" or "10%", 0 .. 100. */
int num_parse_percent(const char *s, unsigned *ret_percent);

#endif
