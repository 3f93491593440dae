/* file.c: open files: their life, and reading and writing at a position. Knows no file system. */
#include "fs/vfs.h"
#include "kernel/kmem.h"

void (*file_locks_closed)(struct file *f, void *owner);
void (*file_watched_closed)(struct file *f);

static const struct file_ops no_ops;

int file_create(struct vnode *v, uint32_t flags, struct file **ret)
{
	struct file *f = kzalloc(sizeof(*f));

	if (!f)
		return -ENOMEM;
	f->refs = 1;
	f->flags = flags & ~(O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_CLOEXEC);
	f->vnode = v;
	f->fops = v->fops ? v->fops : &no_ops;
	*ret = f;
	return 0;
}

void file_put(struct file *f)
{
	if (!f || --f->refs)
		return;
	if (f->ofd_locks && file_locks_closed)
		file_locks_closed(f, NULL);
	if (f->watches)
		file_watched_closed(f);
	if (f->fops->release)
		f->fops->release(f);
	vnode_put(f->vnode);
	kfree(f);
}

/* The offset to use, or a negative error: files end at INT64_MAX. */
static int64_t start_of(struct file *f, struct iter *it, uint64_t off)
{
	uint64_t start = off == FILE_POS ? f->pos : off;

	if (off != FILE_POS && !file_seekable(f))
		return -ESPIPE;
	if (start > INT64_MAX || it->left > INT64_MAX - start)
		return -EINVAL;
	return (int64_t) start;
}

kssize_t file_read(struct file *f, struct iter *it, uint64_t off)
{
	int64_t start;
	kssize_t n;

	if ((f->flags & O_ACCMODE) == O_WRONLY || f->flags & O_PATH)
		return -EBADF;
	if (S_ISDIR(f->vnode->mode))
		return -EISDIR;
	if (!f->fops->read)
		return -EINVAL;
	start = start_of(f, it, off);
	if (start < 0)
		return start;
	n = f->fops->read(f, it, (uint64_t) start);
	if (n > 0 && off == FILE_POS)
		f->pos = (uint64_t) start + (uint64_t) n;
	return n;
}

kssize_t file_write(struct file *f, struct iter *it, uint64_t off)
{
	struct vnode *v = f->vnode;
	struct vattr a;
	int64_t start;
	kssize_t n;

	if ((f->flags & O_ACCMODE) == O_RDONLY || f->flags & O_PATH)
		return -EBADF;
	if (!f->fops->write)
		return -EINVAL;
	start = start_of(f, it, off);
	if (start < 0)
		return start;
	/* Linux appends for pwrite() too (pwrite(2), BUGS). */
	if (f->flags & O_APPEND && S_ISREG(v->mode) && v->ops && v->ops->getattr) {
		memset(&a, 0, sizeof(a));
		n = v->ops->getattr(v, &a);
		if (n < 0)
			return n;
		start = (int64_t) a.size;
	}
	if (S_ISREG(v->mode) && !it->left)
		return 0;
	n = f->fops->write(f, it, (uint64_t) start);
	if (n > 0 && off == FILE_POS)
		f->pos = (uint64_t) start + (uint64_t) n;
	return n;
}
