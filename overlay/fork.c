/* fork.c: fork, vfork, clone: new processes and threads of overlay programs. fork copies the window on write. */
#include "arch/x86_64/fpu.h"
#include "fs/tty.h"
#include "kernel/entry.h"
#include "kernel/kmem.h"
#include "kernel/usercopy.h"
#include "linux/fd.h"
#include "linux/signal.h"
#include "overlay/process.h"
#include "overlay/program.h"
#include "overlay/uthread.h"

enum { /* include/uapi/linux/sched.h */
	CLONE_VM = 0x100,
	CLONE_FS = 0x200,
	CLONE_FILES = 0x400,
	CLONE_SIGHAND = 0x800,
	CLONE_VFORK = 0x4000,
	CLONE_THREAD = 0x10000,
	CLONE_SYSVSEM = 0x40000,
	CLONE_SETTLS = 0x80000,
	CLONE_PARENT_SETTID = 0x100000,
	CLONE_CHILD_CLEARTID = 0x200000,
	CLONE_DETACHED = 0x400000,
	CLONE_CHILD_SETTID = 0x1000000,
};
#define CLONE_SIGNAL_MASK 0xff
#define CLONE_KNOWN                                                                                                    \
	(CLONE_SIGNAL_MASK | CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_VFORK | CLONE_THREAD | CLONE_SYSVSEM |   \
	 CLONE_SETTLS | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID | CLONE_DETACHED | CLONE_CHILD_SETTID)

#define ARGS_KEPT_MAX 2000

int process_set_image(struct process *proc, const char *name, struct vnode *image, const char *path,
		      const struct arg_list *args)
{
	/* For /proc only, and on no account: cut. */
	size_t n = MIN(strlen(name), sizeof(proc->comm) - 1), len = MIN(args->len, ARGS_KEPT_MAX);
	char *copy = kmalloc(len + 1), *exe = path ? kstrdup(path) : NULL;

	if (!copy || (path && !exe)) {
		kfree(copy);
		kfree(exe);
		return -ENOMEM;
	}
	memcpy(copy, args->bytes, len);
	memset(proc->comm, 0, sizeof(proc->comm));
	memcpy(proc->comm, name, n);
	kfree(proc->args);
	kfree(proc->exe_path);
	proc->args = copy;
	proc->args_len = len;
	proc->exe_path = exe;
	if (image)
		vnode_get(image);
	vnode_put(proc->exe);
	proc->exe = image;
	return 0;
}

void process_discard(struct process *proc)
{
	fdtable_put(proc->files);
	vnode_put(proc->cwd);
	vnode_put(proc->root);
	vnode_put(proc->exe);
	tty_put(proc->tty);
	kfree(proc->args);
	kfree(proc->exe_path);
	kfree(proc->signals);
	if (proc->vm)
		vmspace_put(proc->vm);
	list_del(&proc->sibling_node);
	list_del(&proc->all_node);
	process_put(proc);
}

/* The child's first return to ring 3: result 0, and the caller's vector registers. */
static int make_thread(struct process *proc, int tid, uint64_t stack, uint64_t flags, uint64_t tls, struct thread **ret)
{
	struct thread *self = current(), *t;
	struct trap_frame regs = *self->user_frame;
	int r;

	regs.rax = 0;
	if (stack)
		regs.rsp = stack;
	r = uthread_create(proc, &regs, tid, &t);
	if (r < 0)
		return r;
	fpu_save(self);
	memcpy(t->fpu, self->fpu, fpu_size());
	t->fs_base = flags & CLONE_SETTLS ? tls : arch_get_fs_base();
	t->gs_base = arch_get_gs_base();
	t->sig_mask = self->sig_mask;
	*ret = t;
	return 0;
}

static int copy_process(uint64_t flags, struct process *child)
{
	struct process *self = current()->proc;
	int r;

	if (flags & CLONE_VM) {
		vmspace_get(self->vm);
		child->vm = self->vm;
	} else {
		r = vmspace_fork(self->vm, &child->vm);
		if (r < 0)
			return r;
	}
	if (flags & CLONE_FILES)
		child->files = fdtable_get(self->files);
	else {
		r = fdtable_copy(self->files, &child->files);
		if (r < 0)
			return r;
	}
	memcpy(child->signals->action, self->signals->action, sizeof(self->signals->action));
	return process_set_image(child, self->comm, self->exe, self->exe_path,
				 &(struct arg_list){ self->args, self->args_len, 0 });
}

