/* ninep.h: a 9P2000.L file system: a directory of the host. Nothing is cached but what is open: names and attributes
 * are asked for each time, so the guest sees the host's changes and the other way round. */
#ifndef UIO_FS_NINEP_H
#define UIO_FS_NINEP_H

#include "fs/vfs.h"

/* Attaches to the device with this mount tag. -ENOENT: none, -EBUSY: mounted already, -EPROTO:
 * speaks something else. */
int ninep_create(const char *tag, struct mount **ret);

/* What was asked of all servers since boot, and answered. Reads and writes are those of files' data, mapped ones' too;
 * requests are all, for names and attributes as well. */
extern struct ninep_stats {
	uint64_t reads, read_bytes, writes, write_bytes, requests;
} ninep_stats;

#endif
