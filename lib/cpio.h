/* pure */
/*
 * cpio.h: reads a cpio archive in the "newc" format (magic 070701, or 070702 with checksums; cpio(5), Linux
 * Documentation/driver-api/early-userspace/buffer-format.rst) that lies in memory. Nothing is copied: names and data
 * point into the image. Every size is checked; a broken archive gives -EBADMSG and nothing outside the image is read.
 */
#ifndef LIB_CPIO_H
#define LIB_CPIO_H

#include <stddef.h>
#include <stdint.h>

struct cpio {
	const uint8_t *image; /* the caller's, size bytes, outlives the entries */
	size_t size;
	size_t offset; /* of the next header */
};

struct cpio_entry {
	const char *name; /* NUL-terminated, not empty, as stored: "./bin/ls", "bin/ls" or "/bin/ls" */
	uint32_t mode;    /* as st_mode */
	uint32_t uid, gid;
	uint32_t mtime; /* seconds since 1970 */
	uint32_t nlink;
	uint32_t ino; /* names with one ino and device are one file; its data is at the last of them */
	uint32_t dev_major, dev_minor;
	uint32_t rdev_major, rdev_minor;
	const void *data; /* a symbolic link's target is its data, without a NUL */
	uint32_t data_size;
};

/* Starts at the first entry. An empty image is an archive without entries. */
void cpio_open(struct cpio *c, const void *image, size_t size);

/* 1 and the next entry in *ret; 0 at the trailer or the end of the image; -EBADMSG if the archive is damaged. */
int cpio_next(struct cpio *c, struct cpio_entry *ret);

#endif