/* The program's processes with the zombies that nobody waits for: those hold memory of the kernel's, too. */
static unsigned tree_size(struct program *p)
{
	struct process *proc;
	unsigned n = 0;

	list_for_each (proc, &process_list, all_node)
		if (proc->overlay == p || (proc->state == PROCESS_ZOMBIE && proc->parent && proc->parent->overlay == p))
			n++;
	return n;
}

static long new_process(uint64_t flags, uint64_t stack, uint64_t ptid, uint64_t ctid, uint64_t tls)
{
	struct process *self = current()->proc, *child;
	struct program *p = program_of(self);
	struct thread *t;
	int r, pid;

	if (tree_size(p) >= PROGRAM_PROCESSES_MAX || p->reason != EXIT_NORMAL || p->first_ended)
		return -EAGAIN;
	r = process_create(self, &child);
	if (r < 0)
		return r;
	pid = child->pid;
	program_adopt(p, child);
	r = copy_process(flags, child);
	if (r == 0)
		r = make_thread(child, pid, stack, flags, tls, &t);
	/* A kill that came while the copy let others run found no thread in the child. */
	if (r < 0 || child->group_exit) {
		p->processes--;
		if (r == 0)
			uthread_discard(t);
		process_discard(child);
		return r < 0 ? r : -EAGAIN;
	}
	if (!(flags & CLONE_VM))
		t->altstack_flags = current()->altstack_flags, t->altstack_sp = current()->altstack_sp,
		t->altstack_size = current()->altstack_size;
	if (flags & CLONE_PARENT_SETTID)
		user_write32(ptid, pid);
	if (flags & CLONE_CHILD_CLEARTID)
		t->clear_child_tid = ctid;
	if (flags & CLONE_CHILD_SETTID) {
		uint32_t id = pid;

		vm_write(child->vm, ctid, &id, sizeof(id));
	}
	process_get(child);
	uthread_start(t);
	if (flags & CLONE_VFORK)
		while (!child->vfork_done && !current()->kill_pending)
			waitq_wait(&child->vfork_wait, WAIT_EVENT, "vfork", TIME_NEVER, false);
	process_put(child);
	return pid;
}

static long new_thread(uint64_t flags, uint64_t stack, uint64_t ptid, uint64_t ctid, uint64_t tls)
{
	struct thread *t;
	int r;

	if ((flags & (CLONE_VM | CLONE_SIGHAND)) != (CLONE_VM | CLONE_SIGHAND) || !stack || current()->proc->group_exit)
		return -EINVAL;
	r = make_thread(current()->proc, 0, stack, flags, tls, &t);
	if (r < 0)
		return r;
	if (flags & CLONE_PARENT_SETTID)
		user_write32(ptid, t->tid);
	if (flags & CLONE_CHILD_SETTID)
		user_write32(ctid, t->tid);
	if (flags & CLONE_CHILD_CLEARTID)
		t->clear_child_tid = ctid;
	r = t->tid;
	uthread_start(t);
	return r;
}

long overlay_clone(uint64_t flags, uint64_t stack, uint64_t ptid, uint64_t ctid, uint64_t tls)
{
	if (flags & ~(uint64_t) CLONE_KNOWN)
		return -EINVAL;
	if (stack >= WINDOW_END || tls >= WINDOW_END)
		return -EINVAL;
	if (flags & CLONE_THREAD)
		return new_thread(flags, stack, ptid, ctid, tls);
	/* Shared memory without vfork's wait is only needed by what nobody writes any more; threads have it. */
	if ((flags & CLONE_VM) && !(flags & CLONE_VFORK))
		return -EINVAL;
	return new_process(flags, stack, ptid, ctid, tls);
}

long overlay_fork(void)
{
	return new_process(17, 0, 0, 0, 0);
}

long overlay_vfork(void)
{
	return new_process(17 | CLONE_VM | CLONE_VFORK, 0, 0, 0, 0);
}
