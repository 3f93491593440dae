/* names.c: making, removing and renaming: the checks that are the same for every file system. */
#include "fs/walk.h"

/* Starts a change of a name: the directory must be writable and the name a real one. dots: the error for
 * "." and "..". */
static int begin(const struct vfs_view *view, struct vnode *base, const char *path, int dots, struct vfs_parent *p)
{
	int r = vfs_walk_parent(view, base, path, p);

	if (r < 0)
		return r;
	if (name_is_dots(p->name))
		r = dots;
	else if (!S_ISDIR(p->dir->mode))
		r = -ENOTDIR;
	else if (vnode_readonly(p->dir))
		r = -EROFS;
	else if (!p->dir->ops)
		r = -EPERM;
	else if (view && view->may_change)
		r = view->may_change(view, p->dir);
	if (r < 0)
		vfs_parent_put(p);
	return r;
}

int vfs_mkdir(const struct vfs_view *view, struct vnode *base, const char *path, uint32_t mode)
{
	struct vfs_parent p;
	int r = begin(view, base, path, -EEXIST, &p);

	if (r < 0)
		return r;
	mode = (mode & 01777 & ~(view ? view->umask : 0)) | S_IFDIR;
	r = p.dir->ops->mkdir ? p.dir->ops->mkdir(p.dir, p.name, mode) : -EPERM;
	vfs_parent_put(&p);
	return r;
}

int vfs_mknod(const struct vfs_view *view, struct vnode *base, const char *path, uint32_t mode, uint64_t rdev)
{
	struct vfs_parent p;
	struct vnode *v;
	int r = begin(view, base, path, -EEXIST, &p);

	if (r < 0)
		return r;
	if (!(mode & S_IFMT))
		mode |= S_IFREG;
	mode = (mode & S_IFMT) | (mode & 07777 & ~(view ? view->umask : 0));
	if (S_ISDIR(mode) || S_ISLNK(mode))
		r = -EPERM;
	else if (p.slash)
		r = -ENOENT;
	else
		r = p.dir->ops->mknod ? p.dir->ops->mknod(p.dir, p.name, mode, rdev, &v) : -EPERM;
	vfs_parent_put(&p);
	if (r >= 0)
		vnode_put(v);
	return r;
}

int vfs_symlink(const struct vfs_view *view, const char *target, struct vnode *base, const char *path)
{
	struct vfs_parent p;
	int r;

	if (!*target)
		return -ENOENT;
	r = begin(view, base, path, -EEXIST, &p);
	if (r < 0)
		return r;
	r = p.slash ? -ENOENT : p.dir->ops->symlink ? p.dir->ops->symlink(p.dir, p.name, target) : -EPERM;
	vfs_parent_put(&p);
	return r;
}

int vfs_link(const struct vfs_view *view, struct vnode *v, struct vnode *base, const char *path)
{
	struct vfs_parent p;
	int r = begin(view, base, path, -EEXIST, &p);

	if (r < 0)
		return r;
	if (S_ISDIR(v->mode))
		r = -EPERM;
	else if (p.slash)
		r = -ENOENT;
	else if (!v->mount || v->mount != p.dir->mount)
		r = -EXDEV;
	else
		r = p.dir->ops->link ? p.dir->ops->link(p.dir, p.name, v) : -EPERM;
	vfs_parent_put(&p);
	return r;
}

/* The vnode under the name itself: what is mounted there is not stepped onto. */
static int lookup_plain(struct vfs_parent *p, struct vnode **ret)
{
	return p->dir->ops->lookup ? p->dir->ops->lookup(p->dir, p->name, ret) : -ENOENT;
}

int vfs_unlink(const struct vfs_view *view, struct vnode *base, const char *path)
{
	struct vfs_parent p;
	struct vnode *v;
	int r = begin(view, base, path, -EISDIR, &p);

	if (r < 0)
		return r;
	r = lookup_plain(&p, &v);
	if (r >= 0) {
		if (S_ISDIR(v->mode))
			r = -EISDIR;
		else if (p.slash)
			r = -ENOTDIR;
		else
			r = p.dir->ops->unlink ? p.dir->ops->unlink(p.dir, p.name) : -EPERM;
		vnode_put(v);
	}
	vfs_parent_put(&p);
	return r;
}

int vfs_rmdir(const struct vfs_view *view, struct vnode *base, const char *path)
{
	struct vfs_parent p;
	struct vnode *v;
	int r = begin(view, base, path, -EINVAL, &p);

	if (r < 0)
		return r;
	r = lookup_plain(&p, &v);
	if (r >= 0) {
		if (!S_ISDIR(v->mode))
			r = -ENOTDIR;
		else if (v->covered)
			r = -EBUSY;
		else
			r = p.dir->ops->rmdir ? p.dir->ops->rmdir(p.dir, p.name) : -EPERM;
		vnode_put(v);
	}
	vfs_parent_put(&p);
	return r;
}

static int rename_checked(struct vfs_parent *from, struct vfs_parent *to, struct vnode *v, bool noreplace)
{
	struct vnode *old;

	if (v->covered)
		return -EBUSY;
	if ((from->slash || to->slash) && !S_ISDIR(v->mode))
		return -ENOTDIR;
	/* A directory cannot move below itself. */
	for (struct vnode *up = to->dir; up && S_ISDIR(v->mode); up = up->parent)
		if (up == v)
			return -EINVAL;
	if (lookup_plain(to, &old) >= 0) {
		bool same = old == v, covered = old->covered;

		vnode_put(old);
		if (noreplace)
			return -EEXIST;
		if (same)
			return 0;
		if (covered)
			return -EBUSY;
	}
	return from->dir->ops->rename ? from->dir->ops->rename(from->dir, from->name, to->dir, to->name) : -EPERM;
}

int vfs_rename(const struct vfs_view *view, struct vnode *from_base, const char *from_path, struct vnode *to_base,
	       const char *to_path, bool noreplace)
{
	struct vfs_parent from, to;
	struct vnode *v;
	int r = begin(view, from_base, from_path, -EBUSY, &from);

	if (r < 0)
		return r;
	r = begin(view, to_base, to_path, -EBUSY, &to);
	if (r >= 0) {
		r = from.dir->mount == to.dir->mount ? lookup_plain(&from, &v) : -EXDEV;
		if (r >= 0) {
			r = rename_checked(&from, &to, v, noreplace);
			vnode_put(v);
		}
		vfs_parent_put(&to);
	}
	vfs_parent_put(&from);
	return r;
}
