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
	uint64_t *v = s->values;

	sched_get_stats(&sched);
	s->names = "memory_bytes\0free_bytes\0min_free_bytes\0heap_bytes\0heap_used_bytes\0cache_bytes\0uptime_ns\0"
		   "app_cpu_ns\0overlay_cpu_ns\0idle_ns\0switches\0threads\0"
		   "9p_reads\0" "9p_read_bytes\0" "9p_writes\0" "9p_write_bytes\0" "9p_requests\0"
		   "net_rx_packets\0net_rx_bytes\0net_rx_dropped\0net_tx_packets\0net_tx_bytes\0net_tx_dropped\0"
		   "connections";
	page_get_stats((struct page_stats *) v); /* three figures, in this order */
	kmem_get_stats(&v[4], &v[3]);
	for (int i = 0; i < 4; i++)
		v[i] *= PAGE_SIZE;
	v[5] = cache_bytes;
	v[6] = clock_monotonic_ns();
	v[7] = sched.app_ns;
	v[8] = sched.overlay_ns;
	v[9] = sched.idle_ns;
	v[10] = sched.switches;
	v[11] = sched.threads;
	memcpy(&v[12], &ninep_stats, sizeof(ninep_stats));
	s->count = 17;
	if (&vnet_stats) {
		memcpy(&v[17], &vnet_stats, 6 * sizeof(*v));
		v[23] = socket_connections();
		s->count = STATS_MAX;
	}
}

static void program_stats(struct stats *s, struct program *p)
{
	struct process *proc;
	uint64_t cpu_ns = 0, *v = s->values;
	unsigned threads = 0;

	list_for_each(proc, &process_list, all_node)
		if (program_of(proc) == p) {
			cpu_ns += process_cpu_ns(proc) + proc->children_cpu_ns;
			threads += threads_of(proc);
		}
	s->names = "memory_bytes\0memory_limit_bytes\0cpu_ns\0threads\0processes\0syscalls\0gate_calls\0refusals\0faults";
	v[0] = p->quota_used * PAGE_SIZE;
	v[1] = p->quota_limit * PAGE_SIZE;
	v[2] = cpu_ns;
	v[3] = threads;
	v[4] = p->processes;
	v[5] = p->syscalls;
	v[6] = p->gate_calls;
	v[7] = p->refusals;
	v[8] = p->faults;
	s->count = 9;
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

	if (s->pid < 0) {
		s->pid = 0;
		s->subject = STATS_SYSTEM;
		system_stats(s);
	} else if (s->pid == 0) {
		s->pid = process_app->pid;
		s->subject = STATS_APPLICATION;
		s->names = "memory_bytes\0cpu_ns\0threads";
		s->values[0] = app_vm.pages * PAGE_SIZE;
		s->values[1] = process_cpu_ns(process_app);
		s->values[2] = threads_of(process_app);
		s->count = 3;
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
