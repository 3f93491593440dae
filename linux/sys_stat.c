/* sys_stat.c: stat, lstat, fstat, newfstatat. */
#include "linux/file.h"
#include "linux/path.h"

/* include/uapi/asm/stat.h on x86-64. */
struct stat64 {
	uint64_t st_dev, st_ino, st_nlink;
	uint32_t st_mode, st_uid, st_gid, pad;
	uint64_t st_rdev;
	int64_t st_size, st_blksize, st_blocks;
	int64_t st_atime, st_atime_nsec, st_mtime, st_mtime_nsec, st_ctime, st_ctime_nsec;
	int64_t unused[3];
};
_Static_assert(sizeof(struct stat64) == 144, "asm/stat.h, struct stat");

static long put_stat(struct vnode *v, uint64_t buf)
{
	struct stat64 s;
	struct vattr a;
	int r = vfs_getattr(v, &a);

	if (r < 0)
		return r;
	s = (struct stat64){
		.st_dev = a.dev,
		.st_ino = a.ino,
		.st_nlink = a.nlink,
		.st_mode = a.mode,
		.st_uid = a.uid,
		.st_gid = a.gid,
		.st_rdev = a.rdev,
		.st_size = (int64_t) a.size,
		.st_blksize = a.blksize,
		.st_blocks = (int64_t) a.blocks,
		.st_atime = a.atime / (int64_t) NSEC_PER_SEC,
		.st_atime_nsec = a.atime % (int64_t) NSEC_PER_SEC,
		.st_mtime = a.mtime / (int64_t) NSEC_PER_SEC,
		.st_mtime_nsec = a.mtime % (int64_t) NSEC_PER_SEC,
		.st_ctime = a.ctime / (int64_t) NSEC_PER_SEC,
		.st_ctime_nsec = a.ctime % (int64_t) NSEC_PER_SEC,
	};
	return copy_to_user(buf, &s, sizeof(s));
}

long sys_newfstatat(int dirfd, uint64_t path, uint64_t buf, int flags)
{
	struct at_path at;
	struct vnode *v;
	long r;

	if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH | AT_NO_AUTOMOUNT))
		return -EINVAL;
	r = at_find(dirfd, path, flags, &at, &v);
	if (r < 0)
		return r;
	r = *at.path ? may_read(v, "stat", at.path) : 0;
	if (r >= 0)
		r = put_stat(v, buf);
	vnode_put(v);
	at_put(&at);
	return r;
}

long sys_stat(uint64_t path, uint64_t buf)
{
	return sys_newfstatat(AT_FDCWD, path, buf, 0);
}

long sys_lstat(uint64_t path, uint64_t buf)
{
	return sys_newfstatat(AT_FDCWD, path, buf, AT_SYMLINK_NOFOLLOW);
}

long sys_fstat(int fd, uint64_t buf)
{
	struct file *f = fd_get(fd);
	long r;

	if (!f)
		return -EBADF;
	r = put_stat(f->vnode, buf);
	file_put(f);
	return r;
}
