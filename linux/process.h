/* process.h: a process: one address space with its descriptors, signals and threads. Process 1 is the application; each
 * overlay program is one more, `restricted` by its grants. */
#ifndef UIO_LINUX_PROCESS_H
#define UIO_LINUX_PROCESS_H

#include "kernel/thread.h"
#include "kernel/types.h"
#include "kernel/vm.h"
#include "kernel/waitq.h"
#include "lib/grant.h"

struct fdtable; /* linux/fd.h */
struct vnode;
struct tty;

#define NSIG 64

struct sigaction_k {
	uint64_t handler;	/* 0 default, 1 ignore, or the function's address */
	uint64_t flags;		/* SA_* */
	uint64_t restorer;
	uint64_t mask;
};

struct signals {
	struct sigaction_k action[NSIG];
	uint64_t pending;	/* bit n-1, for the process */
	unsigned refs;		/* CLONE_SIGHAND */
};

struct rlimit_k {
	uint64_t cur, max;
};

enum process_state { PROCESS_RUNNING, PROCESS_STOPPED, PROCESS_ZOMBIE };

/* What many functions use comes first: an offset below 128 is one byte of an instruction. */
struct process {
	struct list all_node;		/* every process */
	struct list children;		/* by sibling_node */
	struct list sibling_node;
	struct list threads;		/* by thread.proc_node */
	unsigned refs;
	int pid, pgid, sid;
	struct process *parent;		/* NULL: the kernel (application, first program of a session) */
	struct vmspace *vm;
	struct fdtable *files;
	struct vnode *cwd, *root;	/* referenced */
	struct signals *signals;
	struct tty *tty;		/* controlling terminal, referenced, or NULL */
	enum process_state state;
	int wait_status;		/* as wait4 reports it, once a zombie */
	bool wait_stopped, wait_continued; /* not yet reported by wait4 */
	struct waitq child_wait;	/* wait4 sleeps here: a child changed */
	struct waitq stop_wait;		/* threads of a stopped process sleep here until SIGCONT */
	uint32_t umask;
	char comm[16];
	char *args;			/* NUL-separated command line for /proc, kmalloc'ed, or NULL */
	size_t args_len;
	char *exe_path;			/* for /proc/PID/exe, or NULL */
	struct vnode *exe;		/* referenced, or NULL */
	uint64_t start_ns;
	uint64_t dead_cpu_ns;		/* CPU time of ended threads and waited-for children */
	uint64_t children_cpu_ns;
	bool group_exit;		/* all threads are ending */
	int exit_code;			/* of exit_group or the fatal signal, as a wait status */
	struct ktimer itimer_real;
	uint64_t itimer_interval_ns;
	bool vfork_done;		/* the child of a vfork has let go of the parent's memory */
	struct waitq vfork_wait;

	/* Overlay programs. */
	bool restricted;
	uint32_t grants;		/* GRANT_* */
	void *overlay;			/* overlay/ only: session, quota, gate table */
	/* Called once for each refused access: prints to the session and the log. */
	void (*refused)(struct process *p, uint32_t grant, const char *what);
	/* Called when the process has become a zombie. */
	void (*on_exit)(struct process *p);
	struct rlimit_k limits[16];
};

extern struct process *process_app; /* pid 1 */
extern struct list process_list;

/* True when p may use `grant`; otherwise reports the refusal ("program NAME: WHAT needs the grant `fs=rw`"). */
bool process_may(struct process *p, uint32_t grant, const char *what);

/* Boot: process 1 with the calling thread as its first. */
void process_init(void);
/* A new process without threads, in `parent`'s session and group, with copies of its cwd, root, umask, limits; no fds,
 * no vm, default signals. */
int process_create(struct process *parent, struct process **ret);
void process_get(struct process *p);
void process_put(struct process *p);
struct process *process_find(int pid);
/* Ends every thread of the current process with this wait status; never returns. For the application this ends the
 * guest, after process_app_exit_hook (files to write out; may block; NULL: nothing). */
_Noreturn void process_exit_group(int wait_status);
extern void (*process_app_exit_hook)(void);
/* Asks another process to end: its threads leave the kernel and exit. */
void process_kill(struct process *p, int wait_status);
/* The calling thread ends with this exit code (0..255); the last one makes the process a zombie. */
_Noreturn void process_thread_exit(int code);
/* Removes a zombie from its parent's children and frees it. */
void process_reap(struct process *p);

/* A thread joins p (before thread_start()), and leaves it. Its proc pointer is valid in between. */
void process_add_thread(struct process *p, struct thread *t);
/* CPU time of all threads that p has and had, without its children. */
uint64_t process_cpu_ns(struct process *p);
/* CPU time that the thread used so far. */
uint64_t thread_cpu_ns(struct thread *t);

/* wait_status values (wait4). */
#define WAIT_EXITED(code) (((code) & 0xff) << 8)
#define WAIT_SIGNALLED(signo) ((signo) & 0x7f)
#define WAIT_STOPPED_BY(signo) ((signo) << 8 | 0x7f)
#define WAIT_CONTINUED 0xffff

/* Signals (linux/signal.h has more). 0 or -ESRCH/-EINVAL. signal_send() and signal_send_thread() may be called from
 * interrupt handlers. A signal number of 0 only checks. */
int signal_send(struct process *p, int signo);
int signal_send_thread(struct thread *t, int signo);
int signal_send_group(int pgid, int signo);
bool signal_pending(struct thread *t);

#endif
