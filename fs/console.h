/* console.h: the application's console: the virtio port "uio.console", or the serial port where there is none. */
#ifndef UIO_FS_CONSOLE_H
#define UIO_FS_CONSOLE_H

#include "fs/vfs.h"

/* A new open file, read and write: a plain byte stream, no terminal; or, with the boot option uio.tty=1 and
 * fs/console_tty.c in the image, a terminal. */
int console_open(struct file **ret);
/* What such a file has as its vnode; no reference is given. */
struct vnode *console_vnode(void);
/* fs/console_tty.c, which an image with the overlay has; NULL: no memory. console.c alone refers to it weakly. */
struct vnode *console_tty_vnode(void);

/* Finds the port; the first call counts. */
void console_init(void);
/* Bytes that have come in, up to n; 0: none now. console_readers() is woken when there are more. */
size_t console_take(char *bytes, size_t n);
struct waitq *console_readers(void);
/* Where input ends: after this many bytes since boot, reads give 0. With the boot option uio.stdin=0 that
 * is at once. */
void console_set_end(uint64_t bytes);
bool console_at_end(void);
/* Takes as many bytes as there is room for. NULL from console_writers(): always all. */
size_t console_give(const char *bytes, size_t n);
struct waitq *console_writers(void);
/* The port, or NULL: the serial port. */
struct vport *console_port(void);
/* Writes all of it, waiting for room. */
void console_write(const char *bytes, size_t n);

#endif
