/* fd.c: the table of open files: what every image needs of it. Copies and duplicates: fd_dup.c. */
#include "linux/fd.h"
#include "kernel/kmem.h"
#include "linux/process.h"

#define CLOEXEC 1UL
#define RLIMIT_NOFILE 7

static struct file *slot_file(uintptr_t slot)
{
	return (struct file *) (slot & ~CLOEXEC);
}

int fdtable_create(struct fdtable **ret)
{
	struct fdtable *t = kzalloc(sizeof(*t));

	if (!t)
		return -ENOMEM;
	t->refs = 1;
	*ret = t;
	return 0;
}

struct fdtable *fdtable_get(struct fdtable *t)
{
	t->refs++;
	return t;
}

void fdtable_put(struct fdtable *t)
{
	if (!t || --t->refs)
		return;
	t->refs = 1; /* while closing: a release may look at the table */
	for (unsigned i = 0; i < t->size; i++)
		fdtable_close(t, i);
	kfree(t->slots);
	kfree(t);
}

/* Slots for at least `fd + 1` descriptors. */
static int grow(struct fdtable *t, unsigned fd)
{
	unsigned size = t->size ? t->size : 4;
	uintptr_t *slots;

	while (size <= fd)
		size *= 2;
	if (size == t->size)
		return 0;
	slots = krealloc(t->slots, size * sizeof(*slots));
	if (!slots)
		return -ENOMEM;
	memset(slots + t->size, 0, (size - t->size) * sizeof(*slots));
	t->slots = slots;
	t->size = size;
	return 0;
}

/* Open files are the kernel's memory: a program gets fewer. A session that prepares a program's table is no process. */
static unsigned fd_limit(const struct process *p)
{
	if (!p)
		return FD_MAX;
	return (unsigned) MIN(p->restricted ? FD_MAX_RESTRICTED : FD_MAX, p->limits[RLIMIT_NOFILE].cur);
}

int fdtable_add(struct fdtable *t, struct file *f, unsigned from, bool cloexec)
{
	unsigned fd = from;

	while (fd < t->size && t->slots[fd])
		fd++;
	if (fd >= fd_limit(current()->proc))
		return -EMFILE;
	if (grow(t, fd) < 0)
		return -ENOMEM;
	t->slots[fd] = (uintptr_t) f | (cloexec ? CLOEXEC : 0);
	return (int) fd;
}

/* Closes what was there; false: nothing. */
static bool replace(struct fdtable *t, unsigned fd, uintptr_t slot)
{
	struct file *f = fdtable_peek(t, fd, NULL);

	if (f || slot)
		t->slots[fd] = slot;
	if (!f)
		return false;
	/* POSIX: closing any descriptor of a file ends all of the process's record locks on it. */
	if (f->vnode->locks && file_locks_closed)
		file_locks_closed(f, t);
	file_put(f);
	return true;
}

int fdtable_set(struct fdtable *t, unsigned fd, struct file *f, bool cloexec)
{
	if (fd >= fd_limit(current()->proc))
		return -EBADF;
	if (grow(t, fd) < 0)
		return -ENOMEM;
	/* The new one first: closing may block, and another thread take the number. */
	replace(t, fd, (uintptr_t) f | (cloexec ? CLOEXEC : 0));
	return (int) fd;
}

int fdtable_close(struct fdtable *t, unsigned fd)
{
	return replace(t, fd, 0) ? 0 : -EBADF;
}

struct file *fdtable_peek(struct fdtable *t, unsigned fd, bool *ret_cloexec)
{
	if (!t || fd >= t->size || !t->slots[fd])
		return NULL;
	if (ret_cloexec)
		*ret_cloexec = t->slots[fd] & CLOEXEC;
	return slot_file(t->slots[fd]);
}

struct file *fd_get(int fd)
{
	struct file *f = fdtable_peek(current()->proc->files, (unsigned) fd, NULL);

	return f ? file_get(f) : NULL;
}

int fd_install(struct file *f, bool cloexec)
{
	int fd = fdtable_add(current()->proc->files, f, 0, cloexec);

	if (fd < 0)
		file_put(f);
	return fd;
}
