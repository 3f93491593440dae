/* signal_app.c: the application's handlers. They run in ring 0 like the rest of the application and are called as
 * functions, with interrupts on. Nothing of the kernel waits for them to return: a handler may longjmp() away. */
#include "arch/x86_64/cpu.h"
#include "arch/x86_64/traps.h"
#include "linux/signal.h"

struct call {
	struct signal_delivery *d;
	struct ucontext64 context;
};

static void run(void *arg)
{
	struct call *c = arg;

	irq_enable();
	arch_call_app(c->d->action.handler, c->d->signo, (uint64_t) &c->d->info, (uint64_t) &c->context);
	irq_disable();
}

static void call_app(struct signal_delivery *d, long *ret)
{
	struct thread *t = current();
	uint64_t here = (uint64_t) __builtin_frame_address(0), sp;
	struct call c = { .d = d };

	c.context.stack_sp = t->altstack_sp;
	c.context.stack_size = t->altstack_size;
	c.context.stack_flags = t->altstack_size ? 0 : SS_DISABLE;
	c.context.mask = d->old_mask;
	if (d->frame)
		sigcontext_from_frame(&c.context.regs, d->frame);
	else
		c.context.regs.rsp = here;
	if (d->info.code > 0 && d->info.code != SI_KERNEL)
		c.context.regs.cr2 = d->info.addr;

	sp = signal_stack(t, &d->action, here);
	if (sp == here)
		run(&c);
	else
		arch_call_on_stack(sp, run, &c);

	t = current();
	t->sig_mask = c.context.mask & ~SIGNALS_UNBLOCKABLE;
	if (d->frame)
		sigcontext_to_frame(d->frame, &c.context.regs);
	/* A handler that keeps its own signal blocked in the interrupted context waits for the call to end: musl's
	 * thread cancellation, which on Linux would move the program counter away from the call. */
	if (ret && *ret == -ERESTARTSYS && (c.context.mask & ~d->old_mask & SIGBIT(d->signo)))
		*ret = -EINTR;
}

/* SEGV_MAPERR, FPE_INTDIV, ILL_ILLOPN, BUS_ADRALN, TRAP_BRKPT are all 1. */
#define FAULT_CODE 1

static bool app_fault(struct trap_frame *frame, int signo, uint64_t addr)
{
	struct signal_delivery d = { .signo = signo, .frame = frame };
	struct thread *t = current();

	if (t->proc != process_app || t->in_gate)
		return false;
	if (process_app->signals->action[signo - 1].handler <= SIG_IGN || (t->sig_mask & SIGBIT(signo)))
		return false;
	d.info.signo = signo;
	d.info.code = FAULT_CODE;
	d.info.addr = addr;
	signal_begin_handler(&d);
	call_app(&d, NULL);
	return true;
}

void signal_app_enable(void)
{
	signal_call_app = call_app;
	app_fault_hook = app_fault;
}
