/*
 * util.h: what every part of the uio command needs: messages, memory that cannot fail, small files, sizes and times.
 * Hosted only. Knows nothing of unikernels.
 */
#ifndef HOST_UTIL_H
#define HOST_UTIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#define NS_PER_MS	1000000ull
#define NS_PER_SEC	1000000000ull

/* "uio: TEXT" on stderr; die exits with `status`. */
_Noreturn void die(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));
void warn(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Control bytes of a text from the guest become '?': it goes to somebody's terminal. */
void text_clean(char *text);
/* Prints such a text, of one line or several: newlines and tabs stay. */
void text_print(const char *text, FILE *to);

/* Memory; on exhaustion they end the program. The caller frees. */
void *xcalloc(size_t count, size_t size);
void *xrealloc(void *old, size_t size);
char *xstrdup(const char *s);
char *xasprintf(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A NULL-terminated array of strings that grows. The strings are owned by it. */
struct strv {
	char **v;		/* NULL-terminated; NULL while empty */
	size_t count;
};
void strv_add(struct strv *s, const char *word);
void strv_addf(struct strv *s, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Reads a whole file, adds a 0 byte behind it. Returns 0 or a negative errno. The caller frees *ret_data. */
int file_read(const char *path, char **ret_data, size_t *ret_size);
/* Replaces a file as a whole, by rename. Returns 0 or a negative errno. */
int file_write(const char *path, const void *data, size_t size, mode_t mode);
/* Makes a directory and those above it. Returns 0 or a negative errno. */
int make_dirs(const char *path, mode_t mode);
/* Removes a directory with the plain files and sockets in it. Returns 0 or a negative errno. */
int remove_dir(const char *path);

/* Writes everything, waiting as long as it takes. Returns 0 or a negative errno. */
int write_all(int fd, const void *data, size_t size);

/* Formats into one of a few static buffers: "12.3 MiB"; "5 minutes". */
const char *human_size(uint64_t bytes);
const char *human_age(uint64_t seconds);
/* "KILL", "SIGKILL", "9" → 9. Returns a negative errno if it is no signal. */
int parse_signal(const char *text);

uint64_t monotonic_ns(void);
uint64_t realtime_sec(void);
void sleep_ms(unsigned ms);
void random_bytes(void *buf, size_t size);

#endif
