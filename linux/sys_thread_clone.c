/* sys_thread_clone.c: the application's threads, as the C library makes and ends them: plain calls instead of clone's
 * return on another stack. */
#include "arch/x86_64/cpu.h"
#include "arch/x86_64/traps.h"
#include "kernel/entry.h"
#include "kernel/usercopy.h"
#include "linux/process_exit.h"
#include "linux/sys_proc.h"

/* include/uapi/linux/sched.h */
#define CLONE_VM 0x00000100
#define CLONE_SETTLS 0x00080000
#define CLONE_PARENT_SETTID 0x00100000
#define CLONE_CHILD_CLEARTID 0x00200000
#define CLONE_CHILD_SETTID 0x01000000
#define CLONE_THREAD 0x00010000

long linux_clone_call(unsigned long flags, void *stack_top, int *ptid, int *ctid, void *tls, int (*fn)(void *),
		      void *arg);
_Noreturn void linux_unmapself(void *base, unsigned long size);

LINUX_CALL(clone_call, linux_process_clone);
LINUX_CALL(unmapself, linux_process_unmapself);

/* Lies on top of the new thread's stack. */
struct start {
	int (*fn)(void *);
	void *arg;
};

static void run(void *arg)
{
	struct start *s = arg;
	int r;

	irq_enable();
	r = arch_call_app((uint64_t) s->fn, (uint64_t) s->arg, 0, 0);
	irq_disable();
	process_thread_exit(r & 0xff);
}

static long clone_thread(uint64_t flags, uint64_t stack, uint64_t ptid, uint64_t ctid, uint64_t tls, struct start start)
{
	struct thread *t, *self = current();
	uint64_t at = (stack & ~15ULL) - sizeof(start);
	int r;

	if ((flags & (CLONE_VM | CLONE_THREAD)) != (CLONE_VM | CLONE_THREAD))
		return -ENOSYS; /* a process needs an address space of its own; the application has the only one */
	r = copy_to_user(at, &start, sizeof(start));
	if (r < 0)
		return r;
	r = thread_alloc(self->name, CLASS_APP, false, &t);
	if (r < 0)
		return r;
	t->fs_base = flags & CLONE_SETTLS ? tls : self->fs_base;
	t->sig_mask = self->sig_mask;
	if (flags & CLONE_CHILD_CLEARTID)
		t->clear_child_tid = ctid;
	/* Both are the application's own variables; a bad one is its own fault and shows when it looks. */
	if (flags & CLONE_PARENT_SETTID)
		user_write32(ptid, t->tid);
	if (flags & CLONE_CHILD_SETTID)
		user_write32(ctid, t->tid);
	if (!process_thread_exit_hook)
		process_thread_exit_hook = thread_end;
	process_add_thread(self->proc, t);
	thread_start(t, at, run, (void *) at);
	return t->tid;
}

long linux_clone_call(unsigned long flags, void *stack_top, int *ptid, int *ctid, void *tls, int (*fn)(void *),
		      void *arg)
{
	long r;

	kernel_enter();
	do
		r = clone_thread(flags, (uint64_t) stack_top, (uint64_t) ptid, (uint64_t) ctid, (uint64_t) tls,
				 (struct start){ fn, arg });
	while (kernel_leave(&r));
	return r;
}

/* A detached thread ends and takes its own stack with it: unmapped once the thread is off it. */
void linux_unmapself(void *base, unsigned long size)
{
	struct thread *t = current();

	kernel_enter();
	t->exit_unmap_addr = (uint64_t) base;
	t->exit_unmap_len = size;
	process_thread_exit(0);
}
