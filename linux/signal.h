/* signal.h: signals: sending, choosing what to deliver, and delivering it.
 *
 * Sending only marks a signal as pending and interrupts a thread that may take it; a signal that would be ignored is
 * dropped at once. Delivery happens when a thread leaves the kernel: signal.c does what needs no handler; a handler
 * is called as a function in the application (signal_app.c) or through a frame on the stack of a ring-3 program
 * (signal_frame.c). The two register themselves here, so that an image without handlers has neither.
 *
 * For a system call from ring 3, trap_frame.vector is VECTOR_SYSCALL, trap_frame.error holds the call's number (the
 * dispatcher stores it before the result goes into rax) and rax may be -ERESTARTSYS on the way out: delivery turns that
 * into -EINTR or lets the call start again. */
#ifndef UIO_LINUX_SIGNAL_H
#define UIO_LINUX_SIGNAL_H

#include "kernel/entry.h"
#include "linux/process.h"

/* Numbers and flags: arch/x86/include/uapi/asm/signal.h, include/uapi/asm-generic/siginfo.h. */
enum {
	SIGHUP = 1, SIGINT, SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGKILL, SIGUSR1, SIGSEGV, SIGUSR2,
	SIGPIPE, SIGALRM, SIGTERM, SIGSTKFLT, SIGCHLD, SIGCONT, SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU, SIGURG, SIGXCPU, SIGXFSZ,
	SIGVTALRM, SIGPROF, SIGWINCH, SIGIO, SIGPWR, SIGSYS, SIGRTMIN,
};
enum { SIG_DFL = 0, SIG_IGN = 1 };

#define SA_NOCLDSTOP 0x00000001
#define SA_NOCLDWAIT 0x00000002
#define SA_SIGINFO 0x00000004
#define SA_RESTORER 0x04000000
#define SA_ONSTACK 0x08000000
#define SA_RESTART 0x10000000
#define SA_NODEFER 0x40000000
#define SA_RESETHAND 0x80000000

#define SS_ONSTACK 1
#define SS_DISABLE 2
#define SS_AUTODISARM (1U << 31)

enum { SI_USER = 0, SI_KERNEL = 0x80, SI_QUEUE = -1, SI_TIMER = -2, SI_TKILL = -6 };
enum { CLD_EXITED = 1, CLD_KILLED = 2, CLD_STOPPED = 5, CLD_CONTINUED = 6 };

#define VECTOR_SIGNALLED 257 /* trap_frame.vector of a frame that is no system call any more */

#define SIGBIT(n) (1ULL << ((n) - 1))
#define SIGNALS_UNBLOCKABLE (SIGBIT(SIGKILL) | SIGBIT(SIGSTOP))
#define SIGNALS_STOP (SIGBIT(SIGSTOP) | SIGBIT(SIGTSTP) | SIGBIT(SIGTTIN) | SIGBIT(SIGTTOU))

/* siginfo_t: include/uapi/asm-generic/siginfo.h. `a` and `b` are what the kind of signal says: sender's pid and uid, or
 * the faulting address; `value` is sigqueue()'s, or a child's status. */
struct siginfo {
	int32_t signo, err, code, pad;
	union {
		struct {
			int32_t pid;
			uint32_t uid;
		};
		uint64_t addr;
	};
	uint64_t value;
	uint8_t rest[96];
};
_Static_assert(sizeof(struct siginfo) == 128, "SI_MAX_SIZE");

/* What is kept of a siginfo while the signal is pending. */
struct signal_info {
	int32_t code;
	int32_t pid;
	uint64_t value;
};

/* Like signal_send()/signal_send_thread(), with information; not from interrupt handlers. When there is no memory for
 * the information, a real-time signal is refused (-EAGAIN) and another one goes without. */
