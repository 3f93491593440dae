/* process_init.c: process 1, the application. Apart from the rest, since every image has it and most need no more. */
#include "linux/fd.h"
#include "linux/process.h"

#define RLIM_INFINITY UINT64_MAX

enum { RLIMIT_STACK = 3, RLIMIT_CORE = 4, RLIMIT_NOFILE = 7 };

static struct signals app_signals;
static struct process app; /* not initialised here: it would take room in the image */

struct process *process_app = &app;
struct list process_list = LIST_INIT(process_list);

void process_init(void)
{
	struct process *p = &app;
	struct thread *t = current();

	p->refs = app_signals.refs = 1;
	p->umask = 022;
	p->vm = &app_vm;
	p->signals = &app_signals;
	memcpy(p->comm, "app", 4);
	list_init(&p->children);
	list_init(&p->sibling_node);
	list_init(&p->threads);
	waitq_init(&p->child_wait);
	waitq_init(&p->vfork_wait);
	waitq_init(&p->stop_wait);
	for (unsigned i = 0; i < ARRAY_SIZE(p->limits); i++)
		p->limits[i] = (struct rlimit_k){ RLIM_INFINITY, RLIM_INFINITY };
	p->limits[RLIMIT_STACK].cur = 8 << 20;
	p->limits[RLIMIT_CORE].cur = 0;
	p->limits[RLIMIT_NOFILE] = (struct rlimit_k){ 1024, FD_MAX };
	p->start_ns = clock_monotonic_ns();
	p->pid = p->pgid = p->sid = t->tid;
	list_add_tail(&process_list, &p->all_node);
	t->proc = p;
	list_add_tail(&p->threads, &t->proc_node);
}
