/* pure */
/*
 * str.h: the eight memory and string functions that every part of uIO may use. They behave as C11 7.24 says.
 * The bodies are musl's in the guest and the C library's in hosted builds; this header only declares them, so that
 * pure files need no hosted <string.h>.
 */
#ifndef LIB_STR_H
#define LIB_STR_H

#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t n);
void *memmove(void *to, const void *from, size_t n);
void *memset(void *at, int byte, size_t n);
int memcmp(const void *a, const void *b, size_t n);
size_t strlen(const char *s);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);
char *strchr(const char *s, int c);

#endif
