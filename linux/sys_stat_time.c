/* sys_stat_time.c: utime, utimes, futimesat, utimensat. */
#include "kernel/clock.h"
#include "linux/file.h"
#include "linux/path.h"

#define UTIME_NOW ((1L << 30) - 1)
#define UTIME_OMIT ((1L << 30) - 2)

/* atime and mtime as pairs of seconds and a fraction of `unit` nanoseconds. */
struct pair {
	int64_t sec, frac;
};

static int to_attr(const struct pair t[2], int64_t unit, struct vattr *a)
{
	int64_t now = (int64_t) clock_realtime_ns(), *to[2] = { &a->atime, &a->mtime };
	static const uint32_t bit[2] = { ATTR_ATIME, ATTR_MTIME };

	for (int i = 0; i < 2; i++) {
		bool special = t && unit == 1 && (t[i].frac == UTIME_NOW || t[i].frac == UTIME_OMIT);

		if (special && t[i].frac == UTIME_OMIT)
			continue;
		a->valid |= bit[i];
		if (!t || special) {
			*to[i] = now;
			continue;
		}
		if (t[i].frac < 0 || t[i].frac >= (int64_t) NSEC_PER_SEC / unit)
			return -EINVAL;
		if (__builtin_mul_overflow(t[i].sec, (int64_t) NSEC_PER_SEC, to[i]) ||
		    __builtin_add_overflow(*to[i], t[i].frac * unit, to[i]))
			return -EINVAL;
	}
	return 0;
}

static long set_times(int dirfd, uint64_t path, int flags, const struct pair *t, int64_t unit)
{
	struct vattr a = { 0 };
	struct at_path at;
	struct file *f;
	struct vnode *v;
	long r = to_attr(t, unit, &a);

	if (r < 0)
		return r;
	if (!path) { /* futimens(): dirfd itself */
		f = fd_get(dirfd);
		if (!f)
			return -EBADF;
		r = may_change(f->vnode, "utime", f->vnode->name ? f->vnode->name : "a file");
		if (r >= 0 && a.valid)
			r = vfs_setattr(f->vnode, &a);
		file_put(f);
		return r;
	}
	r = at_find(dirfd, path, flags, &at, &v);
	if (r < 0)
		return r;
	r = may_change(v, "utime", at.path);
	if (r >= 0 && a.valid)
		r = vfs_setattr(v, &a);
	vnode_put(v);
	at_put(&at);
	return r;
}

long sys_utimensat(int dirfd, uint64_t path, uint64_t times, int flags)
{
	struct pair t[2];

	if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	if (times && copy_from_user(t, times, sizeof(t)) < 0)
		return -EFAULT;
	return set_times(dirfd, path, flags, times ? t : NULL, 1);
}

long sys_futimesat(int dirfd, uint64_t path, uint64_t times)
{
	struct pair t[2];

	if (times && copy_from_user(t, times, sizeof(t)) < 0)
		return -EFAULT;
	return set_times(dirfd, path, 0, times ? t : NULL, 1000);
}

long sys_utimes(uint64_t path, uint64_t times)
{
	return path ? sys_futimesat(AT_FDCWD, path, times) : -EFAULT;
}

long sys_utime(uint64_t path, uint64_t times)
{
	int64_t sec[2];
	struct pair t[2] = { 0 };

	if (!path || (times && copy_from_user(sec, times, sizeof(sec)) < 0))
		return -EFAULT;
	if (times) {
		t[0].sec = sec[0];
		t[1].sec = sec[1];
	}
	return set_times(AT_FDCWD, path, 0, times ? t : NULL, 1000);
}
