/* sys_epoll.h: epoll inside: what sys_epoll*.c share.
 *
 * Each watched file's item stands in the file's wait queues with a function instead of a thread. Who wakes such a queue
 * puts the item on the list of those that may be ready, and the item leaves the queue. epoll_wait() asks those on the
 * list alone, which also enters the queues again; so its cost does not grow with the number of files. */
#ifndef UIO_LINUX_SYS_EPOLL_H
#define UIO_LINUX_SYS_EPOLL_H

#include "fs/vfs.h"

/* include/uapi/linux/eventpoll.h; the rest are POLL*. */
#define EPOLLEXCLUSIVE (1U << 28)
#define EPOLLWAKEUP    (1U << 29)
#define EPOLLONESHOT   (1U << 30)
#define EPOLLET	       (1U << 31)
#define EPOLL_PRIVATE  (EPOLLEXCLUSIVE | EPOLLWAKEUP | EPOLLONESHOT | EPOLLET)
enum { EPOLL_CTL_ADD = 1, EPOLL_CTL_DEL, EPOLL_CTL_MOD };

struct epoll_event64 {
	uint32_t events;
	uint64_t data;
} __attribute__((packed));
_Static_assert(sizeof(struct epoll_event64) == 12, "x86-64 ABI");

struct epoll {
	struct vnode v;
	struct waitq wait;     /* threads in epoll_wait(): one is woken for each item */
	struct waitq pollers;  /* poll() of the epoll descriptor itself */
	struct list items;     /* all, by epitem.node */
	struct list ready;     /* those that may be ready, by epitem.ready_node; oldest first */
	unsigned inner, outer; /* items whose file is an epoll; items of others whose file this is */
};

#define EPITEM_QUEUES 2
struct epitem {
	struct list node;
	struct list ready_node; /* points at itself: not on the list */
	struct epitem *next;	/* of the same file */
	struct epoll *ep;
	struct file *file; /* not referenced: its end removes the item */
	int fd;
	uint32_t events; /* with POLLERR and POLLHUP; only EPOLL_PRIVATE: asleep after EPOLLONESHOT */
	uint64_t data;
	struct epitem_place {
		struct waiter_call call;
		struct epitem *item;
	} place[EPITEM_QUEUES];
	unsigned used;
	bool charged; /* an overlay program's */
};

/* NULL: not an epoll. */
struct epoll *epoll_of(struct file *f);
int epoll_create(struct file **ret);
int epoll_add(struct epoll *ep, struct file *f, int fd, const struct epoll_event64 *ev);
struct epitem *epoll_item(struct epoll *ep, struct file *f, int fd);
int epoll_modify(struct epitem *it, const struct epoll_event64 *ev);
void epoll_remove(struct epitem *it);
/* What is ready, at most `max` events, to the user; 0: nothing is. -EFAULT. */
long epoll_collect(struct epoll *ep, uint64_t events, int max);

#endif
