/* sys_lock.c: the locks themselves. Invariant: locks of one owner in one space of one file do not overlap. A file's set
 * lives while there are locks in it or waiters on it. */
#include "kernel/clock.h"
#include "kernel/kmem.h"
#include "linux/lock.h"
#include "linux/path.h"

/* In all, and of those the programs': they must neither fill the kernel's memory nor leave the application none. */
#define LOCKS_MAX 1024
#define LOCKS_MAX_RESTRICTED 512
#define RETRY_NS (50 * NSEC_PER_MSEC)

struct lock {
	struct list node;
	void *owner;
	enum lock_space space;
	bool write;
	int pid;	/* for F_GETLK; -1: an open file's */
	uint64_t start, end;
};

struct file_locks {
	struct list locks;
	struct waitq wait;
	unsigned waiters;
};

static unsigned lock_count;

static struct lock *lock_alloc(void)
{
	unsigned max = current()->proc->restricted ? LOCKS_MAX_RESTRICTED : LOCKS_MAX;
	struct lock *l = lock_count < max ? kzalloc(sizeof(*l)) : NULL;

	if (l)
		lock_count++;
	return l;
}

static void lock_free(struct lock *l)
{
	if (!l)
		return;
	kfree(l);
	lock_count--;
}

static void tidy(struct vnode *v)
{
	if (v->locks && list_empty(&v->locks->locks) && !v->locks->waiters) {
		kfree(v->locks);
		v->locks = NULL;
	}
}

static struct lock *conflict(struct vnode *v, enum lock_space space, void *owner, int type, uint64_t start,
			     uint64_t end)
{
	struct lock *l;

	if (!v->locks || type == F_UNLCK)
		return NULL;
	list_for_each(l, &v->locks->locks, node)
		if (l->space == space && l->owner != owner && l->start <= end && start <= l->end &&
		    (l->write || type == F_WRLCK))
			return l;
	return NULL;
}

/* Takes the owner's locks off the range. A lock that covers more on both sides is split with *spare. */
static void clear_range(struct file_locks *s, enum lock_space space, void *owner, uint64_t start, uint64_t end,
			struct lock **spare)
{
	struct lock *l, *next, *right;

	list_for_each_safe(l, next, &s->locks, node) {
		if (l->space != space || l->owner != owner || l->start > end || start > l->end)
			continue;
		if (l->start < start && l->end > end) {
			right = *spare;
			*spare = NULL;
			*right = *l;
			right->start = end + 1;
			l->end = start - 1;
			list_add_head(&l->node, &right->node);
			return; /* no other of the owner's can overlap */
		}
		if (l->start < start) {
			l->end = start - 1;
		} else if (l->end > end) {
			l->start = end + 1;
		} else {
			list_del(&l->node);
			lock_free(l);
		}
	}
}

static void let_go(struct vnode *v, void *owner)
{
	struct lock *l, *next;

	if (!v->locks)
		return;
	list_for_each_safe(l, next, &v->locks->locks, node) {
		if (l->owner != owner)
			continue;
		list_del(&l->node);
		lock_free(l);
	}
	waitq_wake_all(&v->locks->wait);
	tidy(v);
}

static void closed(struct file *f, void *owner)
{
	struct vnode *v = f->vnode;
	bool any = false;
	struct lock *l;

	if (v->locks)
		list_for_each(l, &v->locks->locks, node)
			any |= l->owner == (owner ? owner : f);
	if (!any)
		return;
	let_go(v, owner ? owner : f);
	if (v->ops && v->ops->lock && !v->locks)
		(void) v->ops->lock(v, F_UNLCK, 0, 0, false);
}

static int set_here(struct file *f, enum lock_space space, void *owner, int type, uint64_t start, uint64_t end)
{
	struct lock *fresh = lock_alloc(), *spare = lock_alloc();
	struct vnode *v = f->vnode;

	if (!v->locks && fresh && spare) {
		v->locks = kzalloc(sizeof(*v->locks));
		if (v->locks) {
			list_init(&v->locks->locks);
			waitq_init(&v->locks->wait);
		}
	}
	if (!fresh || !spare || !v->locks) {
		lock_free(fresh);
		lock_free(spare);
		return -ENOLCK;
	}
	clear_range(v->locks, space, owner, start, end, &spare);
	if (type != F_UNLCK) {
		fresh->space = space;
		fresh->owner = owner;
		fresh->write = type == F_WRLCK;
		fresh->pid = owner == f ? -1 : current()->proc->pid;
		fresh->start = start;
		fresh->end = end;
		list_add_tail(&v->locks->locks, &fresh->node);
		fresh = NULL;
	}
	lock_free(fresh);
	lock_free(spare);
	waitq_wake_all(&v->locks->wait);
	tidy(v);
	return 0;
}

static int wait_for_change(struct vnode *v)
{
	struct file_locks *s = v->locks;
	int r;

	s->waiters++;
	r = waitq_wait(&s->wait, WAIT_EVENT, "file_lock", TIME_NEVER, true);
	s->waiters--;
	tidy(v);
	return r;
}

