/* procfs_pid.c: /proc/PID: the tree. What its bigger files say: procfs_stat.c, procfs_maps.c; descriptors: procfs_fd.c.
 */
#include "linux/procfs_pid.h"
#include "kernel/kmem.h"
#include "lib/fmt.h"

struct process *procfs_process(const struct proc_key *k)
{
	return process_find(k->pid);
}

static void show_cmdline(struct proc_text *t, const struct proc_key *k)
{
	struct process *p = procfs_process(k);

	if (p && p->args)
		proc_write(t, p->args, p->args_len);
}

static void show_comm(struct proc_text *t, const struct proc_key *k)
{
	struct process *p = procfs_process(k);

	if (p)
		proc_printf(t, "%s\n", p->comm);
}

static void show_wchan(struct proc_text *t, const struct proc_key *k)
{
	struct process *p = procfs_process(k);
	struct thread *th = p ? list_first(&p->threads, struct thread, proc_node) : NULL;

	proc_printf(t, "%s", th && th->state == THREAD_BLOCKED && th->wait_why ? th->wait_why : "0");
}

static void show_mounts(struct proc_text *t, const struct proc_key *k)
{
	struct process *p = procfs_process(k);
	struct mount *m;

	vfs_automount_all(); /* blocks: p may be gone */
	p = procfs_process(k);
	list_for_each(m, &mount_list, node)
		if (!m->restricted_only || (p && p->restricted))
			proc_printf(t, "%s %s %s %s 0 0\n", m->source, m->target, m->type, m->readonly ? "ro" : "rw");
}

static kssize_t link_text(char *buf, size_t size, const char *text)
{
	size_t n = MIN(strlen(text), size);

	memcpy(buf, text, n);
	return (kssize_t) n;
}

kssize_t procfs_vnode_path(struct vnode *v, char *buf, size_t size)
{
	char *path = kmalloc(PATH_MAX);
	int n = path ? vfs_path_of(NULL, v, path, PATH_MAX) : -ENOMEM;

	if (n >= 0) {
		n = (int) MIN((size_t) n, size);
		memcpy(buf, path, (size_t) n);
	} else if (n == -ENOENT) {
		n = (int) link_text(buf, size, "(deleted)");
	}
	kfree(path);
	return n;
}

static kssize_t link_exe(const struct proc_key *k, char *buf, size_t size)
{
	struct process *p = procfs_process(k);

	if (!p)
		return -ENOENT;
	return link_text(buf, size, p->exe_path ? p->exe_path : p->comm);
}

static int follow_exe(const struct proc_key *k, struct vnode **ret)
{
	struct process *p = procfs_process(k);

	if (!p || !p->exe)
		return -ENOENT;
	*ret = vnode_get(p->exe);
	return 0;
}

static struct vnode *cwd_of(const struct proc_key *k)
{
	struct process *p = procfs_process(k);

	return !p ? NULL : p->cwd ? p->cwd : p->root ? p->root : vfs_root;
}

static kssize_t link_cwd(const struct proc_key *k, char *buf, size_t size)
{
	struct vnode *v = cwd_of(k);

	return v ? procfs_vnode_path(v, buf, size) : -ENOENT;
}

static int follow_cwd(const struct proc_key *k, struct vnode **ret)
{
	struct vnode *v = cwd_of(k);

	if (!v)
		return -ENOENT;
	*ret = vnode_get(v);
	return 0;
}

static kssize_t link_root(const struct proc_key *k, char *buf, size_t size)
{
	return link_text(buf, size, "/");
}

static kssize_t link_self(const struct proc_key *k, char *buf, size_t size)
{
	char name[PROC_NAME_MAX];

	if (!current()->proc)
		return -ENOENT; /* the shell's own thread looks */
	fmt_snprintf(name, sizeof(name), "%d", current()->proc->pid);
	return link_text(buf, size, name);
}

static kssize_t link_thread_self(const struct proc_key *k, char *buf, size_t size)
{
	char name[PROC_NAME_MAX * 2];

	if (!current()->proc)
		return -ENOENT;
	fmt_snprintf(name, sizeof(name), "%d/task/%d", current()->proc->pid, current()->tid);
	return link_text(buf, size, name);
}

