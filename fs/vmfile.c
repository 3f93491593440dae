/* vmfile.c: mapped files: what the memory manager needs, in terms of vnodes. */
#include "fs/vmfile.h"
#include "fs/vfs.h"

static int file_get_page(struct vnode *v, uint64_t index, bool for_write, struct paddr *ret)
{
	return v->ops && v->ops->get_page ? v->ops->get_page(v, index, for_write, ret) : -ENODEV;
}

static void file_page_dirty(struct vnode *v, uint64_t index)
{
	if (v->ops && v->ops->page_dirty)
		v->ops->page_dirty(v, index);
}

static int file_sync(struct vnode *v, uint64_t first, uint64_t count)
{
	return v->ops && v->ops->sync ? v->ops->sync(v, first, count) : 0;
}

static void file_vnode_get(struct vnode *v)
{
	vnode_get(v);
}

static void file_vnode_put(struct vnode *v)
{
	vnode_put(v);
}

/* An error has nobody to be told. */
static void file_unmapped(struct vnode *v)
{
	if (v->ops && v->ops->sync)
		(void) v->ops->sync(v, 0, UINT64_MAX);
}

/* Only files whose pages must be written back somewhere are asked to be; those may also block for a page. */
static bool file_lazy(struct vnode *v)
{
	return !v->ops || !v->ops->sync;
}

static bool file_immutable(struct vnode *v)
{
	return v->sealed;
}

const struct vm_file_ops vfs_vm_ops = {
	.get_page = file_get_page,
	.page_dirty = file_page_dirty,
	.sync = file_sync,
	.get = file_vnode_get,
	.put = file_vnode_put,
	.unmapped = file_unmapped,
	.lazy = file_lazy,
	.immutable = file_immutable,
};
