/* vfs.h: vnodes (objects in a file system), files (an open vnode with a position), mounts and paths.
 *
 * A vnode lives while somebody holds a reference. Functions that return a vnode or a file hand out a reference. A file
 * system describes what it can do in two tables: vnode_ops for names and attributes, file_ops for open files; an entry
 * that is NULL means "not possible here" and gives the usual error. Things without a name (pipes, the console, sockets)
 * have only file_ops. Who may open what is decided above, in linux/. Errors are negative errno values; ret_ arguments
 * are untouched on failure. Operations may block: a caller holds its references across them. */
#ifndef UIO_FS_VFS_H
#define UIO_FS_VFS_H

#include "fs/abi.h"
#include "kernel/types.h"
#include "kernel/usercopy.h"
#include "kernel/waitq.h"

struct file;
struct mount;
struct vnode;

/* Attributes, as getattr fills and setattr takes them. Times are nanoseconds since 1970. */
enum {
	ATTR_MODE = 1 << 0,
	ATTR_UID = 1 << 1,
	ATTR_GID = 1 << 2,
	ATTR_SIZE = 1 << 3,
	ATTR_ATIME = 1 << 4,
	ATTR_MTIME = 1 << 5,
};
struct vattr {
	uint32_t valid;		/* ATTR_*: what setattr is to change */
	uint32_t mode, uid, gid, nlink, blksize;
	uint64_t dev, rdev, ino, size, blocks; /* blocks of 512 bytes */
	int64_t atime, mtime, ctime;
};

struct vstatfs {
	uint64_t type, bsize, blocks, bfree, files, ffree; /* as statfs(2) */
};

/* Takes one directory entry; false: no room, stop before it. `next` is the cookie behind the entry. */
typedef bool (*dir_emit)(void *ctx, const char *name, size_t len, uint64_t ino, unsigned dt, uint64_t next);

/* One poll() call in progress: poll operations call poll_wait() for each queue whose wake-up may
 * change their answer. */
struct poll_table {
	void (*enter)(struct poll_table *pt, struct waitq *q);
	unsigned events;	/* POLL* that are asked for */
};
static inline void poll_wait(struct poll_table *pt, struct waitq *q)
{
	if (pt)
		pt->enter(pt, q);
}
/* The queue concerns some events only. */
static inline void poll_wait_for(struct poll_table *pt, struct waitq *q, unsigned events)
{
	if (pt && pt->events & events)
		pt->enter(pt, q);
}

/* An open file. All may be NULL. */
struct file_ops {
	int (*open)(struct vnode *v, struct file *f);	/* may replace f->fops and set f->data; on error f is dropped */
	void (*release)(struct file *f);		/* the last reference is gone; vnode still held */
	kssize_t (*read)(struct file *f, struct iter *it, uint64_t off); /* 0: end of file; off is moot for streams */
	kssize_t (*write)(struct file *f, struct iter *it, uint64_t off);
	int (*readdir)(struct file *f, uint64_t cookie, dir_emit emit, void *ctx); /* from `cookie` on; 0: start */
	long (*ioctl)(struct file *f, unsigned cmd, uint64_t arg);	/* arg: a user pointer or a number */
	unsigned (*poll)(struct file *f, struct poll_table *pt);	/* POLL*; NULL operation: always ready */
	int (*fsync)(struct file *f);
	void (*free)(struct vnode *v);			/* of a vnode without vnode_ops: as vnode_ops.free */
};

/* Names and attributes. `dir` operations get a directory and a terminated name that is not "." or "..". */
struct vnode_ops {
	int (*lookup)(struct vnode *dir, const char *name, struct vnode **ret);
	/* Regular file, device, FIFO: type and permissions in mode. */
	int (*mknod)(struct vnode *dir, const char *name, uint32_t mode, uint64_t rdev, struct vnode **ret);
	int (*mkdir)(struct vnode *dir, const char *name, uint32_t mode);
	int (*symlink)(struct vnode *dir, const char *name, const char *target);
	int (*link)(struct vnode *dir, const char *name, struct vnode *to);
	int (*unlink)(struct vnode *dir, const char *name);
	int (*rmdir)(struct vnode *dir, const char *name);
	/* Both directories are of the same mount. */
	int (*rename)(struct vnode *from, const char *name, struct vnode *to, const char *new_name);
	kssize_t (*readlink)(struct vnode *v, char *buf, size_t size);	/* not terminated */
	/* Links of /proc that lead to an object, not to a name (fd/N, exe, cwd): NULL or -ENOENT falls back to
	 * readlink. */
	int (*follow)(struct vnode *v, struct vnode **ret);
	int (*getattr)(struct vnode *v, struct vattr *ret); /* vfs_getattr() fills dev, ino, mode, rdev beforehand */
	int (*setattr)(struct vnode *v, const struct vattr *a);	/* size: truncate or grow with zeroes */
	int (*statfs)(struct vnode *v, struct vstatfs *ret);
	/* mmap: a referenced frame that holds page `index`; for_write: it will be written through a shared mapping. */
	int (*get_page)(struct vnode *v, uint64_t index, bool for_write, struct paddr *ret);
	void (*page_dirty)(struct vnode *v, uint64_t index);
	int (*sync)(struct vnode *v, uint64_t first_page, uint64_t count);	/* write dirty mapped pages back */
	/* Record locks of others outside the guest (9p): type F_RDLCK, F_WRLCK, F_UNLCK; len 0: to the end. */
	int (*lock)(struct vnode *v, int type, uint64_t start, uint64_t len, bool wait);
	void (*free)(struct vnode *v);	/* no references left: free all, v itself too. NULL: v is static */
};

