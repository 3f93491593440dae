/* fd_dup.c: copies of descriptor tables and the close-on-exec mark. */
#include "kernel/kmem.h"
#include "linux/fd.h"

int fdtable_copy(struct fdtable *from, struct fdtable **ret)
{
	struct fdtable *t;
	int r = fdtable_create(&t);

	if (r < 0)
		return r;
	if (from->size) {
		t->slots = kmalloc(from->size * sizeof(*t->slots));
		if (!t->slots) {
			kfree(t);
			return -ENOMEM;
		}
	}
	t->size = from->size;
	for (unsigned i = 0; i < t->size; i++) {
		t->slots[i] = from->slots[i];
		if (t->slots[i])
			file_get(fdtable_peek(t, i, NULL));
	}
	*ret = t;
	return 0;
}

void fdtable_set_cloexec(struct fdtable *t, unsigned fd, bool cloexec)
{
	if (fd < t->size && t->slots[fd])
		t->slots[fd] = (t->slots[fd] & ~1UL) | cloexec;
}

void fdtable_close_on_exec(struct fdtable *t)
{
	for (unsigned i = 0; i < t->size; i++)
		if (t->slots[i] & 1UL)
			fdtable_close(t, i);
}
