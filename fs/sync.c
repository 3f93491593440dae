/* sync.c: writing everything out: for sync(), and before the guest ends. */
#include "fs/vfs.h"
#include "kernel/vm.h"

/* The first shared file mapping of the application that ends above `addr`. The list changes while a sync waits, so it
 * is searched anew each time. */
static struct vm_area *next_mapping(uint64_t addr)
{
	struct vm_area *a;

	list_for_each(a, &app_vm.areas, node)
		if (a->end > addr && a->vnode && a->flags & VM_SHARED)
			return a;
	return NULL;
}

void vfs_sync_all(void)
{
	struct vnode *root;
	struct vm_area *a;
	struct mount *m;

	for (uint64_t addr = 0; (a = next_mapping(addr));) {
		addr = a->end;
		(void) vm_msync(&app_vm, a->start, a->end - a->start);
	}
	for (m = list_first(&mount_list, struct mount, node); m && &m->node != &mount_list;
	     m = container_of(m->node.next, struct mount, node)) {
		if (!m->sync)
			continue;
		root = vnode_get(m->root); /* keeps it mounted while this waits */
		m->sync(m);
		vnode_put(root);
	}
}