struct file_locks;
struct vnode {
	unsigned refs;
	uint32_t mode;			/* S_IF* and permissions */
	const struct vnode_ops *ops;	/* may be NULL */
	const struct file_ops *fops;
	struct mount *mount;		/* NULL: no name anywhere (pipe, console) */
	uint64_t ino;
	uint64_t rdev;
	struct vnode *parent;		/* the file system decides whether it is counted; NULL: root, or unlinked */
	const char *name;		/* in parent, owned by the file system; NULL: none */
	struct file_locks *locks;	/* linux/sys_lock.c only */
	void *data;			/* of whom fops or ops serves: a FIFO's pipe */
	bool covered;			/* something is mounted here */
	bool sealed;			/* the content never changes again; set once, by the overlay's program cache */
};

struct file {
	unsigned refs;
	uint32_t flags;			/* O_*, without the creation flags */
	struct vnode *vnode;		/* referenced */
	const struct file_ops *fops;	/* never NULL */
	uint64_t pos;
	void *data;			/* of fops */
	bool ofd_locks;			/* has flock() or OFD locks; linux/sys_lock.c only */
	void *watches;			/* of epoll; linux/sys_epoll.c only */
};

struct mount {
	struct list node;
	struct vnode *covered;		/* referenced; NULL: the root mount */
	struct vnode *root;		/* referenced */
	const char *type;		/* "ramfs", "9p", ... */
	char source[32], target[32];	/* as /proc/mounts shows them */
	uint64_t dev;			/* st_dev */
	bool readonly;
	bool restricted_only;		/* seen by overlay programs only */
	void (*umount)(struct mount *m);/* the root's last reference is about to go; NULL: cannot be unmounted */
	void (*sync)(struct mount *m);	/* writes out what is not yet where the files live; NULL: nothing is */
	void *data;			/* of the file system */
};

/* Whose eyes a path is looked at with. NULL where a `view` is wanted: the kernel's own, from the real root. */
struct vfs_view {
	struct vnode *root, *cwd;	/* NULL: the real root */
	uint32_t umask;
	bool restricted;		/* mounts marked restricted_only are seen */
	/* Asked before names in `dir` change, when all is known and nothing blocks any more; NULL: all may change. */
	int (*may_change)(const struct vfs_view *view, struct vnode *dir);
};

/* fs/vnode.c: references. */
static inline struct vnode *vnode_get(struct vnode *v)
{
	v->refs++;
	return v;
}
void vnode_put(struct vnode *v); /* NULL is allowed */

/* fs/file.c: open files. */
/* A file over a vnode whose reference it takes over on success. */
int file_create(struct vnode *v, uint32_t flags, struct file **ret);
static inline struct file *file_get(struct file *f)
{
	f->refs++;
	return f;
}
void file_put(struct file *f);
/* At `off`, or for *pos with off == FILE_POS (which moves). Checks the access mode: -EBADF, -EISDIR, -EINVAL. */
#define FILE_POS UINT64_MAX
kssize_t file_read(struct file *f, struct iter *it, uint64_t off);
kssize_t file_write(struct file *f, struct iter *it, uint64_t off);
static inline bool file_seekable(const struct file *f)
{
	return S_ISREG(f->vnode->mode) || S_ISDIR(f->vnode->mode) || S_ISBLK(f->vnode->mode);
}
/* Set by linux/sys_lock.c on the first lock: `owner` (an fdtable, or NULL: the file itself is gone) lets go of f. */
extern void (*file_locks_closed)(struct file *f, void *owner);
/* Set by linux/sys_epoll.c: a file with `watches` goes. */
extern void (*file_watched_closed)(struct file *f);

