/* process_exit.c: how processes other than the application end. */
#include "linux/process_exit.h"
#include "fs/tty.h"
#include "fs/vfs.h"
#include "kernel/kmem.h"
#include "linux/fd.h"
#include "linux/signal.h"

static void kill_threads(struct process *p, struct thread *except)
{
	struct thread *t;

	list_for_each(t, &p->threads, proc_node) {
		if (t == except)
			continue;
		t->kill_pending = true;
		thread_interrupt(t);
	}
	waitq_wake_all(&p->stop_wait);
}

static __attribute__((noreturn)) void exit_group(int wait_status)
{
	struct thread *t = current();
	struct process *p = t->proc;

	if (!p->group_exit) {
		p->group_exit = true;
		p->exit_code = wait_status;
		kill_threads(p, t);
	}
	process_thread_exit(0);
}

void process_kill(struct process *p, int wait_status)
{
	if (p == process_app)
		process_exit_app(wait_status);
	if (p->state == PROCESS_ZOMBIE || p->group_exit)
		return;
	p->group_exit = true;
	p->exit_code = wait_status;
	kill_threads(p, NULL);
}

/* What a zombie has, so that those who list processes need not ask. */
static struct signals no_signals;

/* Everything that a zombie does not need. May block: closing files does. */
static void release(struct process *p)
{
	struct thread *t = current();
	struct fdtable *files = p->files;
	struct vmspace *vm = p->vm;
	struct vnode *cwd = p->cwd, *root = p->root, *exe = p->exe;
	struct tty *tty = p->tty;

	ktimer_cancel(&p->itimer_real);
	p->files = NULL;
	fdtable_put(files);
	p->cwd = p->root = p->exe = NULL;
	vnode_put(cwd);
	vnode_put(root);
	vnode_put(exe);
	p->tty = NULL;
	tty_put(tty);
	kfree(p->args);
	p->args = NULL;
	p->args_len = 0;
	kfree(p->exe_path);
	p->exe_path = NULL;

	/* Off the space before it may go. */
	p->vm = NULL;
	if (vm) {
		t->window = NULL;
		vmspace_activate(&app_vm);
		vmspace_put(vm);
	}
	p->vfork_done = true;
	waitq_wake_all(&p->vfork_wait);

	if (signal_info_ops)
		signal_info_ops->purge(p, NULL);
	if (--p->signals->refs == 0)
		kfree(p->signals);
	p->signals = &no_signals;
}

static void orphan_children(struct process *p)
{
	struct process *child, *next;

	list_for_each_safe(child, next, &p->children, sibling_node) {
		list_del(&child->sibling_node);
		child->parent = NULL;
		if (child->state == PROCESS_ZOMBIE)
			process_reap(child);
	}
}

/* Tells the parent; true if it does not want to wait for the child. */
static bool tell_parent(struct process *p)
{
	struct process *parent = p->parent;
	struct sigaction_k *a;
	struct signal_info info = { .pid = p->pid };

	if (!parent)
		return true;
	a = &parent->signals->action[SIGCHLD - 1];
	info.code = p->wait_status & 0x7f ? CLD_KILLED : CLD_EXITED;
	info.value = p->wait_status & 0x7f ? p->wait_status & 0x7f : p->wait_status >> 8 & 0xff;
	signal_send_info(parent, NULL, SIGCHLD, &info);
	waitq_wake_all(&parent->child_wait);
	return a->handler == SIG_IGN || (a->flags & SA_NOCLDWAIT);
}

static void last_thread(struct process *p, int code)
{
	bool reap;

	p->wait_status = p->group_exit ? p->exit_code : WAIT_EXITED(code);
	release(p);
	orphan_children(p);
	p->wait_stopped = p->wait_continued = false;
	p->state = PROCESS_ZOMBIE;
	process_get(p);
	reap = tell_parent(p);
	if (p->on_exit)
		p->on_exit(p);
	if (reap)
		process_reap(p);
	process_put(p);
}

static const struct process_exit_ops ops = { exit_group, last_thread };

static void process_exit_init(void)
{
	process_exit_ops = &ops;
	process_thread_exit_hook = thread_end;
}
INIT(40, process_exit_init);
