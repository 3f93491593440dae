/* process_exit_app.c: how a thread and the application end. Overlay programs end in process_exit.c, which registers
 * itself in process_exit_ops when it is part of the image; so do the parts that only images with threads have. */
#include "linux/process_exit.h"
#include "kernel/log.h"
#include "kernel/panic.h"
#include "linux/signal.h"

void (*process_app_exit_hook)(void);
void (*process_thread_exit_hook)(struct thread *t);
void (*process_gate_exit_hook)(void);
const struct process_exit_ops *process_exit_ops;
const struct signal_info_ops *signal_info_ops;

_Noreturn void process_exit_app(int wait_status)
{
	struct process *p = process_app;
	int signo = wait_status & 0x7f;

	/* The hook may block; a second thread that ends the process meanwhile waits for the first one's end. */
	if (p->group_exit)
		for (;;)
			thread_block(WAIT_IO, "exit", TIME_NEVER, false);
	p->group_exit = true;
	p->exit_code = wait_status;
	if (process_app_exit_hook)
		process_app_exit_hook();
	machine_exit(signo ? 128 + signo : wait_status >> 8 & 0xff);
}

static void leave_gate(void)
{
	klog("%s: an application's function that it called wanted to end the application", current()->name);
	process_gate_exit_hook();
}

_Noreturn void process_exit_group(int wait_status)
{
	if (current()->in_gate && process_gate_exit_hook)
		leave_gate();
	if (current()->proc != process_app)
		process_exit_ops->exit_group(wait_status);
	process_exit_app(wait_status);
}

_Noreturn void process_thread_exit(int code)
{
	struct thread *t = current();
	struct process *p;

	if (t->in_gate && process_gate_exit_hook)
		leave_gate();
	p = t->proc;
	if (process_thread_exit_hook)
		process_thread_exit_hook(t);
	if (p == process_app && p->threads.next == &t->proc_node && p->threads.prev == &t->proc_node)
		process_exit_app(WAIT_EXITED(code));
	list_del(&t->proc_node);
	p->dead_cpu_ns += thread_cpu_ns(t);
	if (signal_info_ops)
		signal_info_ops->purge(p, t);
	if (p != process_app && list_empty(&p->threads))
		process_exit_ops->last_thread(p, code);
	t->proc = NULL;
	thread_exit();
}
