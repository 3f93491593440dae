/* procfs_maps.c: /proc/PID/maps. */
#include "kernel/kmem.h"
#include "linux/procfs_pid.h"

typedef unsigned long long ull;

static void show_name(struct proc_text *t, struct vm_area *a)
{
	char *path = a->vnode ? kmalloc(PATH_MAX) : NULL;

	if (path && vfs_path_of(NULL, a->vnode, path, PATH_MAX) >= 0)
		proc_printf(t, "%s", path);
	else if (a->flags & VM_HEAP)
		proc_printf(t, "[heap]");
	else if (a->flags & VM_STACK)
		proc_printf(t, "[stack]");
	else if (a->name[0])
		proc_printf(t, "[%s]", a->name);
	kfree(path);
}

void procfs_show_maps(struct proc_text *t, const struct proc_key *k)
{
	struct process *p = procfs_process(k);
	struct vm_area *a;

	if (!p || !p->vm)
		return;
	list_for_each(a, &p->vm->areas, node) {
		proc_printf(t, "%08llx-%08llx %c%c%c%c %08llx 00:%02llx %llu ", (ull) a->start, (ull) a->end,
			    a->prot & PROT_READ ? 'r' : '-', a->prot & PROT_WRITE ? 'w' : '-',
			    a->prot & PROT_EXEC ? 'x' : '-', a->flags & VM_SHARED ? 's' : 'p', (ull) a->offset,
			    (ull) (a->vnode && a->vnode->mount ? a->vnode->mount->dev & 0xff : 0),
			    (ull) (a->vnode ? a->vnode->ino : 0));
		show_name(t, a);
		proc_printf(t, "\n");
	}
}
