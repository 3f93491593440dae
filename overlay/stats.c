/* stats.c: see stats.h. */
#include "overlay/stats.h"

#include "drivers/virtio_net.h"
#include "fs/ninep.h"
#include "kernel/kmem.h"
#include "kernel/page.h"
#include "lib/fmt.h"
#include "linux/socket.h"
#include "overlay/cache.h"

/* Only where there is a network. */
extern struct vnet_stats vnet_stats __attribute__((weak));
unsigned socket_connections(void) __attribute__((weak));

static void add(struct stats *s, uint64_t value)
{
	s->values[s->count++] = value;
}

/* The structure's fields are the next names, in order. */
static void add_many(struct stats *s, const uint64_t *values, unsigned count)
{
	while (count--)
		add(s, *values++);
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
	s->names = "memory_bytes\0free_bytes\0min_free_bytes\0heap_bytes\0cache_bytes\0uptime_ns\0app_cpu_ns\0"
		   "overlay_cpu_ns\0idle_ns\0switches\0threads\0"
		   "9p_reads\0" "9p_read_bytes\0" "9p_writes\0" "9p_write_bytes\0" "9p_requests\0"
		   "net_rx_packets\0net_rx_bytes\0net_rx_dropped\0net_tx_packets\0net_tx_bytes\0net_tx_dropped\0"
		   "connections";
	add(s, pages.total * PAGE_SIZE);
	add(s, pages.free * PAGE_SIZE);
	add(s, pages.min_free * PAGE_SIZE);
	add(s, frames * PAGE_SIZE);
	add(s, cache_bytes);
	add(s, clock_monotonic_ns());
	add(s, sched.app_ns);
	add(s, sched.overlay_ns);
	add(s, sched.idle_ns);
	add(s, sched.switches);
	add(s, sched.threads);
	add_many(s, (const uint64_t *) &ninep_stats, 5);
	if (&vnet_stats) {
		add_many(s, (const uint64_t *) &vnet_stats, 6);
		add(s, socket_connections());
	}
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
	s->names = "memory_bytes\0memory_limit_bytes\0cpu_ns\0threads\0processes\0syscalls\0gate_calls\0refusals\0faults";
	add(s, p->quota_used * PAGE_SIZE);
	add(s, p->quota_limit * PAGE_SIZE);
	add(s, cpu_ns);
	add(s, threads);
	add(s, p->processes);
	add(s, p->syscalls);
	add(s, p->gate_calls);
	add(s, p->refusals);
	add(s, p->faults);
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
		s->names = "memory_bytes\0cpu_ns\0threads";
		add(s, app_vm.pages * PAGE_SIZE);
		add(s, process_cpu_ns(process_app));
		add(s, threads_of(process_app));
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
