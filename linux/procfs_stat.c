/* procfs_stat.c: /proc/PID/stat, statm, status, limits: proc(5). */
#include "fs/tty.h"
#include "linux/fd.h"
#include "linux/procfs_pid.h"

typedef unsigned long long ull;

/* Only where something else needs terminals. */
unsigned tty_index(const struct tty *t) __attribute__((weak));
int tty_foreground(const struct tty *t) __attribute__((weak));

#define NSEC_PER_TICK (NSEC_PER_SEC / 100) /* USER_HZ is 100 */

struct numbers {
	char state;
	unsigned threads;
	uint64_t cpu_ns, size, pages;
	int tty, tty_pgrp;
};

static char thread_letter(const struct thread *t)
{
	if (t->state == THREAD_RUNNABLE)
		return 'R';
	return t->interruptible ? 'S' : 'D';
}

/* The liveliest thread speaks for all. */
static char state_letter(struct process *p)
{
	struct thread *t;
	char best = 'S';

	if (p->state == PROCESS_ZOMBIE)
		return 'Z';
	if (p->state == PROCESS_STOPPED)
		return 'T';
	list_for_each(t, &p->threads, proc_node) {
		char c = thread_letter(t);

		if (c == 'R' || (c == 'D' && best == 'S'))
			best = c;
	}
	return best;
}

/* k->n: one thread, or 0 for the process. False: gone. */
static bool collect(const struct proc_key *k, struct process **ret, struct numbers *n)
{
	struct process *p = procfs_process(k);
	struct thread *t;
	struct vm_area *a;

	if (!p)
		return false;
	*n = (struct numbers){ .state = state_letter(p), .cpu_ns = process_cpu_ns(p), .tty_pgrp = -1 };
	list_for_each(t, &p->threads, proc_node) {
		n->threads++;
		if (k->n && t->tid == k->n) {
			n->state = p->state == PROCESS_STOPPED ? 'T' : thread_letter(t);
			n->cpu_ns = thread_cpu_ns(t);
		}
	}
	if (p->vm) {
		n->pages = p->vm->pages;
		list_for_each(a, &p->vm->areas, node)
			n->size += a->end - a->start;
	}
	if (p->tty && tty_index) {
		n->tty = (int) MAKEDEV(136, tty_index(p->tty));
		n->tty_pgrp = tty_foreground(p->tty);
	}
	*ret = p;
	return true;
}

void procfs_show_stat(struct proc_text *t, const struct proc_key *k)
{
	struct process *p;
	struct numbers n;

	if (!collect(k, &p, &n))
		return;
	proc_printf(t, "%d (%s) %c %d %d %d %d %d ", k->n ? k->n : p->pid, p->comm, n.state,
		    p->parent ? p->parent->pid : 0, p->pgid, p->sid, n.tty, n.tty_pgrp);
	/* flags, page faults (4), utime, stime, children's */
	proc_printf(t, "0 0 0 0 0 %llu 0 %llu 0 ", (ull) n.cpu_ns / NSEC_PER_TICK,
		    (ull) p->children_cpu_ns / NSEC_PER_TICK);
	/* priority, nice, threads, itrealvalue, starttime, vsize, rss, rsslim */
	proc_printf(t, "20 %d %u 0 %llu %llu %llu %llu ", p->restricted ? 10 : 0, n.threads,
		    (ull) p->start_ns / NSEC_PER_TICK, (ull) n.size, (ull) n.pages, ~0ULL);
	/* startcode .. sigcatch (9), wchan, swaps (2), exit_signal, processor, rt_priority, policy, delays and times
	 * (3), the rest (8) */
	proc_printf(t, "0 0 0 0 0 %llu 0 0 0 0 0 0 17 0 0 0 0 0 0 0 0 0 0 0 0 0 %d\n", (ull) p->signals->pending,
		    p->wait_status);
}

void procfs_show_statm(struct proc_text *t, const struct proc_key *k)
{
	struct process *p;
	struct numbers n;

	if (collect(k, &p, &n))
		proc_printf(t, "%llu %llu 0 0 0 %llu 0\n", (ull) n.size / PAGE_SIZE, (ull) n.pages,
			    (ull) n.size / PAGE_SIZE);
}

static uint64_t actions(const struct signals *s, uint64_t handler)
{
	uint64_t set = 0;

	for (unsigned i = 0; i < NSIG; i++)
		if (handler == 1 ? s->action[i].handler == 1 : s->action[i].handler > 1)
			set |= 1ULL << i;
	return set;
}

void procfs_show_status(struct proc_text *t, const struct proc_key *k)
{
	struct process *p;
	struct numbers n;

	if (!collect(k, &p, &n))
		return;
	proc_printf(t, "Name:\t%s\nUmask:\t%04o\nState:\t%c\nTgid:\t%d\nPid:\t%d\nPPid:\t%d\n", p->comm, p->umask,
		    n.state, p->pid, k->n ? k->n : p->pid, p->parent ? p->parent->pid : 0);
	proc_printf(t, "TracerPid:\t0\nUid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\nFDSize:\t%u\n",
		    p->files ? p->files->size : 0);
	proc_printf(t, "VmSize:\t%8llu kB\nVmRSS:\t%8llu kB\nThreads:\t%u\n", (ull) n.size / 1024,
		    (ull) n.pages * (PAGE_SIZE / 1024), n.threads);
	proc_printf(t, "ShdPnd:\t%016llx\nSigIgn:\t%016llx\nSigCgt:\t%016llx\n", (ull) p->signals->pending,
		    (ull) actions(p->signals, 1), (ull) actions(p->signals, 2));
}

/* In the order of RLIMIT_*. */
static const char limit_names[] =
	"cpu time\0file size\0data size\0stack size\0core file size\0resident set\0processes\0open files\0"
	"locked memory\0address space\0file locks\0pending signals\0msgqueue size\0nice priority\0"
	"realtime priority\0realtime timeout\0";

static void show_limit(struct proc_text *t, uint64_t v)
{
	if (v == UINT64_MAX)
		proc_printf(t, "%-21s", "unlimited");
	else
		proc_printf(t, "%-21llu", (ull) v);
}

void procfs_show_limits(struct proc_text *t, const struct proc_key *k)
{
	struct process *p = procfs_process(k);
	const char *name = limit_names;

	proc_printf(t, "%-26s%-21s%-21s%s\n", "Limit", "Soft Limit", "Hard Limit", "Units");
	for (unsigned i = 0; p && *name; name += strlen(name) + 1, i++) {
		proc_printf(t, "Max %-22s", name);
		show_limit(t, p->limits[i].cur);
		show_limit(t, p->limits[i].max);
		proc_write(t, "\n", 1);
	}
}
