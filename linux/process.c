/* process.c: making processes other than the application, and forgetting them. */
#include "linux/process.h"
#include "fs/tty.h"
#include "fs/vfs.h"
#include "kernel/kmem.h"
#include "linux/procfs.h"
#include "linux/signal.h"

int process_create(struct process *parent, struct process **ret)
{
	struct process *p = kzalloc(sizeof(*p));
	struct signals *s = kzalloc(sizeof(*s));

	if (!p || !s) {
		kfree(p);
		kfree(s);
		return -ENOMEM;
	}
	s->refs = 1;
	p->signals = s;
	p->refs = 1;
	list_init(&p->children);
	list_init(&p->sibling_node);
	list_init(&p->threads);
	waitq_init(&p->child_wait);
	waitq_init(&p->stop_wait);
	waitq_init(&p->vfork_wait);
	do
		p->pid = tid_alloc();
	while (process_find(p->pid)); /* zombies keep their numbers */
	p->start_ns = clock_monotonic_ns();
	/* Without a parent a process heads a session of its own and takes its surroundings from the application. */
	p->pgid = parent ? parent->pgid : p->pid;
	p->sid = parent ? parent->sid : p->pid;
	p->parent = parent;
	if (parent)
		list_add_tail(&parent->children, &p->sibling_node);
	else
		parent = process_app;
	p->cwd = parent->cwd ? vnode_get(parent->cwd) : NULL;
	p->root = parent->root ? vnode_get(parent->root) : NULL;
	p->umask = parent->umask;
	memcpy(p->limits, parent->limits, sizeof(p->limits));
	memcpy(p->comm, parent->comm, sizeof(p->comm));
	if (p->parent && parent->tty) {
		tty_get(parent->tty);
		p->tty = parent->tty;
	}
	list_add_tail(&process_list, &p->all_node);
	procfs_pid_register(); /* programs look themselves up */
	*ret = p;
	return 0;
}

void process_get(struct process *p)
{
	p->refs++;
}

void process_put(struct process *p)
{
	if (--p->refs)
		return;
	kfree(p);
}

void process_reap(struct process *p)
{
	struct process *parent = p->parent;

	if (parent)
		parent->children_cpu_ns += p->dead_cpu_ns + p->children_cpu_ns;
	list_del(&p->sibling_node);
	list_del(&p->all_node);
	p->parent = NULL;
	process_put(p);
}