int signal_send_info(struct process *p, struct thread *t, int signo, const struct signal_info *info);
/* The queue of such information (signal_info.c); NULL: nothing was ever queued. take: the oldest one for the signal, of
 * the thread or (t NULL) the process; false: there is none. *ret_more: another one follows. purge: forgets those of a
 * thread that ends, or (t NULL) of the process. */
struct signal_info_ops {
	bool (*take)(struct process *p, struct thread *t, int signo, struct signal_info *ret, bool *ret_more);
	void (*purge)(struct process *p, struct thread *t);
};
extern const struct signal_info_ops *signal_info_ops;

/* Called after a signal has become pending, perhaps in an interrupt handler; set by sys_signalfd.c, or NULL. */
extern void (*signal_posted_hook)(void);
/* Takes one pending signal out of `set` for the current thread: its number, or 0. */
int signal_dequeue(uint64_t set, struct siginfo *ret_info);
/* The pending signals of a thread, blocked or not. */
uint64_t signal_pending_set(struct thread *t);

/* Changes the calling thread's mask. */
void signal_set_mask(uint64_t mask);
/* For calls that wait with another mask (sigsuspend, ppoll): begin, wait, end. If the wait ended with -EINTR, leave the
 * mask: delivery puts the old one back after it has chosen the signal. Return -ERESTARTSYS then: it becomes -EINTR if a
 * handler runs, whatever SA_RESTART says. */
void signal_temp_mask_begin(uint64_t mask);
void signal_temp_mask_end(bool interrupted);

/* A fault of the current ring-3 thread that its own handler may take: pushes the handler's frame into `frame` and
 * returns true, or returns false: no handler, or the signal is blocked. */
bool signal_fault_user(struct trap_frame *frame, int signo, int code, uint64_t addr);

/* Everything a handler's call needs, decided by signal.c. */
struct signal_delivery {
	int signo;
	struct sigaction_k action;
	struct siginfo info;
	uint64_t old_mask;		/* to restore when the handler returns */
	struct trap_frame *frame;	/* what was interrupted; NULL: a direct call */
};
/* Calls or prepares the handler. app: returns after the handler did. user: rewrites d->frame; false: no room on the
 * stack. */
extern void (*signal_call_app)(struct signal_delivery *d, long *ret);
extern bool (*signal_push_user)(struct signal_delivery *d);
/* Sets signal_call_app and the application's fault hook; sigaction calls it when the application sets a handler. */
void signal_app_enable(void);
/* True if signal `signo` would be dropped now: ignored, by choice or by default. */
bool signal_ignored(struct process *p, int signo);
/* What happens when a handler is about to run: mask, SA_RESETHAND. Fills d->action and d->old_mask. */
void signal_begin_handler(struct signal_delivery *d);

/* Where a handler's stack starts: the alternate stack if the action and the thread say so, else `sp`. */
uint64_t signal_stack(struct thread *t, const struct sigaction_k *action, uint64_t sp);

/* Registers in struct sigcontext order, and the ucontext of the x86-64 ABI: arch/x86/include/uapi/asm/sigcontext.h. */
struct sigcontext64 {
	uint64_t r8, r9, r10, r11, r12, r13, r14, r15, rdi, rsi, rbp, rbx, rdx, rax, rcx, rsp, rip, eflags;
	uint16_t cs, gs, fs, ss;
	uint64_t err, trapno, oldmask, cr2, fpstate, reserved[8];
};
_Static_assert(sizeof(struct sigcontext64) == 256, "x86-64 ABI");

struct ucontext64 {
	uint64_t flags, link;
	uint64_t stack_sp;
	int32_t stack_flags, pad;
	uint64_t stack_size;
	struct sigcontext64 regs;
	uint64_t mask;		/* the kernel's sigset is 64 bits; the C library's is longer */
};

void sigcontext_from_frame(struct sigcontext64 *to, const struct trap_frame *f);
/* General registers, rip, rsp and the flags that a program may set; never selectors. */
void sigcontext_to_frame(struct trap_frame *f, const struct sigcontext64 *from);

#endif
