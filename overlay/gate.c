/* gate.c: see gate.h. A call that faults or never returns is abandoned where it is: the application's threads go on, and
 * what the function had half done stays so. That is why `call` is a grant of its own. */
#include "overlay/gate.h"

#include "arch/x86_64/cpu.h"
#include "arch/x86_64/fpu.h"
#include "arch/x86_64/gate_call.h"
#include "arch/x86_64/traps.h"
#include "fs/vfs.h"
#include "lib/fmt.h"
#include "kernel/entry.h"
#include "kernel/log.h"
#include "kernel/thread.h"
#include "kernel/usercopy.h"
#include "kernel/vm.h"
#include "linux/process_exit.h"
#include "linux/signal.h"
#include "overlay/program.h"
#include "overlay/uthread.h"

/* What the thread was before it entered: one gate runs at a time, since the application stands still for it. */
static struct {
	struct thread *thread;	/* NULL: the gate is free */
	struct process *proc;
	struct program *program;
	const char *function;
	uint64_t fs_base, gs_base;
	struct ktimer timer;
	uint32_t mxcsr;
	uint16_t fcw;
} gate;
static struct waitq gate_free = WAITQ_INIT(gate_free);

/* A thread identity for application code that runs in a gate, made once (third_party/musl/src/thread/uio_gate_tls.c). */
size_t __uio_gate_tls_size(void);
uint64_t __uio_gate_tls_make(void *mem, const void *main_thread);
static uint64_t gate_tls;

static int make_tls(void)
{
	const struct thread *main = list_first(&process_app->threads, struct thread, proc_node);
	uint64_t mem;
	int r;

	if (gate_tls)
		return 0;
	r = vm_map(&app_vm, 0, PAGE_ALIGN_UP(__uio_gate_tls_size()), PROT_READ | PROT_WRITE, 0, NULL, 0, "[gate tls]", &mem);
	if (r == 0)
		gate_tls = arch_call_app((uint64_t) __uio_gate_tls_make, mem, main->fs_base, 0);
	return r;
}

static void say(struct program *p, const char *function, const char *what)
{
	char line[160];
	int n = fmt_snprintf(line, sizeof(line), "uio: program %s: call of %s: %s\n", p->name, function, what);

	n = MIN(n, (int) sizeof(line) - 1);
	klog("overlay: program %s: call of %s: %s", p->name, function, what);
	if (p->stderr_file)
		file_write_kernel(p->stderr_file, line, n, FILE_POS);
}

/* Takes the gate and holds the application at a quiescent point. 0, -EAGAIN, -EINTR. */
static int enter(struct program *p, const struct binding *b)
{
	uint64_t until = clock_monotonic_ns() + GATE_WAIT_NS;
	struct thread *t = current();
	int r;

	for (;;) {
		if (gate.thread)
			r = waitq_wait(&gate_free, WAIT_EVENT, "gate", until, true);
		else if (!sched_app_quiescent())
			r = sched_wait_quiescent(until);
		else
			break;
		if (r < 0)
			return r == -ETIMEDOUT ? -EAGAIN : r;
	}
	gate.thread = t;
	sched_hold_app();
	gate.program = p;
	gate.function = b->name;
	gate.proc = t->proc;
	gate.fs_base = arch_get_fs_base();
	gate.gs_base = arch_get_gs_base();
	return 0;
}

static void leave(void)
{
	struct thread *t = gate.thread;

	ktimer_cancel(&gate.timer);
	t->proc = gate.proc;
	arch_set_fs_base(gate.fs_base);
	arch_set_gs_base(gate.gs_base);
	gate.thread = NULL;
	sched_release_app();
	t->in_gate = false;
	waitq_wake_all(&gate_free);
}

static void overdue(struct ktimer *timer)
{
	gate.thread->kill_pending = gate.thread->gate_overdue = true;
	thread_interrupt(gate.thread);
}

void gate_call(struct trap_frame *f, size_t index)
{
	struct thread *t = current();
	struct program *p = t->overlay;
	const struct binding *b = &p->bindings[index];
	struct gate_regs regs = { f->rdi, f->rsi, f->rdx, f->r10, f->r8, f->r9, 0, 0 };
	uint64_t stack_args[GATE_STACK_ARGS];
	int r = 0;

	if (!b->function || !(p->grants & GRANT_CALL)) {
		process_may(t->proc, GRANT_CALL, b->name);
		f->rax = -EPERM;
		return;
	}
	p->gate_calls++;
	/* Above the return address; what is not there is no argument. */
	memset(stack_args, 0, sizeof(stack_args));
	for (unsigned i = 0; i < GATE_STACK_ARGS; i++)
		if (copy_from_user(&stack_args[i], f->rsp + 8 + 8 * i, 8) < 0)
			break;
	if (!t->gate_stack)
		r = uthread_make_gate_stack(t);
	if (r == 0)
		r = make_tls();
	if (r == 0)
		r = enter(p, b);
	if (r < 0) {
		if (r == -EAGAIN)
			say(p, b->name, "the application was busy for 2 s, the call was not made (EAGAIN)");
		f->rax = r;
		return;
	}
	t->in_gate = true;
	t->proc = process_app;
	process_gate_exit_hook = gate_abandon;
	if (gate_tls)
		arch_set_fs_base(gate_tls);
	__asm__ volatile("stmxcsr %0; fnstcw %1" : "=m"(gate.mxcsr), "=m"(gate.fcw));
	ktimer_start(&gate.timer, clock_monotonic_ns() + GATE_CALL_NS, overdue);
	arch_gate_call(b->addr, &regs, stack_args, GATE_STACK_ARGS, t->gate_stack + GATE_STACK_PAGES * PAGE_SIZE);
	__asm__ volatile("ldmxcsr %0; fldcw %1" ::"m"(gate.mxcsr), "m"(gate.fcw));
	leave();
	f->vector = VECTOR_SIGNALLED; /* a result that looks like -ERESTARTSYS is the function's own */
	f->rax = regs.rax;
	f->rdx = regs.rdx_out;
}

void gate_abandon(void)
{
	if (gate.thread == current())
		leave();
}

void gate_check(struct trap_frame *f)
{
	struct program *p = gate.program;

	/* A kill waits for the call's end, so that the application's data stays whole, but not for ever. */
	if (gate.thread != current() || !current()->gate_overdue)
		return;
	say(p, gate.function, "did not return within 5 s; given up, the program is ended");
	program_report(p, "program %s: the call of %s did not return within 5 s", p->name, gate.function);
	p->faults++;
	leave();
	process_exit_group(WAIT_SIGNALLED(9));
}
