/* vnode.c: giving vnodes back. Nothing else, since every image has it. */
#include "fs/vfs.h"

void vnode_put(struct vnode *v)
{
	if (!v || --v->refs)
		return;
	if (v->ops ? v->ops->free != NULL : v->fops && v->fops->free)
		(v->ops ? v->ops->free : v->fops->free)(v);
}
