/* process_exit.h: what the ends of threads and processes hook into; for linux/ and net/. */
#ifndef UIO_LINUX_PROCESS_EXIT_H
#define UIO_LINUX_PROCESS_EXIT_H

#include "linux/process.h"

/* Processes other than the application (process_exit.c). */
struct process_exit_ops {
	void (*exit_group)(int wait_status) __attribute__((noreturn));
	void (*last_thread)(struct process *p, int code); /* makes it a zombie */
};
extern const struct process_exit_ops *process_exit_ops;

/* Runs in each thread that ends, before it leaves its process: clear_child_tid, robust futexes (thread_end.c). */
extern void (*process_thread_exit_hook)(struct thread *t);
void thread_end(struct thread *t);

/* Takes the current thread out of its call gate and back into its program (overlay/gate.c). An application's function
 * that ends "the process" while a program runs it ends the program. */
extern void (*process_gate_exit_hook)(void);

/* Ends the guest with the application's status; callable from any thread. */
_Noreturn void process_exit_app(int wait_status);

#endif
