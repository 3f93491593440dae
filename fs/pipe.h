/* pipe.h: pipes and FIFOs: up to 64 KiB of bytes, in page frames taken as they are needed. */
#ifndef UIO_FS_PIPE_H
#define UIO_FS_PIPE_H

#include "fs/vfs.h"

/* Both ends. flags: O_NONBLOCK. */
int pipe_create(uint32_t flags, struct file **ret_reader, struct file **ret_writer);
/* The open operation of a FIFO's node: waits for the other side as fifo(7) says. */
extern const struct file_ops fifo_fops;

#endif
