/* path_may.c: which files a restricted process may use. Without a grant: its own /tmp, its pipes, streams and terminal,
 * and the devices that hold nothing. */
#include "lib/fmt.h"
#include "linux/path.h"

static bool harmless(const struct vnode *v, bool change)
{
	if (!v->mount)
		return true; /* has no name: reached through its own descriptors */
	if (v->mount->restricted_only)
		return true;
	if (!S_ISCHR(v->mode))
		return false;
	switch (v->rdev) {
	case MAKEDEV(1, 3): /* null */
	case MAKEDEV(1, 5): /* zero */
	case MAKEDEV(1, 7): /* full */
	case MAKEDEV(1, 8): /* random */
	case MAKEDEV(1, 9): /* urandom */
	case MAKEDEV(5, 0): /* tty: its own */
		return true;
	}
	return false;
}

static int may(uint32_t grant, const char *verb, const char *path)
{
	char what[160];

	fmt_snprintf(what, sizeof(what), "%s %s", verb, path);
	return process_may(current()->proc, grant, what) ? 0 : -EACCES;
}

int may_read(struct vnode *v, const char *verb, const char *path)
{
	struct process *p = current()->proc;

	if (!p->restricted || p->grants & (GRANT_FS_RO | GRANT_FS_RW) || harmless(v, false))
		return 0;
	return may(GRANT_FS_RO, verb, path);
}

int may_change(struct vnode *v, const char *verb, const char *path)
{
	struct process *p = current()->proc;

	if (!p->restricted || p->grants & GRANT_FS_RW || harmless(v, true))
		return 0;
	return may(GRANT_FS_RW, verb, path);
}

int at_may_change(const struct vfs_view *view, struct vnode *dir)
{
	const struct at_path *at = container_of(view, struct at_path, view);

	return may_change(dir, at->verb, at->path);
}
