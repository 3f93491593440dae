/* sys_epoll_item.c: what an epoll watches, and which of it is ready. */
#include "kernel/kmem.h"
#include "linux/process.h"
#include "linux/sys_epoll.h"

#define CHARGED_MAX 2048 /* items of all overlay programs together */

static unsigned charged_items;

static bool asleep(const struct epitem *it)
{
	return !(it->events & ~EPOLL_PRIVATE);
}

static bool on_ready_list(const struct epitem *it)
{
	return it->ready_node.next != &it->ready_node;
}

static void set_ready(struct epitem *it)
{
	struct epoll *ep = it->ep;

	if (!on_ready_list(it))
		list_add_tail(&ep->ready, &it->ready_node);
	waitq_wake_one(&ep->wait);
	waitq_wake_all(&ep->pollers);
}

/* Perhaps in an interrupt handler. */
static void woken(struct waiter_call *c)
{
	struct epitem *it = container_of(c, struct epitem_place, call)->item;

	if (!asleep(it))
		set_ready(it);
}

static void leave(struct epitem *it)
{
	while (it->used)
		waitq_leave(&it->place[--it->used].call.w);
}

struct item_table {
	struct poll_table table;
	struct epitem *item;
};

static void enter(struct poll_table *pt, struct waitq *q)
{
	struct epitem *it = container_of(pt, struct item_table, table)->item;

	if (it->used < EPITEM_QUEUES) {
		struct epitem_place *p = &it->place[it->used++];

		p->item = it;
		waitq_enter_call(q, &p->call, woken);
	}
}

/* What the file says now; from now on its queues tell of changes. */
static unsigned ask(struct epitem *it)
{
	struct item_table t = { .table = { enter, it->events & ~EPOLL_PRIVATE }, .item = it };

	leave(it);
	return it->file->fops->poll(it->file, &t.table) & it->events;
}

static unsigned epoll_poll(struct file *f, struct poll_table *pt);

static void ep_free(struct vnode *v)
{
	kfree(container_of(v, struct epoll, v));
}

static void ep_release(struct file *f)
{
	struct epoll *ep = epoll_of(f);
	struct epitem *it;

	while ((it = list_first(&ep->items, struct epitem, node)))
		epoll_remove(it);
}

static int no_open(struct vnode *v, struct file *f)
{
	return -ENXIO;
}

static const struct file_ops epoll_fops = {
	.open = no_open,
	.release = ep_release,
	.poll = epoll_poll,
	.free = ep_free,
};

struct epoll *epoll_of(struct file *f)
{
	return f->fops == &epoll_fops ? container_of(f->vnode, struct epoll, v) : NULL;
}

/* Readable while something is ready; to find out is to ask. */
static unsigned epoll_poll(struct file *f, struct poll_table *pt)
{
	struct epoll *ep = epoll_of(f);
	struct epitem *it, *next;

	poll_wait(pt, &ep->pollers);
	list_for_each_safe (it, next, &ep->ready, ready_node) {
		if (!asleep(it) && ask(it))
			return POLLIN | POLLRDNORM;
		list_del(&it->ready_node);
	}
	return 0;
}

static void file_closed(struct file *f)
{
	while (f->watches)
		epoll_remove(f->watches);
}

int epoll_create(struct file **ret)
{
	static uint64_t ino;
	struct epoll *ep = kzalloc(sizeof(*ep));
	int r;

	if (!ep)
		return -ENOMEM;
	ep->v = (struct vnode){ .refs = 1, .mode = 0600, .fops = &epoll_fops, .ino = ++ino };
	waitq_init(&ep->wait);
	waitq_init(&ep->pollers);
	list_init(&ep->items);
	list_init(&ep->ready);
	r = file_create(&ep->v, O_RDWR, ret);
	if (r < 0)
		vnode_put(&ep->v);
	file_watched_closed = file_closed;
	return r;
}

