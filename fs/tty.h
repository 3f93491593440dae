/* tty.h: a terminal: the line discipline (lib/ldisc.h) between a byte channel and programs, with window size, session
 * and foreground process group. A tty lives while its owner or an open file or a process (controlling terminal) holds
 * it. */
#ifndef UIO_FS_TTY_H
#define UIO_FS_TTY_H

#include "fs/vfs.h"

struct tty;
struct tty_ops {
	/* Bytes towards the operator: takes as many as it can now, 0..n; tty_output_ready() when there
	 * is room again. */
	size_t (*output)(void *ctx, const char *bytes, size_t n);
	/* Bytes not yet sent, for TIOCOUTQ. NULL: 0. */
	size_t (*output_pending)(void *ctx);
	/* Input that tty_input() could not take may be offered again. NULL allowed. */
	void (*input_room)(void *ctx);
	/* No program has it open any longer. NULL allowed. */
	void (*closed)(void *ctx);
};

int tty_create(const struct tty_ops *ops, void *ctx, const char *name, struct tty **ret);
void tty_get(struct tty *t);
void tty_put(struct tty *t);	/* NULL is allowed */
/* The owner lets go of the channel: no callback is made after this. Implies tty_hangup(). */
void tty_detach(struct tty *t);
/* Typed bytes; returns how many were taken. May send SIGINT, SIGQUIT, SIGTSTP to the foreground group. Not from
 * interrupts. */
size_t tty_input(struct tty *t, const char *bytes, size_t n);
/* The operator is gone: SIGHUP and SIGCONT to the session's leader's group and the foreground; reads
 * end, writes EIO. */
void tty_hangup(struct tty *t);
void tty_output_ready(struct tty *t);
/* A changed size sends SIGWINCH to the foreground group. */
void tty_set_winsize(struct tty *t, unsigned rows, unsigned cols);
int tty_open(struct tty *t, uint32_t flags, struct file **ret);
/* What an open file of the tty has as its vnode; no reference is given. */
struct vnode *tty_vnode(struct tty *t);
/* The tty behind an open file, or NULL. */
struct tty *tty_of_file(const struct file *f);
struct file_ops;
extern const struct file_ops tty_fops;

/* Whose terminal it is; linux/ and the overlay set these. 0: none. */
int tty_session(const struct tty *t);
int tty_foreground(const struct tty *t);
void tty_set_session(struct tty *t, int sid, int pgid);
const char *tty_name(const struct tty *t);
unsigned tty_index(const struct tty *t);	/* minor number for /proc/PID/stat: MAKEDEV(136, index) */

/* What a terminal asks of the process world; linux/tty_jobs.c fills it in. NULL: no job control. */
struct tty_jobs {
	void (*signal_group)(int pgid, int signo);
	/* The vnode of the current process's terminal, without a reference, or NULL. */
	struct vnode *(*controlling)(void);
	/* A background access by the current process: sends `signo` (SIGTTIN, SIGTTOU) to its group unless ignored or
	 * blocked. 0: go ahead (foreground, or another terminal, or SIGTTOU ignored); -EIO; -ERESTARTSYS: stopped. */
	int (*check_background)(struct tty *t, int signo);
	long (*ioctl)(struct tty *t, struct file *f, unsigned cmd, uint64_t arg); /* TIOCSCTTY, NOTTY, S/GPGRP, GSID */
};
extern const struct tty_jobs *tty_jobs;

#endif
