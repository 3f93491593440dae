/* procfs_fd.c: /proc/PID/fd and fdinfo. */
#include "lib/fmt.h"
#include "linux/fd.h"
#include "linux/procfs_pid.h"

static struct file *file_of(const struct proc_key *k)
{
	struct process *p = procfs_process(k);

	return p ? fdtable_peek(p->files, (unsigned) k->n, NULL) : NULL;
}

static bool next_fd(const struct proc_key *k, int *n, struct proc_key *ret)
{
	struct process *p = procfs_process(k);

	for (unsigned fd = (unsigned) *n; p && p->files && fd < p->files->size; fd++) {
		if (!fdtable_peek(p->files, fd, NULL))
			continue;
		*n = (int) fd;
		*ret = (struct proc_key){ .pid = k->pid, .n = (int) fd };
		return true;
	}
	return false;
}

static kssize_t link_fd(const struct proc_key *k, char *buf, size_t size)
{
	struct file *f = file_of(k);
	char name[48];
	size_t n;

	if (!f)
		return -ENOENT;
	if (f->vnode->mount)
		return procfs_vnode_path(f->vnode, buf, size);
	if (S_ISCHR(f->vnode->mode))
		fmt_snprintf(name, sizeof(name), "/dev/%s", f->vnode->name ? f->vnode->name : "console");
	else
		fmt_snprintf(name, sizeof(name), "%s:[%llu]", S_ISFIFO(f->vnode->mode) ? "pipe" :
			     (f->vnode->mode & S_IFMT) == S_IFSOCK ? "socket" : "anon_inode",
			     (unsigned long long) f->vnode->ino);
	n = MIN(strlen(name), size);
	memcpy(buf, name, n);
	return (kssize_t) n;
}

/* What another process has open is out of a program's reach: it may be the application's console, or a pipe. */
static int follow_fd(const struct proc_key *k, struct vnode **ret)
{
	struct process *me = current()->proc;
	struct file *f = file_of(k);

	if (!f)
		return -ENOENT;
	if (me && k->pid != me->pid && !process_may(me, GRANT_FS_RW, "open another process's descriptor"))
		return -EACCES;
	/* What has no name lives as long as its own program: a session's streams end with it. */
	if (me && me->restricted && !f->vnode->mount && procfs_process(k)->overlay != me->overlay)
		return -EACCES;
	*ret = vnode_get(f->vnode);
	return 0;
}

static void show_fdinfo(struct proc_text *t, const struct proc_key *k)
{
	struct file *f = file_of(k);

	if (f)
		proc_printf(t, "pos:\t%llu\nflags:\t0%o\nmnt_id:\t%u\n", (unsigned long long) f->pos, f->flags,
			    f->vnode->mount ? (unsigned) f->vnode->mount->dev & 0xff : 0);
}

const struct proc_many procfs_fds = { { .mode = S_IFLNK | 0700, .link = link_fd, .follow = follow_fd }, next_fd };
const struct proc_many procfs_fdinfos = { { .mode = S_IFREG | 0400, .show = show_fdinfo }, next_fd };
