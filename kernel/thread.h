/* thread.h: threads and the scheduler: two classes, the application's and the overlay's, the latter under a bandwidth
 * limit while the application can run. One CPU: current() is the running thread. */
#ifndef UIO_KERNEL_THREAD_H
#define UIO_KERNEL_THREAD_H

#include "kernel/clock.h"
#include "kernel/types.h"

struct process;
struct trap_frame;
struct waitq;

#define GATE_STACK_PAGES 15
#define PREEMPT_STACK 3072

enum thread_class {
	CLASS_APP,	/* the application's threads, and work on its behalf */
	CLASS_OVERLAY,	/* sessions, shell, overlay programs */
};

enum thread_state { THREAD_RUNNABLE, THREAD_BLOCKED, THREAD_DEAD };

/* Why a thread is blocked. A thread that waits for an event from outside (input, a timer, another thread) is at a
 * quiescent point; one that waits for a device to finish its request is in the middle of something. */
enum wait_kind { WAIT_EVENT, WAIT_IO };

/* A share of the CPU, as spent while application threads are runnable. One per overlay program. */
struct sched_group {
	unsigned permille;
	uint64_t used_ns;		/* in period number `period`; scheduler only */
	uint64_t period;
};

/* What many functions use comes first: an offset below 128 is one byte of an instruction. */
struct thread {
	struct list run_node;		/* scheduler: run queue */
	struct list proc_node;		/* in process.threads */
	struct list all_node;		/* every thread */
	struct process *proc;		/* NULL: kernel thread */
	void *overlay;			/* overlay/ only */
	struct trap_frame *user_frame;	/* ring-3 registers while in the kernel; NULL otherwise */
	uint64_t sig_pending;		/* bit n-1: signal n, directed at this thread */
	uint64_t sig_mask;
	int tid;
	enum thread_class class;
	enum thread_state state;
	enum wait_kind wait_kind;
	bool interruptible;		/* blocked so that a signal wakes it */
	bool timed_out;
	bool user_fpu;			/* the switch must save vector registers: preempted, or a ring-3 thread */
	bool in_gate;			/* runs an application function through a call gate */
	bool kill_pending;		/* must end before it returns to ring 3, but not inside a gated call ... */
	bool gate_overdue;		/* ... unless that has taken too long */
	bool work_pending;		/* signals or other work before the thread leaves the kernel */
	uint64_t rsp;			/* kernel stack pointer while switched away */
	uint64_t fs_base;		/* TLS base; read from the CPU on switching away */
	uint64_t cr3;			/* root to load; 0: the base root */
	void *fpu;			/* XSAVE area, 64-byte aligned, or NULL for a kernel thread */
	void *fpu_alloc;		/* the allocation behind it */
	uint64_t kstack_base;		/* kernel virtual area; 0 for the application's (they run on their own stacks) */
	uint64_t kstack_top;
	uint64_t preempt_top;		/* of PREEMPT_STACK bytes on which it is switched away when an interrupt found it in the
					 * application's code, whose own stack may be used up; 0 for a kernel thread */
	uint64_t gate_stack;		/* GATE_STACK_PAGES where it runs the application's functions; 0: none yet */
	uint32_t pkru;			/* loaded on the way to ring 3 */
	struct vmspace *window;		/* the program's address space, or NULL; owned by the process */
	uint64_t gs_base;
	uint32_t mxcsr;			/* kept over a voluntary switch: callee-saved in the SysV ABI */
	uint16_t fcw;
	uint64_t exit_unmap_addr, exit_unmap_len; /* the application's memory to unmap once the thread is off it */
	struct sched_group *group;	/* the CPU budget of a program; NULL: only the class's */
	struct ktimer timer;		/* thread_block()'s deadline */
	uint64_t clear_child_tid;	/* user address or 0 (set_tid_address) */
	uint64_t robust_list;
	uint64_t sig_wait;		/* what sigtimedwait() waits for: not dropped though ignored */
	uint64_t sig_saved_mask;	/* to restore after sigsuspend/ppoll when sig_restore is set */
	bool sig_restore;
	uint64_t altstack_sp, altstack_size;
	uint32_t altstack_flags;
	const char *wait_why;		/* for /proc/PID/wchan and ps; NULL: running */
	uint64_t cpu_ns;		/* CPU time used, but for that in gates */
	uint64_t switched_in_ns;
	char name[16];
};

/* The thread is to leave whatever it waits for and end. */
static inline bool thread_dying(const struct thread *t)
{
	return t->kill_pending && (!t->in_gate || t->gate_overdue);
}

extern struct thread *current_thread;
static inline struct thread *current(void)
{
	return current_thread;
}

/* A thread that runs fn(arg) in kernel mode on its own 16 KiB stack; it ends when fn returns. 0 or -ENOMEM. */
int thread_create_kernel(const char *name, enum thread_class class, void (*fn)(void *), void *arg,
			 struct thread **ret_thread);

/* An allocated, blocked thread with a kernel stack when `kstack` is set and an FPU area; the caller fills it and calls
 * thread_start(). Used by clone and by the program loader. */
int thread_alloc(const char *name, enum thread_class class, bool kstack, struct thread **ret_thread);
/* Lets the thread run; its first switch-in calls entry(arg) on its stack (`stack_top`, or kstack_top when that is 0). */
void thread_start(struct thread *t, uint64_t stack_top, void (*entry)(void *), void *arg);
/* Frees a thread that was never started. */
void thread_discard(struct thread *t);
/* Ends the calling thread; its memory is freed by the next thread. */
_Noreturn void thread_exit(void);

/* Gives the CPU away until somebody calls thread_wake(), the deadline (monotonic, TIME_NEVER) passes, or, when
 * `interruptible`, a signal or kill arrives. Returns 0, -ETIMEDOUT or -EINTR. Interrupts stay off in the caller's view. */
int thread_block(enum wait_kind kind, const char *why, uint64_t deadline_ns, bool interruptible);
/* Makes a blocked thread runnable; callable from interrupt handlers. */
void thread_wake(struct thread *t);
/* Wakes the thread if it is in an interruptible wait, and makes it look at its signals before it leaves the kernel. */
void thread_interrupt(struct thread *t);
/* Lets others run; called by long kernel work and sched_yield. */
void thread_yield(void);
/* A preemption point for long kernel work: takes pending interrupts, lets a thread with a better claim run. Data must
 * be consistent. */
void kernel_relax(void);

/* Runs fn over every thread. */
void thread_for_each(void (*fn)(struct thread *, void *), void *arg);
struct thread *thread_find(int tid);
int tid_alloc(void); /* pids and tids share one number space, from 1 */

/* Holds the application's threads back while a call gate runs one of its functions; calls nest. The CPU time from here
 * on is the application's if in_gate is set next, and until it is cleared, which is after the release. */
void sched_hold_app(void);
void sched_release_app(void);
/* True when every thread of the application waits for an event (WAIT_EVENT). */
bool sched_app_quiescent(void);
/* Waits for that, at most until the deadline: 0, -ETIMEDOUT, -EINTR. */
int sched_wait_quiescent(uint64_t deadline_ns);

struct sched_stats {
	uint64_t app_ns, overlay_ns, idle_ns;
	uint64_t gate_ns;		/* of app_ns: in call gates; no thread's cpu_ns has it */
	uint64_t switches;
	unsigned threads;
	unsigned runnable;
};
void sched_get_stats(struct sched_stats *ret);

#endif
