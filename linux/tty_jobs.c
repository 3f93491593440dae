/* tty_jobs.c: what terminals ask of processes. */
#include "linux/tty_jobs.h"
#include "fs/console.h"
#include "fs/tty.h"
#include "linux/signal.h"

static void signal_group(int pgid, int signo)
{
	(void) signal_send_group(pgid, signo);
}

static struct vnode *controlling(void)
{
	struct process *p = current()->proc;

	return p && p->tty ? tty_vnode(p->tty) : NULL;
}

/* POSIX 3.264: nobody outside the group, but in its session, could continue a stopped member. */
static bool orphaned(int pgid)
{
	struct process *p;

	list_for_each(p, &process_list, all_node)
		if (p->pgid == pgid && p->parent && p->parent->pgid != pgid && p->parent->sid == p->sid)
			return false;
	return true;
}

static int check_background(struct tty *t, int signo)
{
	struct process *p = current()->proc;

	if (!p || p->tty != t || !tty_foreground(t) || p->pgid == tty_foreground(t))
		return 0;
	if (signal_ignored(p, signo) || current()->sig_mask & SIGBIT(signo))
		return signo == SIGTTOU ? 0 : -EIO;
	if (orphaned(p->pgid))
		return -EIO;
	(void) signal_send_group(p->pgid, signo);
	return -ERESTARTSYS;
}

static long acquire(struct process *p, struct tty *t)
{
	if (p->tty == t && tty_session(t) == p->sid)
		return 0;
	if (p->sid != p->pid || p->tty || tty_session(t))
		return -EPERM;
	tty_get(t);
	p->tty = t;
	tty_set_session(t, p->sid, p->pgid);
	return 0;
}

/* The leader takes the terminal away from its whole session. */
static long give_up(struct process *me, struct tty *t)
{
	struct process *p;

	if (me->tty != t)
		return -ENOTTY;
	if (me->sid == me->pid) {
		(void) signal_send_group(tty_foreground(t), SIGHUP);
		(void) signal_send_group(tty_foreground(t), SIGCONT);
		tty_set_session(t, 0, 0);
	}
	list_for_each(p, &process_list, all_node) {
		if (p->tty != t || (p != me && (me->sid != me->pid || p->sid != me->sid)))
			continue;
		p->tty = NULL;
		tty_put(t); /* the open file holds it still */
	}
	return 0;
}

static long set_foreground(struct process *me, struct tty *t, uint64_t arg)
{
	struct process *p;
	int pgid, r;

	if (copy_from_user(&pgid, arg, sizeof(pgid)) < 0)
		return -EFAULT;
	r = check_background(t, SIGTTOU);
	if (r < 0)
		return r;
	if (pgid <= 0)
		return -EINVAL;
	list_for_each(p, &process_list, all_node) {
		if (p->pgid != pgid || p->sid != me->sid)
			continue;
		tty_set_session(t, tty_session(t), pgid);
		return 0;
	}
	return -EPERM;
}

static long jobs_ioctl(struct tty *t, struct file *f, unsigned cmd, uint64_t arg)
{
	struct process *p = current()->proc;
	int v;

	if (cmd == TIOCSCTTY)
		return acquire(p, t);
	if (cmd == TIOCNOTTY)
		return give_up(p, t);
	if (p->tty != t || tty_session(t) != p->sid)
		return -ENOTTY;
	if (cmd == TIOCSPGRP)
		return set_foreground(p, t, arg);
	v = cmd == TIOCGSID ? tty_session(t) : tty_foreground(t);
	return copy_to_user(arg, &v, sizeof(v));
}

static const struct tty_jobs jobs = {
	.signal_group = signal_group,
	.controlling = controlling,
	.check_background = check_background,
	.ioctl = jobs_ioctl,
};

void tty_jobs_register(void)
{
	/* A strong reference: brings the terminal form of the console into the image. */
	struct vnode *(*volatile console)(void) = console_tty_vnode;

	(void) console;
	tty_jobs = &jobs;
}
