/* ninep.h: a 9P2000.L file system: a directory of the host. Nothing is cached but what is open: names and attributes
 * are asked for each time, so the guest sees the host's changes and the other way round. */
#ifndef UIO_FS_NINEP_H
#define UIO_FS_NINEP_H

#include "fs/vfs.h"

/* Attaches to the device with this mount tag. -ENOENT: none, -EBUSY: mounted already, -EPROTO:
 * speaks something else. */
int ninep_create(const char *tag, struct mount **ret);

#endif