/* fs/special.c: what serves devices and FIFOs, wherever their node lies; NULL for other types. */
const struct file_ops *special_fops(uint32_t mode);

/* fs/walk.c: paths. `base`: where a relative path starts; NULL: the view's cwd. The first use sets the root up. */
enum { WALK_NOFOLLOW = 1 << 0 };
int vfs_walk(const struct vfs_view *view, struct vnode *base, const char *path, unsigned flags, struct vnode **ret);
/* All but the last component. `name` is terminated; "." and ".." are given as they stand. vfs_parent_put() frees. */
struct vfs_parent {
	struct vnode *dir;
	char *name;
	char *buf;
	bool slash;		/* the path ended in '/': it must be a directory */
};
int vfs_walk_parent(const struct vfs_view *view, struct vnode *base, const char *path, struct vfs_parent *ret);
void vfs_parent_put(struct vfs_parent *p);
/* fs/open.c. `check` (NULL allowed) may refuse: it sees the vnode before the open, or, with `creates`, the directory
 * that gets a new file. */
struct open_check {
	int (*fn)(void *ctx, struct vnode *v, uint32_t flags, bool creates);
	void *ctx;
};
int vfs_open_at(const struct vfs_view *view, struct vnode *base, const char *path, uint32_t flags, uint32_t mode,
		const struct open_check *check, struct file **ret);
/* An open of a vnode that is already known; takes its own reference. */
int vfs_open_vnode(struct vnode *v, uint32_t flags, struct file **ret);
/* The vnode's path as the view sees it, into buf with its end: returns its length, -ERANGE, or -ENOENT (unlinked, or
 * outside the view's root). */
int vfs_path_of(const struct vfs_view *view, struct vnode *v, char *buf, size_t size);
/* The kernel's view, for the kernel's own use. */
int vfs_open(const char *path, uint32_t flags, uint32_t mode, struct file **ret);

/* fs/names.c: what changes names; arguments as vfs_walk(). */
int vfs_mkdir(const struct vfs_view *view, struct vnode *base, const char *path, uint32_t mode);
int vfs_mknod(const struct vfs_view *view, struct vnode *base, const char *path, uint32_t mode, uint64_t rdev);
int vfs_symlink(const struct vfs_view *view, const char *target, struct vnode *base, const char *path);
int vfs_link(const struct vfs_view *view, struct vnode *v, struct vnode *base, const char *path);
int vfs_unlink(const struct vfs_view *view, struct vnode *base, const char *path);
int vfs_rmdir(const struct vfs_view *view, struct vnode *base, const char *path);
int vfs_rename(const struct vfs_view *view, struct vnode *from_base, const char *from, struct vnode *to_base,
	       const char *to, bool noreplace);

/* fs/attr.c */
int vfs_getattr(struct vnode *v, struct vattr *ret);
int vfs_setattr(struct vnode *v, const struct vattr *a); /* -EROFS, -EPERM */
int vfs_truncate(struct vnode *v, uint64_t size);
int vfs_statfs(struct vnode *v, struct vstatfs *ret);

/* fs/slurp.c: the whole of a file in memory, at most `max` bytes, below 64 KiB (-EFBIG).
 * file_*_kernel: as file_read(). */
int vfs_read_all(const char *path, size_t max, char **ret_data, size_t *ret_len); /* kfree() it; NUL behind the end */
kssize_t file_read_kernel(struct file *f, void *to, size_t len, uint64_t off);
kssize_t file_write_kernel(struct file *f, const void *from, size_t len, uint64_t off);

/* fs/mount.c: the mount table; the list is in order of mounting. */
extern struct list mount_list;
/* fs/sync.c: writes everything out, stores through shared mappings of the application included. */
void vfs_sync_all(void);
/* Sets the root up: a ramfs with the initrd's content, /dev, /proc, /tmp, /host. Called by the first walk. */
void vfs_boot(void);
extern struct vnode *vfs_root;	/* NULL before vfs_boot() */
/* Puts m (allocated by the file system, root set) over the directory. Takes over m on success. -EBUSY, -ENOTDIR. */
int vfs_mount(const char *target, struct mount *m);
int vfs_umount(const char *target); /* -EBUSY while in use, -EINVAL: not a mount point */
/* mount(2): type "9p" (source: the device's tag), "ramfs"/"tmpfs", "proc". */
int vfs_mount_type(const char *type, const char *source, const char *target, bool readonly);
uint64_t mount_new_dev(void);
/* Mounts now what waits for its first use, so that mount_list is complete. */
void vfs_automount_all(void);

#endif
