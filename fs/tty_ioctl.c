/* tty_ioctl.c: a terminal's modes, size and queues: tty_ioctl(4). */
#include "fs/tty_inside.h"

enum { SIGTTOU = 22 };
enum { TCIFLUSH = 0, TCOFLUSH = 1, TCIOFLUSH = 2 };
enum { TCOOFF = 0, TCOON = 1, TCIOFF = 2, TCION = 3 };

static long put_int(uint64_t to, size_t n)
{
	int v = (int) n;

	return copy_to_user(to, &v, sizeof(v));
}

static long set_modes(struct tty *t, unsigned cmd, uint64_t arg)
{
	struct ldisc_termios modes;

	if (copy_from_user(&modes, arg, sizeof(modes)) < 0)
		return -EFAULT;
	tty_flush(t);
	if (cmd == TCSETSF)
		ldisc_flush(&t->ld);
	ldisc_set_termios(&t->ld, &modes);
	if (!(modes.iflag & LDISC_IXON))
		t->ld.stopped = false;
	waitq_wake_all(&t->readers);
	waitq_wake_all(&t->writers);
	return 0;
}

static long flush_queues(struct tty *t, uint64_t which)
{
	if (which > TCIOFLUSH)
		return -EINVAL;
	if (which != TCOFLUSH) {
		ldisc_flush(&t->ld);
		if (t->ops && t->ops->input_room)
			t->ops->input_room(t->ctx);
	}
	if (which != TCIFLUSH) {
		t->out_len = 0;
		waitq_wake_all(&t->writers);
	}
	return 0;
}

static long flow(struct tty *t, uint64_t action)
{
	if (action > TCION)
		return -EINVAL;
	if (action == TCOOFF || action == TCOON) {
		t->ld.stopped = action == TCOOFF;
		tty_output_ready(t);
	}
	return 0;
}

/* Those that change the terminal for others: not from the background. */
static bool changes(unsigned cmd)
{
	return (cmd >= TCSETS && cmd <= TCSETSF) || cmd == TCXONC || cmd == TCFLSH || cmd == TCSBRK || cmd == TCSBRKP;
}

long tty_ioctl(struct file *f, unsigned cmd, uint64_t arg)
{
	struct tty *t = tty_from_vnode(f->vnode);
	struct winsize size;
	long r = 0;

	if (t->hung)
		return -EIO;
	if (changes(cmd) && tty_jobs)
		r = tty_jobs->check_background(t, SIGTTOU);
	if (r < 0)
		return r;
	switch (cmd) {
	case TCGETS:
		return copy_to_user(arg, &t->ld.termios, sizeof(t->ld.termios));
	case TCSETS:
	case TCSETSW:
	case TCSETSF:
		return set_modes(t, cmd, arg);
	case TIOCGWINSZ:
		return copy_to_user(arg, &t->size, sizeof(t->size));
	case TIOCSWINSZ:
		if (copy_from_user(&size, arg, sizeof(size)) < 0)
			return -EFAULT;
		tty_set_winsize(t, size.ws_row, size.ws_col);
		return 0;
	case FIONREAD:
		return put_int(arg, ldisc_unread(&t->ld));
	case TIOCOUTQ:
		return put_int(arg,
			       t->out_len + (t->ops && t->ops->output_pending ? t->ops->output_pending(t->ctx) : 0));
	case TCFLSH:
		return flush_queues(t, arg);
	case TCXONC:
		return flow(t, arg);
	case TCSBRK:
	case TCSBRKP:
		tty_flush(t);
		return 0;
	case TIOCSCTTY:
	case TIOCNOTTY:
	case TIOCGPGRP:
	case TIOCSPGRP:
	case TIOCGSID:
		return tty_jobs ? tty_jobs->ioctl(t, f, cmd, arg) : -ENOTTY;
	}
	return -ENOTTY;
}
