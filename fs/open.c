/* open.c: from a path to an open file: creation, truncation and the flags of open(2). */
#include "fs/walk.h"

/* Of a file whose open failed: there is nothing to release. */
static const struct file_ops unopened;

int vfs_open_vnode(struct vnode *v, uint32_t flags, struct file **ret)
{
	bool write = (flags & O_ACCMODE) != O_RDONLY;
	struct file *f;
	int r;

	if (!(flags & O_PATH)) {
		if (S_ISLNK(v->mode))
			return -ELOOP;
		if (S_ISDIR(v->mode) && (write || flags & O_TRUNC))
			return -EISDIR;
		if ((v->mode & S_IFMT) == S_IFSOCK)
			return -ENXIO;
		if (write && vnode_readonly(v) && !S_ISCHR(v->mode) && !S_ISFIFO(v->mode))
			return -EROFS;
	}
	if (flags & O_DIRECTORY && !S_ISDIR(v->mode))
		return -ENOTDIR;
	r = file_create(vnode_get(v), flags, &f);
	if (r < 0) {
		vnode_put(v);
		return r;
	}
	if (!(flags & O_PATH)) {
		if (f->fops->open) {
			r = f->fops->open(v, f);
			if (r < 0)
				f->fops = &unopened;
		}
		if (r >= 0 && flags & O_TRUNC && S_ISREG(v->mode))
			r = vfs_truncate(v, 0);
		if (r < 0) {
			file_put(f);
			return r;
		}
	}
	*ret = f;
	return 0;
}

static int create(const struct vfs_view *view, struct vnode *base, const char *path, uint32_t flags, uint32_t mode,
		  const struct open_check *check, struct vnode **ret)
{
	uint32_t umask = view ? view->umask : 0;
	struct vfs_parent p;
	struct vnode *v;
	int r = walk_parent(view, base, path, !(flags & (O_EXCL | O_NOFOLLOW)), &p);

	if (r < 0)
		return r;
	if (name_is_dots(p.name) || p.slash)
		r = -EISDIR;
	else if (vnode_readonly(p.dir))
		r = -EROFS;
	else if (!p.dir->ops || !p.dir->ops->mknod)
		r = -EACCES;
	else
		r = check ? check->fn(check->ctx, p.dir, flags, true) : 0;
	if (r >= 0)
		r = p.dir->ops->mknod(p.dir, p.name, S_IFREG | (mode & 07777 & ~umask), 0, &v);
	vfs_parent_put(&p);
	if (r >= 0)
		*ret = v;
	return r;
}

int vfs_open_at(const struct vfs_view *view, struct vnode *base, const char *path, uint32_t flags, uint32_t mode,
		const struct open_check *check, struct file **ret)
{
	bool nofollow = flags & O_NOFOLLOW || (flags & O_CREAT && flags & O_EXCL);
	bool created = false;
	struct vnode *v;
	int r;

	if ((flags & O_TMPFILE) == O_TMPFILE)
		return -EOPNOTSUPP;
	if ((flags & O_ACCMODE) == O_ACCMODE)
		return -EINVAL;
	r = vfs_walk(view, base, path, nofollow ? WALK_NOFOLLOW : 0, &v);
	if (r == -ENOENT && flags & O_CREAT && !(flags & O_PATH)) {
		r = create(view, base, path, flags, mode, check, &v);
		/* Somebody else was quicker. */
		if (r == -EEXIST && !(flags & O_EXCL))
			r = vfs_walk(view, base, path, nofollow ? WALK_NOFOLLOW : 0, &v);
		else
			created = r >= 0;
	} else if (r >= 0 && flags & O_CREAT) {
		if (flags & O_EXCL)
			r = -EEXIST;
		else if (S_ISDIR(v->mode))
			r = -EISDIR;
		if (r < 0)
			vnode_put(v);
	}
	if (r < 0)
		return r;
	if (created)
		flags &= ~(uint32_t) O_TRUNC;
	else if (check)
		r = check->fn(check->ctx, v, flags, false);
	if (r >= 0)
		r = vfs_open_vnode(v, flags, ret);
	vnode_put(v);
	return r;
}

int vfs_open(const char *path, uint32_t flags, uint32_t mode, struct file **ret)
{
	return vfs_open_at(NULL, NULL, path, flags, mode, NULL, ret);
}
