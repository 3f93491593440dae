/* sys_dir_read.c: getdents64 and readlink. */
#include "kernel/kmem.h"
#include "kernel/page.h"
#include "linux/file.h"
#include "linux/path.h"

/* include/linux/dirent.h */
struct dirent64 {
	uint64_t d_ino;
	int64_t d_off;
	uint16_t d_reclen;
	uint8_t d_type;
	char d_name[];
};
#define DIRENT_NAME_OFFSET 19

struct listing {
	char *buf;	/* a page of the kernel's */
	size_t size, used;
	uint64_t next;	/* cookie behind the last entry taken */
	bool full;
};

static bool put_entry(void *ctx, const char *name, size_t len, uint64_t ino, unsigned dt, uint64_t next)
{
	struct listing *l = ctx;
	size_t reclen = (DIRENT_NAME_OFFSET + len + 1 + 7) & ~7UL;
	struct dirent64 *d = (void *) (l->buf + l->used);

	if (reclen > l->size - l->used) {
		l->full = true;
		return false;
	}
	memset(d, 0, reclen);
	d->d_ino = ino;
	d->d_off = (int64_t) next;
	d->d_reclen = (uint16_t) reclen;
	d->d_type = (uint8_t) dt;
	memcpy((char *) d + DIRENT_NAME_OFFSET, name, len);
	l->used += reclen;
	l->next = next;
	return true;
}

static long list_dir(struct file *f, uint64_t buf, unsigned size)
{
	struct listing l = { .size = MIN(size, PAGE_SIZE), .next = f->pos };
	struct paddr page;
	long r;

	if (!f->fops->readdir || !S_ISDIR(f->vnode->mode))
		return -ENOTDIR;
	r = page_alloc(&page);
	if (r < 0)
		return r;
	l.buf = phys_to_virt(page);
	r = f->fops->readdir(f, f->pos, put_entry, &l);
	if (r >= 0 && !l.used && l.full)
		r = -EINVAL;
	if (r >= 0)
		r = copy_to_user(buf, l.buf, l.used);
	if (r >= 0)
		f->pos = l.next;
	page_put(page);
	return r < 0 ? r : (long) l.used;
}

long sys_getdents64(int fd, uint64_t buf, unsigned size)
{
	struct file *f = fd_get(fd);
	long r;

	if (!f)
		return -EBADF;
	r = f->flags & O_PATH ? -EBADF : list_dir(f, buf, size);
	file_put(f);
	return r;
}

long sys_readlinkat(int dirfd, uint64_t path, uint64_t buf, uint64_t size)
{
	struct at_path at;
	struct vnode *v;
	char *text = NULL;
	long r;

	if (!size || size > INT64_MAX)
		return -EINVAL;
	r = at_find(dirfd, path, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH, &at, &v);
	if (r < 0)
		return r;
	r = may_read(v, "readlink", at.path);
	if (r >= 0 && (!S_ISLNK(v->mode) || !v->ops || !v->ops->readlink))
		r = *at.path ? -EINVAL : -ENOENT;
	if (r >= 0 && !(text = kmalloc(PATH_MAX)))
		r = -ENOMEM;
	if (r >= 0)
		r = v->ops->readlink(v, text, MIN(size, PATH_MAX));
	if (r >= 0 && copy_to_user(buf, text, (size_t) r) < 0)
		r = -EFAULT;
	kfree(text);
	vnode_put(v);
	at_put(&at);
	return r;
}

long sys_readlink(uint64_t path, uint64_t buf, uint64_t size)
{
	return sys_readlinkat(AT_FDCWD, path, buf, size);
}
