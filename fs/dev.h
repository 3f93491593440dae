/* dev.h: the character devices of /dev. */
#ifndef UIO_FS_DEV_H
#define UIO_FS_DEV_H

#include "fs/vfs.h"

/* Opens by the node's device number; -ENXIO for one that nothing serves. */
extern const struct file_ops dev_fops;
/* Makes /dev's nodes and links in the mounted root. */
void dev_populate(void);

#endif
