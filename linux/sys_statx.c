/* sys_statx.c: statx. */
#include "linux/file.h"
#include "linux/path.h"

#define STATX_BASIC_STATS 0x7ff

struct statx_time {
	int64_t sec;
	uint32_t nsec;
	int32_t pad;
};

/* include/uapi/linux/stat.h */
struct statx64 {
	uint32_t mask, blksize;
	uint64_t attributes;
	uint32_t nlink, uid, gid;
	uint16_t mode, pad;
	uint64_t ino, size, blocks, attributes_mask;
	struct statx_time atime, btime, ctime, mtime;
	uint32_t rdev_major, rdev_minor, dev_major, dev_minor;
	uint64_t spare[14];
};
_Static_assert(sizeof(struct statx64) == 256, "linux/stat.h, struct statx");

static struct statx_time time_of(int64_t ns)
{
	return (struct statx_time){ ns / (int64_t) NSEC_PER_SEC, (uint32_t) (ns % (int64_t) NSEC_PER_SEC), 0 };
}

long sys_statx(int dirfd, uint64_t path, int flags, unsigned mask, uint64_t buf)
{
	struct statx64 s;
	struct at_path at;
	struct vnode *v;
	struct vattr a;
	long r = at_find(dirfd, path, flags, &at, &v);

	if (r < 0)
		return r;
	r = *at.path ? may_read(v, "stat", at.path) : 0;
	if (r >= 0)
		r = vfs_getattr(v, &a);
	vnode_put(v);
	at_put(&at);
	if (r < 0)
		return r;
	s = (struct statx64){
		.mask = STATX_BASIC_STATS,
		.blksize = a.blksize,
		.nlink = a.nlink,
		.uid = a.uid,
		.gid = a.gid,
		.mode = (uint16_t) a.mode,
		.ino = a.ino,
		.size = a.size,
		.blocks = a.blocks,
		.atime = time_of(a.atime),
		.ctime = time_of(a.ctime),
		.mtime = time_of(a.mtime),
		.rdev_major = (uint32_t) (a.rdev >> 8),
		.rdev_minor = a.rdev & 0xff,
		.dev_major = (uint32_t) (a.dev >> 8),
		.dev_minor = a.dev & 0xff,
	};
	return copy_to_user(buf, &s, sizeof(s));
}
