/* path.c: paths in system calls. */
#include "linux/path.h"
#include "kernel/kmem.h"
#include "linux/fd.h"
#include "linux/procfs.h"

static void (*next_exit_hook)(void);

static void flush_files(void)
{
	vfs_sync_all();
	if (next_exit_hook)
		next_exit_hook();
}

/* What the first path in the image's life brings with it. */
static void first_use(void)
{
	static bool done;

	if (done)
		return;
	done = true;
	procfs_pid_register();
	next_exit_hook = process_app_exit_hook;
	process_app_exit_hook = flush_files;
}

static char *copy_path(uint64_t user_path, int flags, int *ret_error)
{
	char *path = kmalloc(PATH_MAX), *small;
	long n = path ? copy_string_from_user(path, user_path, PATH_MAX) : -ENOMEM;

	if (n == 0 && !(flags & AT_EMPTY_PATH))
		n = -ENOENT;
	if (n < 0) {
		kfree(path);
		*ret_error = (int) n;
		return NULL;
	}
	small = krealloc(path, (size_t) n + 1); /* it may be held while a file is waited for */
	return small ? small : path;
}

void process_view(struct process *p, struct vfs_view *ret)
{
	*ret = (struct vfs_view){ .root = p->root, .cwd = p->cwd, .umask = p->umask, .restricted = p->restricted };
}

int at_get(int dirfd, uint64_t user_path, int flags, struct at_path *ret)
{
	struct at_path at = { 0 };
	int r = 0;

	first_use();
	at.path = copy_path(user_path, flags, &r);
	if (!at.path)
		return r;
	process_view(current()->proc, &at.view);
	at.view.may_change = at_may_change;
	at.verb = "change";
	if (*at.path != '/' && dirfd != AT_FDCWD) {
		at.dir = fd_get(dirfd);
		if (!at.dir || (*at.path && !S_ISDIR(at.dir->vnode->mode))) {
			r = at.dir ? -ENOTDIR : -EBADF;
			file_put(at.dir);
			kfree(at.path);
			return r;
		}
		at.base = at.dir->vnode;
	}
	/* Another thread may change them while this call waits. */
	if (at.view.cwd)
		vnode_get(at.view.cwd);
	if (at.view.root)
		vnode_get(at.view.root);
	*ret = at;
	return 0;
}

void at_put(struct at_path *at)
{
	vnode_put(at->view.cwd);
	vnode_put(at->view.root);
	file_put(at->dir);
	kfree(at->path);
}

int at_walk(struct at_path *at, int flags, struct vnode **ret)
{
	if (*at->path)
		return vfs_walk(&at->view, at->base, at->path, flags & AT_SYMLINK_NOFOLLOW ? WALK_NOFOLLOW : 0, ret);
	if (!at->base)
		return vfs_walk(&at->view, NULL, ".", 0, ret);
	*ret = vnode_get(at->base);
	return 0;
}

int at_find(int dirfd, uint64_t user_path, int flags, struct at_path *ret_at, struct vnode **ret)
{
	struct at_path at;
	int r = at_get(dirfd, user_path, flags, &at);

	if (r < 0)
		return r;
	r = at_walk(&at, flags, ret);
	if (r < 0)
		at_put(&at);
	else
		*ret_at = at;
	return r;
}
