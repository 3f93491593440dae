/* sys_stat_set.c: chmod and chown families. */
#include "linux/file.h"
#include "linux/path.h"

static long set_at(int dirfd, uint64_t path, int flags, const struct vattr *a, const char *verb)
{
	struct at_path at;
	struct vnode *v;
	long r = at_find(dirfd, path, flags, &at, &v);

	if (r < 0)
		return r;
	r = may_change(v, verb, at.path);
	if (r >= 0)
		r = vfs_setattr(v, a);
	vnode_put(v);
	at_put(&at);
	return r;
}

static long set_fd(int fd, const struct vattr *a, const char *verb)
{
	struct file *f = fd_get(fd);
	long r;

	if (!f)
		return -EBADF;
	r = f->flags & O_PATH ? -EBADF : may_change(f->vnode, verb, f->vnode->name ? f->vnode->name : "a file");
	if (r >= 0)
		r = vfs_setattr(f->vnode, a);
	file_put(f);
	return r;
}

static struct vattr mode_attr(unsigned mode)
{
	return (struct vattr){ .valid = ATTR_MODE, .mode = mode & 07777 };
}

/* -1: leave it. */
static struct vattr owner_attr(unsigned uid, unsigned gid)
{
	return (struct vattr){
		.valid = (uid != ~0U ? ATTR_UID : 0) | (gid != ~0U ? ATTR_GID : 0),
		.uid = uid,
		.gid = gid,
	};
}

long sys_fchmodat(int dirfd, uint64_t path, unsigned mode)
{
	struct vattr a = mode_attr(mode);

	return set_at(dirfd, path, 0, &a, "chmod");
}

long sys_chmod(uint64_t path, unsigned mode)
{
	return sys_fchmodat(AT_FDCWD, path, mode);
}

long sys_fchmod(int fd, unsigned mode)
{
	struct vattr a = mode_attr(mode);

	return set_fd(fd, &a, "chmod");
}

long sys_fchownat(int dirfd, uint64_t path, unsigned uid, unsigned gid, int flags)
{
	struct vattr a = owner_attr(uid, gid);

	if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	return set_at(dirfd, path, flags, &a, "chown");
}

long sys_chown(uint64_t path, unsigned uid, unsigned gid)
{
	return sys_fchownat(AT_FDCWD, path, uid, gid, 0);
}

long sys_lchown(uint64_t path, unsigned uid, unsigned gid)
{
	return sys_fchownat(AT_FDCWD, path, uid, gid, AT_SYMLINK_NOFOLLOW);
}

long sys_fchown(int fd, unsigned uid, unsigned gid)
{
	struct vattr a = owner_attr(uid, gid);

	return set_fd(fd, &a, "chown");
}
