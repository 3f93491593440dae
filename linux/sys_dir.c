/* sys_dir.c: the working directory, and umask. */
#include "kernel/kmem.h"
#include "linux/file.h"
#include "linux/path.h"

long sys_getcwd(uint64_t buf, uint64_t size)
{
	struct vfs_view view;
	char *path;
	long n;

	if (!size)
		return -EINVAL;
	process_view(current()->proc, &view);
	vfs_boot();
	path = kmalloc(PATH_MAX);
	if (!path)
		return -ENOMEM;
	n = vfs_path_of(&view, view.cwd ? view.cwd : view.root ? view.root : vfs_root, path, PATH_MAX);
	if (n >= 0 && (uint64_t) n + 1 > size)
		n = -ERANGE;
	if (n >= 0 && copy_to_user(buf, path, (size_t) n + 1) < 0)
		n = -EFAULT;
	kfree(path);
	return n < 0 ? n : n + 1;
}

static void set_cwd(struct vnode *v)
{
	struct vnode *old = current()->proc->cwd;

	current()->proc->cwd = v;
	vnode_put(old);
}

long sys_chdir(uint64_t path)
{
	struct at_path at;
	struct vnode *v;
	int r = at_find(AT_FDCWD, path, 0, &at, &v);

	if (r < 0)
		return r;
	at_put(&at);
	if (!S_ISDIR(v->mode)) {
		vnode_put(v);
		return -ENOTDIR;
	}
	set_cwd(v);
	return 0;
}

long sys_fchdir(int fd)
{
	struct file *f = fd_get(fd);
	int r = 0;

	if (!f)
		return -EBADF;
	if (S_ISDIR(f->vnode->mode))
		set_cwd(vnode_get(f->vnode));
	else
		r = -ENOTDIR;
	file_put(f);
	return r;
}

long sys_chroot(uint64_t path)
{
	return -EPERM;
}

long sys_umask(unsigned mask)
{
	uint32_t old = current()->proc->umask;

	current()->proc->umask = mask & 0777;
	return old;
}
