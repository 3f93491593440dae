/* walk.c: from a path to a vnode: components, symbolic links, mount points, "..". A walk never leaves
 * the view's root. */
#include "fs/walk.h"
#include "kernel/kmem.h"
#include "kernel/thread.h"

struct walk {
	const struct vfs_view *view;
	struct vnode *root;	/* not counted: the view or the mount holds it */
	struct vnode *cur;	/* referenced */
	char *buf;		/* the path that is left lies in here */
	char *at;
	unsigned links;
};

static struct mount *mount_over(const struct vfs_view *view, struct vnode *v)
{
	struct mount *m, *found = NULL;

	list_for_each(m, &mount_list, node)
		if (m->covered == v && (!m->restricted_only || (view && view->restricted)))
			found = m;
	return found;
}

int walk_lookup(const struct vfs_view *view, struct vnode *dir, const char *name, struct vnode **ret)
{
	struct vnode *v;
	struct mount *m;
	int r;

	if (!S_ISDIR(dir->mode) || !dir->ops || !dir->ops->lookup)
		return -ENOTDIR;
	/* A path has two thousand names, a directory as many as memory holds. */
	kernel_relax();
	r = dir->ops->lookup(dir, name, &v);
	if (r < 0)
		return r;
	/* Nobody sees the border: what waits for its first use is mounted, then the walk steps onto it. */
	while (v->covered && ((m = mount_over(view, v)) || (vfs_automount(v) && (m = mount_over(view, v))))) {
		struct vnode *over = vnode_get(m->root);

		vnode_put(v);
		v = over;
	}
	*ret = v;
	return 0;
}

/* The directory that v's name is in, across mount borders; NULL at the root. */
static struct vnode *parent_of(struct vnode *root, struct vnode *v)
{
	while (v != root && v->mount && v->mount->root == v && v->mount->covered)
		v = v->mount->covered;
	return v == root ? NULL : v->parent;
}

static void step_up(struct walk *w)
{
	struct vnode *up = parent_of(w->root, w->cur);

	if (!up)
		return;
	vnode_get(up);
	vnode_put(w->cur);
	w->cur = up;
}

/* Continues at the link's target, with `rest` behind it. */
static int follow_link(struct walk *w, struct vnode *link, const char *rest)
{
	size_t rest_len = strlen(rest);
	struct vnode *target;
	kssize_t n;
	char *buf;

	if (++w->links > SYMLINK_MAX_DEPTH)
		return -ELOOP;
	if (link->ops->follow) {
		int r = link->ops->follow(link, &target);

		if (r >= 0) {
			vnode_put(w->cur);
			w->cur = target;
			w->at = (char *) rest;
			return 0;
		}
		if (r != -ENOENT)
			return r;
	}
	if (!link->ops->readlink)
		return -EINVAL;
	buf = kmalloc(PATH_MAX);
	if (!buf)
		return -ENOMEM;
	n = link->ops->readlink(link, buf, PATH_MAX - 2);
	if (n > 0 && rest_len >= PATH_MAX - 2 - (size_t) n)
		n = -ENAMETOOLONG;
	if (n <= 0) {
		kfree(buf);
		return n < 0 ? (int) n : -ENOENT;
	}
	buf[n] = '/';
	memcpy(buf + n + (rest_len > 0), rest, rest_len + 1);
	kfree(w->buf);
	w->buf = w->at = buf;
	if (*buf == '/') {
		vnode_get(w->root);
		vnode_put(w->cur);
		w->cur = w->root;
	}
	return 0;
}

static int walk_start(struct walk *w, const struct vfs_view *view, struct vnode *base, const char *path)
{
	size_t len = strlen(path);

	vfs_boot();
	if (!len)
		return -ENOENT;
	if (len >= PATH_MAX)
		return -ENAMETOOLONG;
	memset(w, 0, sizeof(*w));
	w->view = view;
	w->root = view && view->root ? view->root : vfs_root;
	if (!base)
		base = view && view->cwd ? view->cwd : w->root;
	w->buf = w->at = kmalloc(len + 2);
	if (!w->buf)
		return -ENOMEM;
	memcpy(w->buf, path, len + 1);
	w->cur = vnode_get(*path == '/' ? w->root : base);
	return 0;
}

