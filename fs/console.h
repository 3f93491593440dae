/* console.h: the application's console as an open file: a plain byte stream, small enough for every image. */
#ifndef UIO_FS_CONSOLE_H
#define UIO_FS_CONSOLE_H

#include "fs/vfs.h"

/* What carries the bytes. A console driver that wants to be it sets console_port at boot; without one, output goes where
 * the log goes and input is at its end. */
struct console_port {
	size_t (*write)(const char *bytes, size_t n);	/* takes as many as it can now */
	size_t (*read)(char *bytes, size_t n);		/* gives as many as there are now */
	bool (*closed)(void);				/* the other side is gone and all input has been read; NULL: never */
	struct waitq *readable, *writable;
};
extern const struct console_port *console_port;

/* A new open file, read and write. When boot option uio.tty=1 is given and fs/console_tty.c is in the image, a terminal. */
int console_open(struct file **ret);
/* Overridden by fs/console_tty.c. */
int console_tty_open(struct file **ret) __attribute__((weak));
/* Writes all of it from the kernel, waiting for room. */
void console_write(const char *bytes, size_t n);

#endif
