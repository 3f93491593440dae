/* stats.c: see stats.h. */
#include "overlay/stats.h"

#include "kernel/kmem.h"
#include "kernel/page.h"
#include "lib/fmt.h"
#include "overlay/cache.h"

static void add(struct stats *s, const char *name, uint64_t value)
{
	s->v[s->count].name = name;
	s->v[s->count++].value = value;
}

static unsigned threads_of(const struct process *p)
{
	const struct list *n;
	unsigned count = 0;

	for (n = p->threads.next; n != &p->threads; n = n->next)
		count++;
	return count;
}

static void system_stats(struct stats *s)
{
	struct sched_stats sched;
	struct page_stats pages;
	uint64_t bytes, frames;

	sched_get_stats(&sched);
	page_get_stats(&pages);
	kmem_get_stats(&bytes, &frames);
	add(s, "memory_bytes", pages.total * PAGE_SIZE);
	add(s, "free_bytes", pages.free * PAGE_SIZE);
	add(s, "min_free_bytes", pages.min_free * PAGE_SIZE);
	add(s, "heap_bytes", frames * PAGE_SIZE);
	add(s, "cache_bytes", cache_bytes);
	add(s, "uptime_ns", clock_monotonic_ns());
	add(s, "app_cpu_ns", sched.app_ns);
	add(s, "overlay_cpu_ns", sched.overlay_ns);
	add(s, "idle_ns", sched.idle_ns);
	add(s, "switches", sched.switches);
	add(s, "threads", sched.threads);
}

static void program_stats(struct stats *s, struct program *p)
{
	struct process *proc;
	uint64_t cpu_ns = 0;
	unsigned threads = 0;

	list_for_each(proc, &process_list, all_node)
		if (program_of(proc) == p) {
			cpu_ns += process_cpu_ns(proc) + proc->children_cpu_ns;
			threads += threads_of(proc);
		}
	add(s, "memory_bytes", p->quota_used * PAGE_SIZE);
	add(s, "memory_limit_bytes", p->quota_limit * PAGE_SIZE);
	add(s, "cpu_ns", cpu_ns);
	add(s, "threads", threads);
	add(s, "processes", p->processes);
	add(s, "syscalls", p->syscalls);
	add(s, "gate_calls", p->gate_calls);
	add(s, "refusals", p->refusals);
	add(s, "faults", p->faults);
}

static struct program *next_program(int pid)
{
	struct program *p, *best = NULL;

	list_for_each(p, &program_list, node)
		if (p->pid > pid && (!best || p->pid < best->pid))
			best = p;
	return best;
}

bool stats_next(struct stats *s)
{
	struct program *p = NULL;

	s->count = 0;
	if (s->pid < 0) {
		s->pid = 0;
		s->subject = STATS_SYSTEM;
		system_stats(s);
	} else if (s->pid == 0) {
		s->pid = process_app->pid;
		s->subject = STATS_APPLICATION;
		add(s, "memory_bytes", app_vm.pages * PAGE_SIZE);
		add(s, "cpu_ns", process_cpu_ns(process_app));
		add(s, "threads", threads_of(process_app));
	} else {
		p = next_program(s->pid);
		if (!p)
			return false;
		s->pid = p->pid;
		s->subject = STATS_PROGRAM;
		program_stats(s, p);
	}
	fmt_snprintf(s->name, sizeof(s->name), "%s",
		     p ? p->name : s->subject == STATS_SYSTEM ? "system" : process_app->comm);
	return true;
}

static char state_of(struct process *p)
{
	struct thread *t;

	if (p->state != PROCESS_RUNNING)
		return p->state == PROCESS_ZOMBIE ? 'Z' : 'T';
	list_for_each(t, &p->threads, proc_node)
		if (t->state == THREAD_RUNNABLE)
			return 'R';
	return 'S';
}

static void join_args(const struct process *p, char *buf, size_t size)
{
	size_t n = MIN(p->args ? p->args_len : 0, size - 1);

	for (size_t i = 0; i < n; i++)
		buf[i] = (uint8_t) p->args[i] < ' ' ? ' ' : p->args[i];
	while (n && buf[n - 1] == ' ')
		n--;
	buf[n] = '\0';
}

bool stats_next_process(int pid, struct msg_ps_row *ret, char *command, size_t size)
{
	struct process *p, *best = NULL;

	list_for_each(p, &process_list, all_node)
		if (p->pid > pid && (!best || p->pid < best->pid))
			best = p;
	if (!best)
		return false;
	join_args(best, command, size);
	*ret = (struct msg_ps_row){
		.pid = (uint32_t) best->pid,
		.ppid = best->parent ? (uint32_t) best->parent->pid : 0,
		.pgid = (uint32_t) best->pgid,
		.sid = (uint32_t) best->sid,
		.state = (uint8_t) state_of(best),
		.threads = threads_of(best),
		.grants = best->restricted ? best->grants : GRANT_ALL,
		.cpu_ns = process_cpu_ns(best),
		.memory_bytes = best->vm ? best->vm->pages * PAGE_SIZE : 0,
		.age_ns = clock_monotonic_ns() - best->start_ns,
		.name = best->comm,
		.command = *command ? command : best->comm,
	};
	return true;
}
