/* ramfs.h: a file system in memory. Files are page frames that mappings share. What nodes, names and pages take is
 * counted against the mount's limit (-ENOSPC). */
#ifndef UIO_FS_RAMFS_H
#define UIO_FS_RAMFS_H

#include "fs/vfs.h"

/* A new, empty, unmounted file system that holds at most `limit` bytes. */
int ramfs_create(uint64_t limit, struct mount **ret);
void ramfs_set_limit(struct mount *m, uint64_t limit);

/* Gives an empty regular file its first content without a copy: `data` lives for ever and is read in place until a page
 * of it is written or mapped (the initrd). */
void ramfs_set_rom(struct vnode *v, const void *data, uint64_t size);

#endif
