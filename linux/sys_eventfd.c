/* sys_eventfd.c: eventfd: a counter to wait on. */
#include "kernel/kmem.h"
#include "linux/fd.h"
#include "linux/process.h"

#define EFD_SEMAPHORE 1

struct eventfd {
	struct vnode v;
	uint64_t count;
	bool semaphore;
	struct waitq rwait, wwait;
};

static struct eventfd *of(struct file *f)
{
	return container_of(f->vnode, struct eventfd, v);
}

static kssize_t eventfd_read(struct file *f, struct iter *it, uint64_t off)
{
	struct eventfd *e = of(f);
	uint64_t n;
	int r;

	if (it->left < sizeof(n))
		return -EINVAL;
	while (!e->count) {
		if (f->flags & O_NONBLOCK)
			return -EAGAIN;
		r = waitq_wait(&e->rwait, WAIT_EVENT, "eventfd", TIME_NEVER, true);
		if (r < 0)
			return r;
	}
	n = e->semaphore ? 1 : e->count;
	e->count -= n;
	waitq_wake_all(&e->wwait);
	return iter_put(it, &n, sizeof(n));
}

static kssize_t eventfd_write(struct file *f, struct iter *it, uint64_t off)
{
	struct eventfd *e = of(f);
	uint64_t n;
	kssize_t r;

	if (it->left < sizeof(n))
		return -EINVAL;
	r = iter_get(it, &n, sizeof(n));
	if (r < (kssize_t) sizeof(n))
		return -EFAULT;
	if (n == UINT64_MAX)
		return -EINVAL;
	while (UINT64_MAX - 1 - e->count < n) {
		if (f->flags & O_NONBLOCK)
			return -EAGAIN;
		r = waitq_wait(&e->wwait, WAIT_EVENT, "eventfd", TIME_NEVER, true);
		if (r < 0)
			return r;
	}
	e->count += n;
	waitq_wake_all(&e->rwait);
	return sizeof(n);
}

static unsigned eventfd_poll(struct file *f, struct poll_table *pt)
{
	struct eventfd *e = of(f);

	poll_wait_for(pt, &e->rwait, POLLIN | POLLRDNORM);
	poll_wait_for(pt, &e->wwait, POLLOUT | POLLWRNORM);
	return (e->count ? POLLIN | POLLRDNORM : 0) | (e->count < UINT64_MAX - 1 ? POLLOUT | POLLWRNORM : 0);
}

static void eventfd_free(struct vnode *v)
{
	kfree(container_of(v, struct eventfd, v));
}

static const struct file_ops eventfd_fops = {
	.read = eventfd_read,
	.write = eventfd_write,
	.poll = eventfd_poll,
	.free = eventfd_free,
};

long sys_eventfd2(unsigned count, int flags)
{
	static uint64_t ino;
	struct eventfd *e;
	struct file *f;
	int r;

	if (flags & ~(EFD_SEMAPHORE | O_CLOEXEC | O_NONBLOCK))
		return -EINVAL;
	e = kzalloc(sizeof(*e));
	if (!e)
		return -ENOMEM;
	e->v = (struct vnode){ .refs = 1, .mode = 0600, .fops = &eventfd_fops, .ino = ++ino };
	e->count = count;
	e->semaphore = flags & EFD_SEMAPHORE;
	waitq_init(&e->rwait);
	waitq_init(&e->wwait);
	r = file_create(&e->v, O_RDWR | (uint32_t) (flags & O_NONBLOCK), &f);
	if (r < 0) {
		vnode_put(&e->v);
		return r;
	}
	return fd_install(f, flags & O_CLOEXEC);
}

long sys_eventfd(unsigned count)
{
	return sys_eventfd2(count, 0);
}