static kssize_t link_mounts(const struct proc_key *k, char *buf, size_t size)
{
	return link_text(buf, size, "self/mounts");
}

static bool next_thread(const struct proc_key *k, int *n, struct proc_key *ret)
{
	struct process *p = procfs_process(k);
	struct thread *t;
	int best = 0;

	if (!p)
		return false;
	list_for_each(t, &p->threads, proc_node)
		if (t->tid >= *n && (!best || t->tid < best))
			best = t->tid;
	*n = best;
	*ret = (struct proc_key){ .pid = k->pid, .n = best };
	return best;
}

static bool next_process(const struct proc_key *k, int *n, struct proc_key *ret)
{
	struct process *p;
	int best = 0;

	list_for_each(p, &process_list, all_node)
		if (p->pid >= *n && (!best || p->pid < best))
			best = p->pid;
	*n = best;
	*ret = (struct proc_key){ .pid = best };
	return best;
}

static void show_nothing(struct proc_text *t, const struct proc_key *k)
{
}

#define TEXT(n, fn) { .name = n, .mode = PROC_FILE, .show = fn }

static const struct proc_entry task_children[] = {
	TEXT("cmdline", show_cmdline),
	TEXT("comm", show_comm),
	TEXT("stat", procfs_show_stat),
	TEXT("status", procfs_show_status),
	{ 0 },
};
static const struct proc_many tasks = { { .mode = PROC_DIR, .children = task_children }, next_thread };

static const struct proc_entry pid_children[] = {
	TEXT("cmdline", show_cmdline),
	TEXT("comm", show_comm),
	{ .name = "cwd", .mode = PROC_LINK, .link = link_cwd, .follow = follow_cwd },
	TEXT("environ", show_nothing),
	{ .name = "exe", .mode = PROC_LINK, .link = link_exe, .follow = follow_exe },
	{ .name = "fd", .mode = S_IFDIR | 0500, .many = &procfs_fds },
	{ .name = "fdinfo", .mode = S_IFDIR | 0500, .many = &procfs_fdinfos },
	TEXT("limits", procfs_show_limits),
	TEXT("maps", procfs_show_maps),
	TEXT("mounts", show_mounts),
	{ .name = "root", .mode = PROC_LINK, .link = link_root },
	TEXT("stat", procfs_show_stat),
	TEXT("statm", procfs_show_statm),
	TEXT("status", procfs_show_status),
	{ .name = "task", .mode = PROC_DIR, .many = &tasks },
	TEXT("wchan", show_wchan),
	{ 0 },
};

static void show_ostype(struct proc_text *t, const struct proc_key *k)
{
	proc_printf(t, "Linux\n");
}

static void show_osrelease(struct proc_text *t, const struct proc_key *k)
{
	proc_printf(t, "6.1.0-uio\n");
}

static void show_hostname(struct proc_text *t, const struct proc_key *k)
{
	const char *name = boot_option("name");

	proc_printf(t, "%s\n", name ? name : "uio");
}

static void show_pid_max(struct proc_text *t, const struct proc_key *k)
{
	proc_printf(t, "32768\n");
}

static const struct proc_entry sys_kernel[] = {
	TEXT("hostname", show_hostname),
	TEXT("osrelease", show_osrelease),
	TEXT("ostype", show_ostype),
	TEXT("pid_max", show_pid_max),
	{ 0 },
};
static const struct proc_entry sys_children[] = {
	{ .name = "kernel", .mode = PROC_DIR, .children = sys_kernel },
	{ 0 },
};

static const struct proc_entry more_children[] = {
	{ .name = "mounts", .mode = PROC_LINK, .link = link_mounts },
	{ .name = "self", .mode = PROC_LINK, .link = link_self },
	{ .name = "sys", .mode = PROC_DIR, .children = sys_children },
	{ .name = "thread-self", .mode = PROC_LINK, .link = link_thread_self },
	{ 0 },
};
static const struct proc_many pids = { { .mode = PROC_DIR, .children = pid_children }, next_process };
static const struct proc_entry processes = { .mode = PROC_DIR, .children = more_children, .many = &pids };

void procfs_pid_register(void)
{
	proc_processes = &processes;
}
