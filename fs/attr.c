/* attr.c: attributes of vnodes. */
#include "fs/walk.h"

int vfs_getattr(struct vnode *v, struct vattr *ret)
{
	struct vattr a = {
		.mode = v->mode,
		.nlink = 1,
		.blksize = PAGE_SIZE,
		.dev = v->mount ? v->mount->dev : 0,
		.ino = v->ino,
		.rdev = v->rdev,
	};
	int r = v->ops && v->ops->getattr ? v->ops->getattr(v, &a) : 0;

	if (r >= 0)
		*ret = a;
	return r;
}

int vfs_setattr(struct vnode *v, const struct vattr *a)
{
	if (vnode_readonly(v))
		return -EROFS;
	if (!v->ops || !v->ops->setattr)
		return -EPERM;
	return v->ops->setattr(v, a);
}

int vfs_truncate(struct vnode *v, uint64_t size)
{
	struct vattr a = { .valid = ATTR_SIZE, .size = size };

	if (S_ISDIR(v->mode))
		return -EISDIR;
	if (!S_ISREG(v->mode))
		return -EINVAL;
	if (size > INT64_MAX)
		return -EFBIG;
	return vfs_setattr(v, &a);
}

int vfs_statfs(struct vnode *v, struct vstatfs *ret)
{
	struct vstatfs s = { .bsize = PAGE_SIZE };
	int r = v->ops && v->ops->statfs ? v->ops->statfs(v, &s) : 0;

	if (r >= 0)
		*ret = s;
	return r;
}
