/* uthread.c: see uthread.h. */
#include "overlay/uthread.h"

#include "arch/x86_64/asm.h"
#include "arch/x86_64/cpu.h"
#include "arch/x86_64/fpu.h"
#include "arch/x86_64/traps.h"
#include "kernel/kstack.h"
#include "kernel/vm.h"
#include "linux/process_exit.h"
#include "overlay/process.h"
#include "overlay/program.h"

#define THREAD_PAGES 6 /* kernel stack, vector state and the rest of a thread, as charged */

void uthread_initial_regs(struct trap_frame *regs, uint64_t entry, uint64_t sp)
{
	memset(regs, 0, sizeof(*regs));
	regs->rip = entry;
	regs->rsp = sp;
	regs->cs = SEL_UCODE;
	regs->ss = SEL_UDATA;
	regs->rflags = RFLAGS_IF | 2;
}

static void enter(void *arg)
{
	struct trap_frame *f = arg;

	arch_enter_user(f);
}

int uthread_create(struct process *proc, const struct trap_frame *regs, int tid, struct thread **ret)
{
	struct program *p = program_of(proc);
	struct thread *t;
	struct trap_frame *f;
	int r;

	if (p->threads >= PROGRAM_THREADS_MAX)
		return -EAGAIN;
	if (p->quota_used + THREAD_PAGES > p->quota_limit)
		return -ENOMEM;
	r = thread_alloc(p->name, CLASS_OVERLAY, true, &t);
	if (r < 0)
		return r;
	if (tid)
		t->tid = tid;
	memcpy(t->name, proc->comm, sizeof(t->name));
	p->threads++;
	p->quota_used += THREAD_PAGES;
	t->user_fpu = true;
	t->pkru = p->rights.pkru;
	t->group = &p->group;
	t->window = proc->vm;
	t->cr3 = proc->vm->root.pa;
	t->overlay = p;
	f = (struct trap_frame *) (t->kstack_top - sizeof(*f));
	*f = *regs;
	process_add_thread(proc, t);
	*ret = t;
	return 0;
}

void uthread_start(struct thread *t)
{
	uint64_t frame = t->kstack_top - sizeof(struct trap_frame);

	thread_start(t, frame, enter, (void *) frame);
}

static unsigned pages_of(const struct thread *t)
{
	return THREAD_PAGES + (t->gate_stack ? GATE_STACK_PAGES : 0);
}

int uthread_make_gate_stack(struct thread *t)
{
	struct program *p = t->overlay;
	int r;

	if (p->quota_used + GATE_STACK_PAGES > p->quota_limit)
		return -ENOMEM;
	r = kstack_alloc(GATE_STACK_PAGES, &t->gate_stack);
	if (r == 0)
		p->quota_used += GATE_STACK_PAGES;
	return r;
}

void uthread_discard(struct thread *t)
{
	struct program *p = t->overlay;

	p->threads--;
	p->quota_used -= THREAD_PAGES;
	list_del(&t->proc_node);
	thread_discard(t);
}

void uthread_enter_space(struct vmspace *vm)
{
	struct thread *t = current();

	t->window = vm;
	vmspace_activate(vm);
	t->cr3 = vm->root.pa;
}

static void (*next_hook)(struct thread *t);

/* For every thread that ends, before it leaves its process. */
static void thread_ended(struct thread *t)
{
	struct program *p = t->overlay;

	if (next_hook)
		next_hook(t);
	if (!p)
		return;
	t->overlay = NULL;
	p->threads--;
	p->quota_used -= pages_of(t);
}

void uthread_hooks_set(void)
{
	next_hook = process_thread_exit_hook;
	process_thread_exit_hook = thread_ended;
}
