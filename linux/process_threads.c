/* process_threads.c: a process's threads, and the CPU time they used. */
#include "linux/process.h"

void process_add_thread(struct process *p, struct thread *t)
{
	t->proc = p;
	list_add_tail(&p->threads, &t->proc_node);
}

uint64_t thread_cpu_ns(struct thread *t)
{
	struct sched_stats s;

	/* Brings the running thread's account up to now. */
	if (t == current())
		sched_get_stats(&s);
	return t->cpu_ns;
}

uint64_t process_cpu_ns(struct process *p)
{
	uint64_t sum = p->dead_cpu_ns;
	struct sched_stats s;
	struct thread *t;

	if (p == process_app) {
		sched_get_stats(&s);
		sum += s.gate_ns;
	}
	list_for_each(t, &p->threads, proc_node)
		sum += thread_cpu_ns(t);
	return sum;
}
