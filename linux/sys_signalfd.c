/* sys_signalfd.c: signalfd: pending signals, read as data. It is always the reader's own signals that are read. */
#include "kernel/kmem.h"
#include "kernel/waitq.h"
#include "linux/fd.h"
#include "linux/signal.h"

struct signalfd {
	struct vnode v;
	uint64_t mask;
};

/* include/uapi/linux/signalfd.h */
struct signalfd_siginfo64 {
	uint32_t signo;
	int32_t err, code;
	uint32_t pid, uid;
	int32_t fd;
	uint32_t tid, band, overrun, trapno;
	int32_t status, value_int;
	uint64_t value_ptr, utime, stime, addr;
	uint8_t pad[48];
};
_Static_assert(sizeof(struct signalfd_siginfo64) == 128, "signalfd(2)");

/* Any signal to anybody: whom it concerns looks. */
static struct waitq posted = WAITQ_INIT(posted);

static void wake(void)
{
	waitq_wake_all(&posted);
}

static struct signalfd *of(struct file *f)
{
	return container_of(f->vnode, struct signalfd, v);
}

static void describe(const struct siginfo *from, struct signalfd_siginfo64 *to)
{
	memset(to, 0, sizeof(*to));
	to->signo = (uint32_t) from->signo;
	to->code = from->code;
	to->pid = (uint32_t) from->pid;
	to->uid = from->uid;
	if (from->signo == SIGCHLD)
		to->status = (int32_t) from->value;
	else {
		to->value_int = (int32_t) from->value;
		to->value_ptr = from->value;
	}
}

static kssize_t signalfd_read(struct file *f, struct iter *it, uint64_t off)
{
	struct signalfd *s = of(f);
	struct signalfd_siginfo64 out;
	struct siginfo info;
	kssize_t done = 0, r;

	if (it->left < sizeof(out))
		return -EINVAL;
	while (it->left >= sizeof(out)) {
		if (signal_dequeue(s->mask, &info)) {
			describe(&info, &out);
			r = iter_put(it, &out, sizeof(out));
			if (r < (kssize_t) sizeof(out))
				return done ? done : -EFAULT;
			done += r;
			continue;
		}
		if (done)
			break;
		if (f->flags & O_NONBLOCK)
			return -EAGAIN;
		r = waitq_wait(&posted, WAIT_EVENT, "signalfd", TIME_NEVER, true);
		if (r < 0)
			return r;
	}
	return done;
}

static unsigned signalfd_poll(struct file *f, struct poll_table *pt)
{
	poll_wait(pt, &posted);
	return signal_pending_set(current()) & of(f)->mask ? POLLIN | POLLRDNORM : 0;
}

static void signalfd_free(struct vnode *v)
{
	kfree(container_of(v, struct signalfd, v));
}

static const struct file_ops signalfd_fops = {
	.read = signalfd_read,
	.poll = signalfd_poll,
	.free = signalfd_free,
};

static long create(uint64_t mask, int flags)
{
	static uint64_t ino;
	struct signalfd *s = kzalloc(sizeof(*s));
	struct file *f;
	int r;

	if (!s)
		return -ENOMEM;
	s->v = (struct vnode){ .refs = 1, .mode = 0600, .fops = &signalfd_fops, .ino = ++ino };
	s->mask = mask;
	signal_posted_hook = wake;
	r = file_create(&s->v, O_RDWR | (uint32_t) (flags & O_NONBLOCK), &f);
	if (r < 0) {
		vnode_put(&s->v);
		return r;
	}
	return fd_install(f, flags & O_CLOEXEC);
}

long sys_signalfd4(int fd, uint64_t user_mask, uint64_t size, int flags)
{
	struct file *f;
	uint64_t mask;
	long r = fd;

	if (size != sizeof(mask) || flags & ~(O_CLOEXEC | O_NONBLOCK))
		return -EINVAL;
	if (copy_from_user(&mask, user_mask, sizeof(mask)) < 0)
		return -EFAULT;
	mask &= ~SIGNALS_UNBLOCKABLE;
	if (fd == -1)
		return create(mask, flags);
	f = fd_get(fd);
	if (!f)
		return -EBADF;
	if (f->fops == &signalfd_fops)
		of(f)->mask = mask;
	else
		r = -EINVAL;
	file_put(f);
	wake();
	return r;
}

long sys_signalfd(int fd, uint64_t mask, uint64_t size)
{
	return sys_signalfd4(fd, mask, size, 0);
}
