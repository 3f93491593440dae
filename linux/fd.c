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
	for (unsigned i = FD_CHUNK; i < t->size; i += FD_CHUNK)
		kfree(t->more[i / FD_CHUNK - 1]);
	kfree(t->more);
	kfree(t->few);
	kfree(t);
}

uintptr_t *fdtable_slot(struct fdtable *t, unsigned fd)
{
	if (fd >= t->size)
		return NULL;
	return fd < FD_CHUNK ? &t->few[fd] : &t->more[fd / FD_CHUNK - 1][fd % FD_CHUNK];
}

/* Doubles the slots of a small table, adds a chunk to a large one. */
static int grow_once(struct fdtable *t)
{
	unsigned n = t->size < FD_CHUNK ? MAX(t->size, 4u) : FD_CHUNK;
	uintptr_t *slots;

	if (t->size >= FD_CHUNK && !t->more) {
		t->more = kzalloc((FD_MAX / FD_CHUNK - 1) * sizeof(*t->more));
		if (!t->more)
			return -ENOMEM;
	}
	slots = t->size < FD_CHUNK ? krealloc(t->few, (t->size + n) * sizeof(*slots)) : kmalloc(n * sizeof(*slots));
	if (!slots)
		return -ENOMEM;
	if (t->size < FD_CHUNK) {
		t->few = slots;
		slots += t->size;
	} else
		t->more[t->size / FD_CHUNK - 1] = slots;
	memset(slots, 0, n * sizeof(*slots));
	t->size += n;
	return 0;
}

int fdtable_grow(struct fdtable *t, unsigned fd)
{
	int r = 0;

	while (r >= 0 && t->size <= fd)
		r = grow_once(t);
	return r;
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
	bool lowest = from <= t->lowest;
	unsigned fd = lowest ? t->lowest : from;
	uintptr_t *slot;

	while ((slot = fdtable_slot(t, fd)) && *slot)
		fd++;
	if (fd >= fd_limit(current()->proc))
		return -EMFILE;
	if (fdtable_grow(t, fd) < 0)
		return -ENOMEM;
	*fdtable_slot(t, fd) = (uintptr_t) f | (cloexec ? CLOEXEC : 0);
	if (lowest)
		t->lowest = fd + 1;
	return (int) fd;
}

/* Closes what was there; false: nothing. */
static bool replace(struct fdtable *t, unsigned fd, uintptr_t slot)
{
	struct file *f = fdtable_peek(t, fd, NULL);

	if (f || slot)
		*fdtable_slot(t, fd) = slot;
	if (!slot)
		t->lowest = MIN(t->lowest, fd);
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
	if (fdtable_grow(t, fd) < 0)
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
	uintptr_t *slot = t ? fdtable_slot(t, fd) : NULL;

	if (!slot || !*slot)
		return NULL;
	if (ret_cloexec)
		*ret_cloexec = *slot & CLOEXEC;
	return slot_file(*slot);
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
