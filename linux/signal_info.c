/* signal_info.c: what goes with pending signals: sender, value. A bounded queue for all processes. */
#include "linux/signal.h"
#include "kernel/kmem.h"

#define QUEUED_MAX 256
#define QUEUED_MAX_PROCESS 64

struct queued {
	struct list node;
	struct process *proc;
	struct thread *thread; /* NULL: for the process */
	int signo;
	struct signal_info info;
};

static struct list queue = LIST_INIT(queue);
static unsigned queued_count;

static struct queued *find(struct process *p, struct thread *t, int signo, struct list *after)
{
	struct queued *q;

	for (struct list *l = after->next; l != &queue; l = l->next) {
		q = container_of(l, struct queued, node);
		if (q->proc == p && q->thread == t && q->signo == signo)
			return q;
	}
	return NULL;
}

static void drop(struct queued *q)
{
	list_del(&q->node);
	kfree(q);
	queued_count--;
}

static bool take(struct process *p, struct thread *t, int signo, struct signal_info *ret, bool *ret_more)
{
	struct queued *q = find(p, t, signo, &queue);

	if (!q)
		return false;
	*ret = q->info;
	*ret_more = find(p, t, signo, &q->node);
	drop(q);
	return true;
}

static void purge(struct process *p, struct thread *t)
{
	struct queued *q, *next;

	list_for_each_safe(q, next, &queue, node)
		if (q->proc == p && (!t || q->thread == t))
			drop(q);
}

static const struct signal_info_ops ops = { take, purge };

static unsigned count_of(struct process *p)
{
	struct queued *q;
	unsigned n = 0;

	list_for_each(q, &queue, node)
		n += q->proc == p;
	return n;
}

static int enqueue(struct process *p, struct thread *t, int signo, const struct signal_info *info)
{
	uint64_t pending = t ? t->sig_pending : p->signals->pending;
	struct queued *q;

	/* Without threads: it ends, or is only being made and may be thrown away again. */
	if (list_empty(&p->threads))
		return 0;
	if (!(pending & SIGBIT(signo))) {
		/* What is still queued belongs to a signal that was dropped. */
		while ((q = find(p, t, signo, &queue)))
			drop(q);
	} else if (signo < SIGRTMIN)
		return 0; /* classic signals do not queue */
	if (queued_count >= QUEUED_MAX - (p->restricted ? QUEUED_MAX_PROCESS : 0) || count_of(p) >= QUEUED_MAX_PROCESS)
		return -EAGAIN;
	q = kmalloc(sizeof(*q));
	if (!q)
		return -EAGAIN;
	*q = (struct queued){ .proc = p, .thread = t, .signo = signo, .info = *info };
	list_add_tail(&queue, &q->node);
	queued_count++;
	signal_info_ops = &ops;
	return 0;
}

int signal_send_info(struct process *p, struct thread *t, int signo, const struct signal_info *info)
{
	int r;

	if (signo < 0 || signo > NSIG)
		return -EINVAL;
	if (signo) {
		r = enqueue(p, t, signo, info);
		if (r < 0 && signo >= SIGRTMIN)
			return r;
	}
	return t ? signal_send_thread(t, signo) : signal_send(p, signo);
}
