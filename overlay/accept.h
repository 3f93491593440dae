/* accept.h: images that accept only programs whose SHA-256 is on a list, which uio-cc --accept links into them. accept.c
 * comes along with the list; without it these functions are not there, and every program is accepted. */
#ifndef UIO_OVERLAY_ACCEPT_H
#define UIO_OVERLAY_ACCEPT_H

#include "fs/vfs.h"
#include "lib/sha256.h"

struct program;

/* Asked before a program's file is loaded, also for execve, which `path` is for. *ret is the file to load in its place, with a
 * reference: a sealed one, so that what runs is what was hashed. -EACCES with a line in `error` (size) that names file and
 * hash (of an execve the program's standard error and the events have it, too); or another negative errno. Calls
 * kernel_relax(). */
int accept_image(struct program *p, struct vnode *image, const char *path, struct vnode **ret, char *error, size_t size)
	__attribute__((weak));

/* Whether what has this hash is on the list: 0, or -EACCES with the line. For eBPF objects, which are sealed already. */
int accept_hash(const char *name, const uint8_t sha256[SHA256_SIZE], char *error, size_t size) __attribute__((weak));

#endif
