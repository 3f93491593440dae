/* unix_name.c: names of AF_UNIX sockets: paths in the file system, and abstract ones, whose first byte is 0. */
#include "kernel/kmem.h"
#include "lib/fmt.h"
#include "linux/path.h"
#include "net/unix_sock.h"

static struct list bound = LIST_INIT(bound);

/* A path as a view from the current process; held while it is walked, since other threads may change directory. */
static void view_get(struct at_path *at, char *path, const char *verb)
{
	memset(at, 0, sizeof(*at));
	at->path = path;
	at->verb = verb;
	process_view(current()->proc, &at->view);
	at->view.may_change = at_may_change;
	if (at->view.cwd)
		vnode_get(at->view.cwd);
	if (at->view.root)
		vnode_get(at->view.root);
}

/* The terminated path, or an abstract name as it is; kfree() it. */
static int parse(const struct sockaddr_any *addr, unsigned len, uint8_t **ret_name, unsigned *ret_len)
{
	const uint8_t *path = addr->bytes + UNIX_PATH_OFFSET;
	uint8_t *name;
	unsigned n;

	if (len <= UNIX_PATH_OFFSET || len > UNIX_PATH_OFFSET + UNIX_PATH_MAX || addr->family != AF_UNIX)
		return -EINVAL;
	n = len - UNIX_PATH_OFFSET;
	if (path[0])
		for (n = 0; n < len - UNIX_PATH_OFFSET && path[n]; n++)
			;
	name = kzalloc(n + 1);
	if (!name)
		return -ENOMEM;
	memcpy(name, path, n);
	*ret_name = name;
	*ret_len = path[0] ? n + 1 : n;
	return 0;
}

static struct unix_sock *find_abstract(const uint8_t *name, unsigned len)
{
	struct unix_sock *u;

	list_for_each (u, &bound, bound_node)
		if (!u->node && u->name_len == len && !memcmp(u->name, name, len))
			return u;
	return NULL;
}

/* A file system may have several vnodes for one file. */
static struct unix_sock *find_node(const struct mount *mount, uint64_t ino)
{
	struct unix_sock *u;

	list_for_each (u, &bound, bound_node)
		if (u->node && u->node->mount == mount && u->node->ino == ino)
			return u;
	return NULL;
}

static int make_node(char *path, struct vnode **ret)
{
	struct at_path at;
	int r;

	view_get(&at, path, "bind");
	r = vfs_mknod(&at.view, NULL, path, S_IFSOCK | 0777, 0);
	if (r >= 0)
		r = vfs_walk(&at.view, NULL, path, WALK_NOFOLLOW, ret);
	vnode_put(at.view.cwd);
	vnode_put(at.view.root);
	return r == -EEXIST ? -EADDRINUSE : r;
}

static void set_name(struct unix_sock *u, uint8_t *name, unsigned len, struct vnode *node)
{
	u->name = name;
	u->name_len = len;
	u->node = node;
	list_add_tail(&bound, &u->bound_node);
}

int unix_autobind(struct unix_sock *u)
{
	static unsigned next;
	uint8_t *name = kzalloc(8);

	if (!name)
		return -ENOMEM;
	do
		fmt_snprintf((char *) name + 1, 7, "%05x", next++ & 0xfffff);
	while (find_abstract(name, 6));
	set_name(u, name, 6, NULL);
	return 0;
}

int unix_bind(struct socket *s, const struct sockaddr_any *addr, unsigned len)
{
	struct unix_sock *u = unix_of(s);
	struct vnode *node = NULL;
	uint8_t *name;
	unsigned n;
	int r;

	if (len == UNIX_PATH_OFFSET && addr->family == AF_UNIX)
		return u->name ? -EINVAL : unix_autobind(u);
	r = parse(addr, len, &name, &n);
	if (r < 0)
		return r;
	if (u->name)
		r = -EINVAL;
	else if (name[0])
		r = make_node((char *) name, &node);
	else if (find_abstract(name, n))
		r = -EADDRINUSE;
	/* It may have been bound by another thread meanwhile. */
	if (r >= 0 && u->name) {
		vnode_put(node);
		r = -EINVAL;
	}
	if (r < 0)
		kfree(name);
	else
		set_name(u, name, n, node);
	return r;
}

void unix_unbind(struct unix_sock *u)
{
	list_del(&u->bound_node);
	vnode_put(u->node);
	u->node = NULL;
}

int unix_copy_name(struct unix_sock *to, const struct unix_sock *from)
{
	to->name = kmalloc(from->name_len);
	if (!to->name)
		return -ENOMEM;
	memcpy(to->name, from->name, from->name_len);
	to->name_len = from->name_len;
	return 0;
}

int unix_fill_name(const struct unix_sock *u, struct sockaddr_any *addr)
{
	addr->family = AF_UNIX;
	if (u->name)
		memcpy(addr->bytes + UNIX_PATH_OFFSET, u->name, u->name_len);
	return (int) (UNIX_PATH_OFFSET + u->name_len);
}

int unix_getname(struct socket *s, bool peer, struct sockaddr_any *addr)
{
	struct unix_sock *u = unix_of(s);

	if (peer && !u->peer)
		return -ENOTCONN;
	return unix_fill_name(peer ? u->peer : u, addr);
}

static int find_path(char *path, struct unix_sock **ret)
{
	struct mount *mount;
	struct at_path at;
	struct vnode *v;
	uint64_t ino;
	int r;

	view_get(&at, path, "connect to");
	r = vfs_walk(&at.view, NULL, path, 0, &v);
	vnode_put(at.view.cwd);
	vnode_put(at.view.root);
	if (r < 0)
		return r;
	r = may_change(v, "connect to", path);
	mount = v->mount;
	ino = v->ino;
	vnode_put(v); /* may block: look for the socket afterwards */
	if (r < 0)
		return r;
	*ret = find_node(mount, ino);
	return *ret ? 0 : -ECONNREFUSED;
}

int unix_find(const struct sockaddr_any *addr, unsigned len, struct unix_sock **ret)
{
	struct unix_sock *u = NULL;
	uint8_t *name;
	unsigned n;
	int r = parse(addr, len, &name, &n);

	if (r < 0)
		return r;
	if (name[0]) {
		r = find_path((char *) name, &u);
	} else {
		u = find_abstract(name, n);
		/* The application's abstract names stand for its network, there is no file to ask about. */
		if (!u)
			r = -ECONNREFUSED;
		else if (!u->restricted && !process_may(current()->proc, GRANT_NET, "connect to the application"))
			r = -EACCES;
	}
	kfree(name);
	if (r >= 0)
		*ret = u;
	return r;
}