static void walk_end(struct walk *w)
{
	vnode_put(w->cur);
	kfree(w->buf);
}

/* The component at w->at, terminated in place: its end, and the character that was there. */
static int component(struct walk *w, char **ret_end, char *ret_saved)
{
	char *end = w->at;

	if (!S_ISDIR(w->cur->mode))
		return -ENOTDIR;
	while (*end && *end != '/')
		end++;
	if (end - w->at > NAME_MAX)
		return -ENAMETOOLONG;
	*ret_end = end;
	*ret_saved = *end;
	*end = '\0';
	return 0;
}

static void skip_slashes(struct walk *w)
{
	while (*w->at == '/')
		w->at++;
}

/* Takes one component. */
static int step(struct walk *w, bool nofollow_last)
{
	struct vnode *next;
	char *end, saved;
	int r = component(w, &end, &saved);

	if (r < 0)
		return r;
	if (name_is_dots(w->at)) {
		if (w->at[1])
			step_up(w);
	} else {
		r = walk_lookup(w->view, w->cur, w->at, &next);
		*end = saved;
		if (r < 0)
			return r;
		if (S_ISLNK(next->mode) && (saved || !nofollow_last)) {
			r = follow_link(w, next, end);
			vnode_put(next);
			return r;
		}
		vnode_put(w->cur);
		w->cur = next;
	}
	*end = saved;
	w->at = end;
	return 0;
}

int vfs_walk(const struct vfs_view *view, struct vnode *base, const char *path, unsigned flags, struct vnode **ret)
{
	struct walk w;
	bool slash;
	int r = walk_start(&w, view, base, path);

	if (r < 0)
		return r;
	for (slash = false, skip_slashes(&w); *w.at && r >= 0;) {
		r = step(&w, flags & WALK_NOFOLLOW);
		slash = r >= 0 && *w.at == '/';
		skip_slashes(&w);
	}
	if (r >= 0 && slash && !S_ISDIR(w.cur->mode))
		r = -ENOTDIR;
	if (r >= 0)
		*ret = vnode_get(w.cur);
	walk_end(&w);
	return r;
}

/* True when nothing but slashes follows the component at w->at. */
static bool at_last(const struct walk *w)
{
	const char *p = w->at;

	while (*p && *p != '/')
		p++;
	while (*p == '/')
		p++;
	return !*p;
}

int walk_parent(const struct vfs_view *view, struct vnode *base, const char *path, bool follow_last,
		struct vfs_parent *ret)
{
	struct vnode *next;
	char *end, saved;
	struct walk w;
	int r = walk_start(&w, view, base, path);

	if (r < 0)
		return r;
	for (skip_slashes(&w); r >= 0; skip_slashes(&w)) {
		if (!*w.at) { /* "/", or a link to it: the directory itself */
			w.at[0] = '.';
			w.at[1] = '\0';
		}
		if (!at_last(&w)) {
			r = step(&w, false);
			continue;
		}
		r = component(&w, &end, &saved);
		if (r < 0)
			break;
		if (follow_last && !name_is_dots(w.at) && walk_lookup(view, w.cur, w.at, &next) >= 0) {
			bool link = S_ISLNK(next->mode);

			*end = saved;
			r = link ? follow_link(&w, next, end) : 0;
			vnode_put(next);
			if (link)
				continue;
			*end = '\0';
		}
		*ret = (struct vfs_parent){ .dir = w.cur, .name = w.at, .buf = w.buf, .slash = saved };
		return 0;
	}
	walk_end(&w);
	return r;
}

int vfs_walk_parent(const struct vfs_view *view, struct vnode *base, const char *path, struct vfs_parent *ret)
{
	return walk_parent(view, base, path, false, ret);
}

void vfs_parent_put(struct vfs_parent *p)
{
	vnode_put(p->dir);
	kfree(p->buf);
}
