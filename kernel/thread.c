/* thread.c: making and freeing threads. Switching is in sched.c. */
#include "arch/x86_64/fpu.h"
#include "arch/x86_64/traps.h"
#include "kernel/entry.h"
#include "kernel/kmem.h"
#include "kernel/kstack.h"
#include "kernel/sched.h"
#include "kernel/vm.h"

#define KSTACK_PAGES 4
#define TID_MAX 32768

/* Pids and tids are handed out in order, as Linux does, and start over; a number in use is skipped. */
int tid_alloc(void)
{
	static int last;

	do
		last = last >= TID_MAX ? 2 : last + 1;
	while (thread_find(last));
	return last;
}

static int alloc(const char *name, enum thread_class class, bool kstack, bool fpu, struct thread **ret_thread)
{
	struct thread *t = kzalloc(sizeof(*t));
	int r = -ENOMEM;

	if (!t)
		return r;
	if (fpu) {
		t->fpu_alloc = kmalloc(PREEMPT_STACK + fpu_size() + 63);
		if (!t->fpu_alloc)
			goto fail;
		t->preempt_top = ((uint64_t) t->fpu_alloc + PREEMPT_STACK + 63) & ~63UL;
		t->fpu = (void *) t->preempt_top;
		fpu_reset_image(t->fpu);
	}
	if (kstack) {
		r = kstack_alloc(KSTACK_PAGES, &t->kstack_base);
		if (r < 0)
			goto fail;
		t->kstack_top = t->kstack_base + KSTACK_PAGES * PAGE_SIZE;
	}
	for (unsigned i = 0; i < sizeof(t->name) - 1 && name[i]; i++)
		t->name[i] = name[i];
	t->class = class;
	t->state = THREAD_BLOCKED;
	t->tid = tid_alloc();
	t->mxcsr = 0x1f80;
	t->fcw = 0x37f;
	list_init(&t->run_node);
	list_init(&t->proc_node);
	sched_thread_born(t);
	*ret_thread = t;
	return 0;
fail:
	kfree(t->fpu_alloc);
	kfree(t);
	return r;
}

int thread_alloc(const char *name, enum thread_class class, bool kstack, struct thread **ret_thread)
{
	return alloc(name, class, kstack, true, ret_thread);
}

void thread_free(struct thread *t)
{
	if (t->exit_unmap_len)
		vm_unmap(&app_vm, t->exit_unmap_addr, t->exit_unmap_len);
	if (t->gate_stack)
		kstack_free(t->gate_stack);
	if (t->kstack_base)
		kstack_free(t->kstack_base);
	kfree(t->fpu_alloc);
	kfree(t);
}

void thread_discard(struct thread *t)
{
	sched_thread_gone(t);
	thread_free(t);
}

void thread_start(struct thread *t, uint64_t stack_top, void (*entry)(void *), void *arg)
{
	uint64_t *sp = (uint64_t *) ((stack_top ? stack_top : t->kstack_top) & ~15UL);

	/* What arch_switch() pops: r15 r14 r13 r12 rbx rbp, then the return address. */
	*--sp = 0;
	*--sp = 0; /* 16-byte alignment where thread_entry calls */
	*--sp = (uint64_t) thread_entry;
	*--sp = 0;
	*--sp = 0;
	*--sp = (uint64_t) entry;
	*--sp = (uint64_t) arg;
	*--sp = 0;
	*--sp = 0;
	t->rsp = (uint64_t) sp;
	sched_ready(t);
}

/* Called by thread_entry, with interrupts off. */
void thread_first_run(void);
void thread_first_run(void)
{
	sched_finish_switch();
}

static void kernel_thread(void *arg)
{
	struct thread *t = current();
	void (*fn)(void *) = (void (*)(void *)) t->clear_child_tid;

	t->clear_child_tid = 0;
	fn(arg);
	thread_exit();
}

int thread_create_kernel(const char *name, enum thread_class class, void (*fn)(void *), void *arg,
			 struct thread **ret_thread)
{
	struct thread *t;
	int r = alloc(name, class, true, false, &t);

	if (r < 0)
		return r;
	/* The field is unused in a kernel thread; it carries the function to the first run. */
	t->clear_child_tid = (uint64_t) fn;
	thread_start(t, 0, kernel_thread, arg);
	if (ret_thread)
		*ret_thread = t;
	return 0;
}

/* Boot becomes the application's first thread. */
void thread_init(void);
void thread_init(void)
{
	struct thread *t;

	if (thread_alloc("main", CLASS_APP, false, &t) < 0)
		__builtin_trap();
	t->state = THREAD_RUNNABLE;
	current_thread = t;
}
