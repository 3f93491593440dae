/* signal_context.c: registers as a handler sees them, and the stack it runs on. */
#include "linux/signal.h"

/* CF PF AF ZF SF TF DF OF RF AC, as Linux lets a handler change (arch/x86/kernel/signal.c, FIX_EFLAGS). */
#define FLAGS_CHANGEABLE 0x50dd5ULL

void sigcontext_from_frame(struct sigcontext64 *to, const struct trap_frame *f)
{
	*to = (struct sigcontext64){
		.r8 = f->r8, .r9 = f->r9, .r10 = f->r10, .r11 = f->r11, .r12 = f->r12, .r13 = f->r13, .r14 = f->r14,
		.r15 = f->r15, .rdi = f->rdi, .rsi = f->rsi, .rbp = f->rbp, .rbx = f->rbx, .rdx = f->rdx, .rax = f->rax,
		.rcx = f->rcx, .rsp = f->rsp, .rip = f->rip, .eflags = f->rflags, .cs = f->cs, .ss = f->ss,
	};
}

void sigcontext_to_frame(struct trap_frame *f, const struct sigcontext64 *c)
{
	f->r8 = c->r8, f->r9 = c->r9, f->r10 = c->r10, f->r11 = c->r11;
	f->r12 = c->r12, f->r13 = c->r13, f->r14 = c->r14, f->r15 = c->r15;
	f->rdi = c->rdi, f->rsi = c->rsi, f->rbp = c->rbp, f->rbx = c->rbx;
	f->rdx = c->rdx, f->rax = c->rax, f->rcx = c->rcx;
	f->rsp = c->rsp, f->rip = c->rip;
	f->rflags = (f->rflags & ~FLAGS_CHANGEABLE) | (c->eflags & FLAGS_CHANGEABLE);
}

uint64_t signal_stack(struct thread *t, const struct sigaction_k *action, uint64_t sp)
{
	/* A handler that interrupts one on the alternate stack stays there. */
	if (!(action->flags & SA_ONSTACK) || !t->altstack_size || sp - t->altstack_sp <= t->altstack_size)
		return sp;
	return t->altstack_sp + t->altstack_size;
}
