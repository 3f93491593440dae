/* sys_ident_session.c: process groups and sessions. */
#include "fs/tty.h"
#include "linux/process.h"
#include "linux/sys_proc.h"

static struct process *by_pid(int pid)
{
	return pid ? process_find(pid) : current()->proc;
}

static bool group_in_session(int pgid, int sid)
{
	struct process *p;

	list_for_each(p, &process_list, all_node)
		if (p->pgid == pgid && p->sid == sid)
			return true;
	return false;
}

long sys_setpgid(int pid, int pgid)
{
	struct process *self = current()->proc, *p = by_pid(pid);

	if (pgid < 0)
		return -EINVAL;
	if (!p || (p != self && p->parent != self))
		return -ESRCH;
	if (!pgid)
		pgid = p->pid;
	if (p->sid != self->sid || p->sid == p->pid)
		return -EPERM;
	if (pgid != p->pid && !group_in_session(pgid, p->sid))
		return -EPERM;
	p->pgid = pgid;
	return 0;
}

long sys_getpgid(int pid)
{
	struct process *p = by_pid(pid);

	return p ? p->pgid : -ESRCH;
}

long sys_getpgrp(void)
{
	return current()->proc->pgid;
}

/* A program that starts a session of its own stays under the limits and grants it has; those are not the session's. */
long sys_setsid(void)
{
	struct process *p = current()->proc, *other;
	struct tty *tty = p->tty;

	list_for_each(other, &process_list, all_node)
		if (other->pgid == p->pid)
			return -EPERM;
	p->sid = p->pgid = p->pid;
	p->tty = NULL;
	tty_put(tty);
	return p->sid;
}

long sys_getsid(int pid)
{
	struct process *p = by_pid(pid);

	return p ? p->sid : -ESRCH;
}
