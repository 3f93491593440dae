/* session_dir.c: walking a directory for `ls` and LIST: names are collected in pieces, so that the file system is not
 * in the middle of anything while an entry is shown. */
#include "overlay/session.h"

#include "kernel/kmem.h"

#define PIECE 2048

struct piece {
	uint64_t next;		/* cookie */
	size_t used;
	char names[PIECE];	/* one after the other, each ended by 0 */
};

static bool collect(void *ctx, const char *name, size_t len, uint64_t ino, unsigned dt, uint64_t next)
{
	struct piece *p = ctx;

	if (len + 1 > PIECE - p->used)
		return false;
	p->next = next;
	if (len <= 2 && name[0] == '.' && (len == 1 || name[1] == '.'))
		return true;
	memcpy(p->names + p->used, name, len);
	p->names[p->used + len] = '\0';
	p->used += len + 1;
	return true;
}

int session_entry_of(struct vnode *v, const char *name, session_entry fn, void *ctx)
{
	char *target = NULL;
	kssize_t n = 0;
	struct vattr a;
	int r = vfs_getattr(v, &a);

	if (r < 0)
		return r;
	if (S_ISLNK(v->mode) && v->ops->readlink) {
		target = kmalloc(1024);
		if (!target)
			return -ENOMEM;
		n = v->ops->readlink(v, target, 1023);
		target[MAX(n, 0L)] = '\0';
	}
	r = fn(ctx, name, &a, target ? target : "");
	kfree(target);
	return r;
}

static int show(struct vnode *dir, struct piece *p, session_entry fn, void *ctx)
{
	int r = 0;

	for (size_t at = 0; r >= 0 && at < p->used; at += strlen(p->names + at) + 1) {
		struct vnode *v;

		/* What went away or cannot be looked at is left out. */
		if (vfs_walk(&session_view, dir, p->names + at, WALK_NOFOLLOW, &v) < 0)
			continue;
		r = session_entry_of(v, p->names + at, fn, ctx);
		vnode_put(v);
	}
	return r;
}

int session_list(struct vnode *dir, session_entry fn, void *ctx)
{
	struct piece *p = kmalloc(sizeof(*p));
	uint64_t cookie = 0;
	struct file *f;
	int r;

	if (!p)
		return -ENOMEM;
	r = vfs_open_vnode(dir, O_RDONLY | O_DIRECTORY, &f);
	if (r < 0) {
		kfree(p);
		return r;
	}
	do {
		p->used = 0;
		p->next = cookie;
		r = f->fops->readdir ? f->fops->readdir(f, cookie, collect, p) : -ENOTDIR;
		if (r >= 0)
			r = show(dir, p, fn, ctx);
		if (p->next == cookie)
			break;
		cookie = p->next;
	} while (r >= 0);
	file_put(f);
	kfree(p);
	return r < 0 ? r : 0;
}
