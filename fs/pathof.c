/* pathof.c: from a vnode back to its path, for getcwd and /proc. */
#include "fs/vfs.h"

/* Puts text in front of what ends at *at. */
static int prepend(char *buf, size_t *at, const char *text, size_t len)
{
	if (len > *at)
		return -ERANGE;
	*at -= len;
	memcpy(buf + *at, text, len);
	return 0;
}

int vfs_path_of(const struct vfs_view *view, struct vnode *v, char *buf, size_t size)
{
	struct vnode *root = view && view->root ? view->root : vfs_root;
	size_t at = size;

	if (prepend(buf, &at, "", 1) < 0)
		return -ERANGE;
	while (v != root) {
		if (v->mount && v->mount->root == v && v->mount->covered) {
			v = v->mount->covered;
			continue;
		}
		if (!v->name || !v->parent)
			return -ENOENT;
		if (prepend(buf, &at, v->name, strlen(v->name)) < 0 || prepend(buf, &at, "/", 1) < 0)
			return -ERANGE;
		v = v->parent;
	}
	if (at == size - 1 && prepend(buf, &at, "/", 1) < 0)
		return -ERANGE;
	memmove(buf, buf + at, size - at);
	return (int) (size - at - 1);
}
