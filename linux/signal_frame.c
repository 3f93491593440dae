/* signal_frame.c: handlers of ring-3 programs: the frame on the program's stack and the way back from it. Everything
 * that comes back is the program's and may be anything. Layout: System V ABI, AMD64 supplement, as in
 * arch/x86/include/asm/sigframe.h. */
#include "arch/x86_64/fpu.h"
#include "kernel/usercopy.h"
#include "linux/signal.h"
#include "linux/sys_proc.h"

#define RED_ZONE 128
#define FPU_ALIGN 64
#define RFLAGS_TF 0x100
#define RFLAGS_DF 0x400
#define RFLAGS_RF 0x10000

#define UC_SIGCONTEXT_SS 2
#define UC_STRICT_RESTORE_SS 4

struct rt_frame {
	uint64_t return_address;
	struct ucontext64 context;
	struct siginfo info;
};
_Static_assert(offsetof(struct rt_frame, info) == 8 + 304, "x86-64 ABI");

static bool push(struct signal_delivery *d)
{
	struct thread *t = current();
	struct trap_frame *f = d->frame;
	struct ucontext64 uc = { .flags = UC_SIGCONTEXT_SS | UC_STRICT_RESTORE_SS };
	uint64_t sp = signal_stack(t, &d->action, f->rsp), fpu, at;

	if (!(d->action.flags & SA_RESTORER))
		return false;
	if (sp == f->rsp)
		sp -= RED_ZONE;
	if (sp > WINDOW_END || sp < sizeof(struct rt_frame) + fpu_size() + 2 * FPU_ALIGN)
		return false;
	fpu = (sp - fpu_size()) & ~(uint64_t) (FPU_ALIGN - 1);
	/* As after a call: 8 below a multiple of 16. */
	at = ((fpu - sizeof(struct rt_frame)) & ~15ULL) - 8;

	sigcontext_from_frame(&uc.regs, f);
	uc.regs.err = f->vector < 32 ? f->error : 0;
	uc.regs.trapno = f->vector < 32 ? f->vector : 0;
	uc.regs.cr2 = f->vector == 14 ? d->info.addr : 0;
	uc.regs.oldmask = d->old_mask;
	uc.regs.fpstate = fpu;
	uc.stack_sp = t->altstack_sp;
	uc.stack_size = t->altstack_size;
	uc.stack_flags = t->altstack_size ? 0 : SS_DISABLE;
	uc.mask = d->old_mask;

	fpu_save(t);
	if (copy_to_user(fpu, t->fpu, fpu_size()) < 0 ||
	    copy_to_user(at, &d->action.restorer, sizeof(d->action.restorer)) < 0 ||
	    copy_to_user(at + offsetof(struct rt_frame, context), &uc, sizeof(uc)) < 0 ||
	    copy_to_user(at + offsetof(struct rt_frame, info), &d->info, sizeof(d->info)) < 0)
		return false;

	f->rip = d->action.handler;
	f->rsp = at;
	f->rdi = d->signo;
	f->rsi = at + offsetof(struct rt_frame, info);
	f->rdx = at + offsetof(struct rt_frame, context);
	f->rax = 0;
	f->rflags &= ~(uint64_t) (RFLAGS_TF | RFLAGS_DF | RFLAGS_RF);
	f->vector = VECTOR_SIGNALLED;
	return true;
}

bool signal_fault_user(struct trap_frame *frame, int signo, int code, uint64_t addr)
{
	struct signal_delivery d = { .signo = signo, .frame = frame };
	struct thread *t = current();

	if (t->proc->signals->action[signo - 1].handler <= SIG_IGN || (t->sig_mask & SIGBIT(signo)))
		return false;
	d.info.signo = signo;
	d.info.code = code;
	d.info.addr = addr;
	signal_begin_handler(&d);
	return push(&d);
}

static bool restore(struct thread *t, struct trap_frame *f)
{
	struct ucontext64 uc;

	/* The handler's `ret` has taken the return address off. */
	if (f->rsp < 8 || copy_from_user(&uc, f->rsp - 8 + offsetof(struct rt_frame, context), sizeof(uc)) < 0)
		return false;
	if (uc.regs.rip >= WINDOW_END || uc.regs.rsp > WINDOW_END)
		return false;
	if (uc.regs.fpstate) {
		if (copy_from_user(t->fpu, uc.regs.fpstate, fpu_size()) < 0)
			return false;
		fpu_sanitise(t->fpu);
		fpu_load(t);
	}
	sigcontext_to_frame(f, &uc.regs);
	f->vector = VECTOR_SIGNALLED;
	t->altstack_sp = uc.stack_flags & SS_DISABLE ? 0 : uc.stack_sp;
	t->altstack_size = uc.stack_flags & SS_DISABLE ? 0 : uc.stack_size;
	signal_set_mask(uc.mask);
	return true;
}

long sys_rt_sigreturn(void)
{
	struct thread *t = current();
	struct trap_frame *f = t->user_frame;

	/* The application's handlers are functions and just return. */
	if (t->proc == process_app || t->in_gate || !f)
		return -ENOSYS;
	if (!restore(t, f)) {
		/* What was copied half may not be loaded later. */
		fpu_reset_image(t->fpu);
		/* As an IRET with that context, or a use of its addresses, would: general protection. */
		f->vector = 13;
		overlay_fault_hook(f, 0);
	}
	return (long) f->rax;
}

static void signal_frame_init(void)
{
	signal_push_user = push;
}
INIT(40, signal_frame_init);