struct epitem *epoll_item(struct epoll *ep, struct file *f, int fd)
{
	struct epitem *it;

	for (it = f->watches; it; it = it->next)
		if (it->ep == ep && it->fd == fd)
			break;
	return it;
}

static void changed(struct epitem *it)
{
	if (ask(it))
		set_ready(it);
}

/* One epoll may be in another, but no deeper: so there is no ring, and a wake-up is no deep recursion. */
static int check_nesting(struct epoll *ep, struct epoll *inner)
{
	if (!inner)
		return 0;
	return inner == ep ? -EINVAL : inner->inner || ep->outer ? -ELOOP : 0;
}

int epoll_add(struct epoll *ep, struct file *f, int fd, const struct epoll_event64 *ev)
{
	struct epoll *inner = epoll_of(f);
	bool charged = current()->proc->restricted;
	struct epitem *it;
	int r;

	if (!f->fops->poll)
		return -EPERM;
	r = check_nesting(ep, inner);
	if (r < 0)
		return r;
	if (charged && charged_items >= CHARGED_MAX)
		return -ENOSPC;
	it = kzalloc(sizeof(*it));
	if (!it)
		return -ENOMEM;
	*it = (struct epitem){ .next = f->watches,
			       .ep = ep,
			       .file = f,
			       .fd = fd,
			       .events = ev->events,
			       .data = ev->data,
			       .charged = charged };
	list_init(&it->ready_node);
	list_add_tail(&ep->items, &it->node);
	f->watches = it;
	charged_items += charged;
	if (inner) {
		ep->inner++;
		inner->outer++;
	}
	changed(it);
	return 0;
}

int epoll_modify(struct epitem *it, const struct epoll_event64 *ev)
{
	if (it->events & EPOLLEXCLUSIVE)
		return -EINVAL;
	it->events = ev->events;
	it->data = ev->data;
	changed(it);
	return 0;
}

void epoll_remove(struct epitem *it)
{
	struct epoll *inner = epoll_of(it->file);
	struct epitem **at = (struct epitem **) &it->file->watches;

	while (*at != it)
		at = &(*at)->next;
	*at = it->next;
	if (inner) {
		it->ep->inner--;
		inner->outer--;
	}
	leave(it);
	list_del(&it->ready_node);
	list_del(&it->node);
	charged_items -= it->charged;
	kfree(it);
}

/* One item of the list: 1 if it went to the user. Level-triggered ones stay on the list, to be asked again. */
static int report(struct epitem *it, uint64_t to)
{
	struct epoll_event64 ev = { .events = ask(it), .data = it->data };

	list_del(&it->ready_node);
	if (!ev.events)
		return 0;
	if (copy_to_user(to, &ev, sizeof(ev)) < 0) {
		list_add_head(&it->ep->ready, &it->ready_node);
		return -EFAULT;
	}
	if (it->events & EPOLLONESHOT) {
		it->events &= EPOLL_PRIVATE;
		leave(it);
	} else if (!(it->events & EPOLLET)) {
		list_add_tail(&it->ep->ready, &it->ready_node);
	}
	return 1;
}

long epoll_collect(struct epoll *ep, uint64_t events, int max)
{
	struct list *last = ep->ready.prev;
	long done = 0;
	int r = 0;

	/* Items that are put back come behind `last` and wait for the next call. */
	for (bool more = !list_empty(&ep->ready); more && done < max && r >= 0; done += r > 0) {
		struct epitem *it = list_first(&ep->ready, struct epitem, ready_node);

		more = &it->ready_node != last;
		if (asleep(it)) {
			list_del(&it->ready_node);
			r = 0;
		} else {
			r = report(it, events + (uint64_t) done * sizeof(struct epoll_event64));
		}
	}
	/* What is still there is another thread's. */
	if (!list_empty(&ep->ready))
		waitq_wake_one(&ep->wait);
	return done ? done : r;
}
