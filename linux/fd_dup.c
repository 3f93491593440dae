/* fd_dup.c: copies of descriptor tables and the close-on-exec mark. */
#include "kernel/kmem.h"
#include "linux/fd.h"

int fdtable_copy(struct fdtable *from, struct fdtable **ret)
{
	struct fdtable *t;
	int r = fdtable_create(&t);

	if (r < 0)
		return r;
	if (from->size && fdtable_grow(t, from->size - 1) < 0) {
		fdtable_put(t);
		return -ENOMEM;
	}
	t->lowest = from->lowest;
	for (unsigned i = 0; i < from->size; i++) {
		struct file *f = fdtable_peek(from, i, NULL);

		if (f)
			file_get(f);
		*fdtable_slot(t, i) = *fdtable_slot(from, i);
	}
	*ret = t;
	return 0;
}

void fdtable_set_cloexec(struct fdtable *t, unsigned fd, bool cloexec)
{
	uintptr_t *slot = fdtable_slot(t, fd);

	if (slot && *slot)
		*slot = (*slot & ~1UL) | cloexec;
}

void fdtable_close_on_exec(struct fdtable *t)
{
	for (unsigned i = 0; i < t->size; i++)
		if (*fdtable_slot(t, i) & 1UL)
			fdtable_close(t, i);
}
