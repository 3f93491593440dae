/* tty_inside.h: the inside of a terminal: tty.c and tty_ioctl.c only. */
#ifndef UIO_FS_TTY_INSIDE_H
#define UIO_FS_TTY_INSIDE_H

#include "fs/tty.h"
#include "lib/ldisc.h"

#define TTY_OUT_SIZE 256

struct tty {
	struct vnode v;
	const struct tty_ops *ops;	/* NULL: detached */
	void *ctx;
	struct waitq readers, writers;
	struct winsize size;
	int sid, pgid;
	unsigned index, opens;
	bool hung;
	char out[TTY_OUT_SIZE];		/* translated, not yet taken by ops->output */
	size_t out_len;
	char name[16];
	struct ldisc ld;
};

static inline struct tty *tty_from_vnode(const struct vnode *v)
{
	return container_of(v, struct tty, v);
}

/* Hands on what is waiting, unless output is stopped. */
void tty_flush(struct tty *t);
long tty_ioctl(struct file *f, unsigned cmd, uint64_t arg);

#endif