/* Others outside the guest have their say after those inside. */
static int set_outside(struct file *f, int type, uint64_t start, uint64_t end, bool wait)
{
	struct waitq never = WAITQ_INIT(never);
	uint64_t len = end == INT64_MAX ? 0 : end - start + 1;
	int r;

	if (!f->vnode->ops || !f->vnode->ops->lock)
		return 0;
	while ((r = f->vnode->ops->lock(f->vnode, type, start, len, false)) == -EAGAIN && wait) {
		r = waitq_wait(&never, WAIT_EVENT, "file_lock", clock_monotonic_ns() + RETRY_NS, true);
		if (r == -EINTR)
			return r;
	}
	return r;
}

int lock_set(struct file *f, enum lock_space space, void *owner, int type, uint64_t start, uint64_t end, bool wait)
{
	int r;

	/* A lock, even one for reading, can hold up the application: that is a change. */
	if (type != F_UNLCK && may_change(f->vnode, "lock", f->vnode->name ? f->vnode->name : "a file") < 0)
		return -ENOLCK;
	file_locks_closed = closed;
	if (owner == f)
		f->ofd_locks = true;
	while (conflict(f->vnode, space, owner, type, start, end)) {
		if (!wait)
			return -EAGAIN;
		r = wait_for_change(f->vnode);
		if (r < 0)
			return r;
	}
	r = set_here(f, space, owner, type, start, end);
	if (r < 0 || space == LOCK_FLOCK)
		return r;
	r = set_outside(f, type, start, end, wait);
	if (r < 0 && type != F_UNLCK)
		(void) set_here(f, space, owner, F_UNLCK, start, end);
	return type == F_UNLCK ? 0 : r;
}

/* include/uapi/asm-generic/fcntl.h */
struct flock64 {
	int16_t type, whence;
	int32_t pad;
	int64_t start, len;
	int32_t pid, pad2;
};
_Static_assert(sizeof(struct flock64) == 32, "asm-generic/fcntl.h, struct flock");

enum { F_GETLK = 5, F_SETLK = 6, F_SETLKW = 7, F_OFD_GETLK = 36, F_OFD_SETLK = 37, F_OFD_SETLKW = 38 };

static int range_of(struct file *f, const struct flock64 *l, uint64_t *ret_start, uint64_t *ret_end)
{
	int64_t start = l->start, end;
	struct vattr a;
	int r;

	if (l->whence == SEEK_CUR && __builtin_add_overflow(start, (int64_t) f->pos, &start))
		return -EOVERFLOW;
	if (l->whence == SEEK_END) {
		r = vfs_getattr(f->vnode, &a);
		if (r < 0)
			return r;
		if (__builtin_add_overflow(start, (int64_t) a.size, &start))
			return -EOVERFLOW;
	} else if (l->whence != SEEK_SET && l->whence != SEEK_CUR) {
		return -EINVAL;
	}
	if (l->len > 0) {
		if (__builtin_add_overflow(start, l->len - 1, &end))
			return -EOVERFLOW;
	} else if (l->len < 0) { /* the bytes before */
		end = start - 1;
		if (__builtin_add_overflow(start, l->len, &start))
			return -EINVAL;
	} else {
		end = INT64_MAX;
	}
	if (start < 0)
		return -EINVAL;
	*ret_start = (uint64_t) start;
	*ret_end = (uint64_t) end;
	return 0;
}

static long get_lock(struct file *f, void *owner, struct flock64 *l, uint64_t start, uint64_t end)
{
	struct lock *c = conflict(f->vnode, LOCK_RECORD, owner, l->type, start, end);

	if (!c) {
		l->type = F_UNLCK;
		return 0;
	}
	l->type = c->write ? F_WRLCK : F_RDLCK;
	l->whence = SEEK_SET;
	l->start = (int64_t) c->start;
	l->len = c->end == INT64_MAX ? 0 : (int64_t) (c->end - c->start + 1);
	l->pid = c->pid;
	return 0;
}

long lock_fcntl(struct file *f, int cmd, uint64_t arg)
{
	bool ofd = cmd >= F_OFD_GETLK, get = cmd == F_GETLK || cmd == F_OFD_GETLK;
	void *owner = ofd ? (void *) f : (void *) current()->proc->files;
	uint32_t mode = f->flags & O_ACCMODE;
	uint64_t start, end;
	struct flock64 l;
	long r;

	if (copy_from_user(&l, arg, sizeof(l)) < 0)
		return -EFAULT;
	if (l.type != F_RDLCK && l.type != F_WRLCK && (l.type != F_UNLCK || get))
		return -EINVAL;
	if (ofd && l.pid)
		return -EINVAL;
	r = range_of(f, &l, &start, &end);
	if (r < 0)
		return r;
	if (get) {
		r = get_lock(f, owner, &l, start, end);
		return r < 0 ? r : copy_to_user(arg, &l, sizeof(l));
	}
	if ((l.type == F_RDLCK && mode == O_WRONLY) || (l.type == F_WRLCK && mode == O_RDONLY))
		return -EBADF;
	return lock_set(f, LOCK_RECORD, owner, l.type, start, end, cmd == F_SETLKW || cmd == F_OFD_SETLKW);
}
