/* sys_stat_fs.c: statfs, fstatfs. */
#include "linux/file.h"
#include "linux/path.h"

/* include/uapi/asm-generic/statfs.h with 64-bit words. */
struct statfs64 {
	uint64_t f_type, f_bsize, f_blocks, f_bfree, f_bavail, f_files, f_ffree;
	uint32_t f_fsid[2];
	uint64_t f_namelen, f_frsize, f_flags, f_spare[4];
};
_Static_assert(sizeof(struct statfs64) == 120, "asm-generic/statfs.h, struct statfs");

#define ST_RDONLY 1
#define ST_VALID 0x20

static long put_statfs(struct vnode *v, uint64_t buf)
{
	struct statfs64 out;
	struct vstatfs s;
	int r = vfs_statfs(v, &s);

	if (r < 0)
		return r;
	out = (struct statfs64){
		.f_type = s.type,
		.f_bsize = s.bsize,
		.f_blocks = s.blocks,
		.f_bfree = s.bfree,
		.f_bavail = s.bfree,
		.f_files = s.files,
		.f_ffree = s.ffree,
		.f_fsid = { v->mount ? (uint32_t) v->mount->dev : 0 },
		.f_namelen = NAME_MAX,
		.f_frsize = s.bsize,
		.f_flags = ST_VALID | (v->mount && v->mount->readonly ? ST_RDONLY : 0),
	};
	return copy_to_user(buf, &out, sizeof(out));
}

long sys_statfs(uint64_t path, uint64_t buf)
{
	struct at_path at;
	struct vnode *v;
	long r = at_find(AT_FDCWD, path, 0, &at, &v);

	if (r < 0)
		return r;
	r = may_read(v, "statfs", at.path);
	if (r >= 0)
		r = put_statfs(v, buf);
	vnode_put(v);
	at_put(&at);
	return r;
}

long sys_fstatfs(int fd, uint64_t buf)
{
	struct file *f = fd_get(fd);
	long r;

	if (!f)
		return -EBADF;
	r = put_statfs(f->vnode, buf);
	file_put(f);
	return r;
}
