/*
 * copy.h: files to and from the guest: PUSH, PULL and LIST, and trees of them.
 */
#ifndef HOST_COPY_H
#define HOST_COPY_H

#include "host/client.h"
#include "lib/sha256.h"

/* The SHA-256 of a file on the host. Returns 0 or a negative errno. */
int copy_hash(const char *path, uint8_t digest[SHA256_SIZE], uint64_t *ret_size);

/* Pushes the file `path` as a program. Returns 0, or a negative errno with *ret_text (the caller frees it). */
int copy_push_program(struct client *c, const char *path, char **ret_text);

/*
 * Host to guest and back, folders with all that is in them. An existing folder as target takes the source in under its
 * own name, as cp does. Returns 0, or a negative errno with *ret_text.
 */
int copy_to_guest(struct client *c, const char *from, const char *to, char **ret_text);
int copy_from_guest(struct client *c, const char *from, const char *to, char **ret_text);

#endif
