/* cpiofs.h: the initrd's files in the root file system. */
#ifndef UIO_FS_CPIOFS_H
#define UIO_FS_CPIOFS_H

#include "kernel/types.h"

/* Makes what the archive describes below "/". File content is read in place: `image` lives for ever. What cannot be
 * made is named in the log and left out. */
void cpio_unpack(const void *image, size_t size);

#endif
