/* proc.c: /proc's tree: names, directories, links and the reading of text. It knows no content. */
#include "fs/proc.h"
#include "kernel/clock.h"
#include "kernel/kmem.h"
#include "kernel/thread.h"
#include "lib/fmt.h"
#include "lib/hash.h"
#include "lib/num.h"

#define TEXT_MAX 65536
#define PROC_SUPER_MAGIC 0x9fa0 /* statfs(2) */
#define NUMBERS_FROM 1024 /* readdir's cookies: below, the fixed names; from here, 2 n for number n */

struct proc_node {
	struct vnode v;
	const struct proc_entry *entry;
	struct proc_key key;
	char name[PROC_NAME_MAX];
};

struct procfs {
	struct mount mount;
	struct proc_node root;
};

const struct proc_entry *proc_processes, *proc_network;

static const struct proc_entry root_entry = { .name = "", .mode = PROC_DIR, .children = proc_system };
static const struct vnode_ops proc_vnode_ops;
static const struct file_ops proc_dir_fops, proc_file_fops;

static struct proc_node *node_of(struct vnode *v)
{
	return container_of(v, struct proc_node, v);
}

static void node_init(struct proc_node *n, struct mount *m, const struct proc_entry *e, const struct proc_key *k)
{
	uint64_t id[2] = { (uint64_t) e, (uint64_t) k->pid << 32 | (uint32_t) k->n };

	n->v = (struct vnode){
		.refs = 1,
		.mode = e->mode,
		.ops = &proc_vnode_ops,
		.fops = S_ISDIR(e->mode) ? &proc_dir_fops : &proc_file_fops,
		.mount = m,
		.ino = hash_bytes(id, sizeof(id)) | 1ULL << 32,
	};
	n->entry = e;
	n->key = *k;
}

static const struct proc_entry *find_child(const struct proc_entry *c, const char *name)
{
	for (; c && c->name; c++)
		if (!strcmp(c->name, name))
			return c;
	return NULL;
}

static bool is_root(const struct proc_node *dir)
{
	return dir->entry == &root_entry;
}

/* The fixed names that a directory has from elsewhere, and its numbers. */
static const struct proc_entry *more_of(const struct proc_node *dir)
{
	return is_root(dir) && proc_processes ? proc_processes->children : NULL;
}

static const struct proc_many *many_of(const struct proc_node *dir)
{
	if (is_root(dir))
		return proc_processes ? proc_processes->many : NULL;
	return dir->entry->many;
}

static const struct proc_entry *find_entry(struct proc_node *dir, const char *name, struct proc_key *key)
{
	const struct proc_entry *e = find_child(dir->entry->children, name);
	const struct proc_many *many = many_of(dir);
	uint64_t number;
	int n;

	*key = dir->key;
	if (!e)
		e = find_child(more_of(dir), name);
	if (!e && is_root(dir))
		e = find_child(proc_network, name);
	if (e || !many || num_parse_u64(name, 10, &number) < 0 || number > INT32_MAX || (*name == '0' && name[1]))
		return e;
	n = (int) number;
	return many->next(&dir->key, &n, key) && n == (int) number ? &many->each : NULL;
}

static int proc_lookup(struct vnode *vdir, const char *name, struct vnode **ret)
{
	struct proc_node *dir = node_of(vdir), *n;
	const struct proc_entry *e;
	struct proc_key key;

	e = find_entry(dir, name, &key);
	if (!e)
		return -ENOENT;
	n = kzalloc(sizeof(*n));
	if (!n)
		return -ENOMEM;
	node_init(n, vdir->mount, e, &key);
	fmt_snprintf(n->name, sizeof(n->name), "%s", name);
	n->v.name = n->name;
	n->v.parent = vnode_get(vdir);
	*ret = &n->v;
	return 0;
}

static void proc_free(struct vnode *v)
{
	struct vnode *parent = v->parent;

	if (!parent)
		return; /* the root goes with its mount */
	kfree(node_of(v));
	vnode_put(parent);
}

static int proc_readdir(struct file *f, uint64_t cookie, dir_emit emit, void *ctx)
{
	struct proc_node *dir = node_of(f->vnode);
	const struct proc_entry *fixed[] = { dir->entry->children, more_of(dir), is_root(dir) ? proc_network : NULL };
	const struct proc_many *many = many_of(dir);
	struct proc_key key;
	uint64_t at = 2;
	char name[PROC_NAME_MAX];
	int n;

	if (cookie < 1 && !emit(ctx, ".", 1, f->vnode->ino, DT_DIR, 1))
		return 0;
	if (cookie < 2 && !emit(ctx, "..", 2, f->vnode->ino, DT_DIR, 2))
		return 0;
	for (unsigned i = 0; i < ARRAY_SIZE(fixed); i++)
		for (const struct proc_entry *c = fixed[i]; c && c->name; c++, at++)
			if (at >= cookie && !emit(ctx, c->name, strlen(c->name), at, MODE_TO_DT(c->mode), at + 1))
				return 0;
	if (!many)
		return 0;
	for (n = cookie > NUMBERS_FROM ? (int) (cookie - NUMBERS_FROM) : 0; many->next(&dir->key, &n, &key); n++) {
		int len = fmt_snprintf(name, sizeof(name), "%d", n);

		if (!emit(ctx, name, (size_t) len, NUMBERS_FROM + (uint64_t) n, MODE_TO_DT(many->each.mode),
			  NUMBERS_FROM + (uint64_t) n + 1))
			return 0;
	}
	return 0;
}

static kssize_t proc_readlink(struct vnode *v, char *buf, size_t size)
{
	struct proc_node *n = node_of(v);

	return S_ISLNK(v->mode) ? n->entry->link(&n->key, buf, size) : -EINVAL;
}

static int proc_follow(struct vnode *v, struct vnode **ret)
{
	struct proc_node *n = node_of(v);

	return S_ISLNK(v->mode) && n->entry->follow ? n->entry->follow(&n->key, ret) : -ENOENT;
}

static int proc_getattr(struct vnode *v, struct vattr *a)
{
	a->atime = a->mtime = a->ctime = (int64_t) clock_realtime_ns();
	if (S_ISDIR(v->mode))
		a->nlink = 2;
	return 0;
}

static int proc_statfs(struct vnode *v, struct vstatfs *s)
{
	s->type = PROC_SUPER_MAGIC;
	return 0;
}

static const struct vnode_ops proc_vnode_ops = {
	.lookup = proc_lookup,
	.readlink = proc_readlink,
	.follow = proc_follow,
	.getattr = proc_getattr,
	.statfs = proc_statfs,
	.free = proc_free,
};

void proc_write(struct proc_text *t, const char *bytes, size_t n)
{
	if (t->error)
		return;
	if (n > t->size - t->len) {
		size_t size = MAX(t->size * 2, 512);
		char *buf;

		while (size - t->len < n)
			size *= 2;
		buf = size <= TEXT_MAX ? krealloc(t->buf, size) : NULL;
		if (!buf) {
			t->error = -ENOMEM;
			return;
		}
		t->buf = buf;
		t->size = size;
	}
	memcpy(t->buf + t->len, bytes, n);
	t->len += n;
}

static void sink(void *ctx, const char *text, size_t n)
{
	proc_write(ctx, text, n);
}

void proc_printf(struct proc_text *t, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	fmt_vprintf(sink, t, fmt, args);
	va_end(args);
}

static void show_from_start(struct proc_text *t, struct proc_node *n)
{
	t->start = t->len = 0;
	memset(t->at, 0, sizeof(t->at));
	t->more = false;
	n->entry->show(t, &n->key);
}

static int proc_open(struct vnode *v, struct file *f)
{
	struct proc_text *t;

	if ((f->flags & O_ACCMODE) != O_RDONLY)
		return -EACCES;
	t = kzalloc(sizeof(*t));
	if (!t)
		return -ENOMEM;
	f->data = t;
	show_from_start(t, node_of(v));
	if (!t->error)
		return 0;
	kfree(t->buf);
	kfree(t);
	return -ENOMEM;
}

static void proc_release(struct file *f)
{
	struct proc_text *t = f->data;

	kfree(t->buf);
	kfree(t);
}

static kssize_t proc_read(struct file *f, struct iter *it, uint64_t off)
{
	struct proc_node *n = node_of(f->vnode);
	struct proc_text *t = f->data;

	/* A new look for those who rewind and read again (top), or seek back. */
	if ((off == 0 && f->pos != 0) || off < t->start)
		show_from_start(t, n);
	while (t->more && off - t->start >= t->len && !t->error) {
		t->start += t->len;
		t->len = 0;
		t->more = false;
		n->entry->show(t, &n->key);
		kernel_relax();
	}
	if (t->error)
		return t->error;
	off -= t->start;
	return off < t->len ? iter_put(it, t->buf + off, MIN(t->len - off, it->left)) : 0;
}

static const struct file_ops proc_dir_fops = {
	.readdir = proc_readdir,
};

static const struct file_ops proc_file_fops = {
	.open = proc_open,
	.release = proc_release,
	.read = proc_read,
};

static void procfs_umount(struct mount *m)
{
	kfree(container_of(m, struct procfs, mount));
}

int procfs_create(struct mount **ret)
{
	struct procfs *fs = kzalloc(sizeof(*fs));
	struct proc_key none = { 0 };

	if (!fs)
		return -ENOMEM;
	node_init(&fs->root, &fs->mount, &root_entry, &none);
	fs->mount.root = &fs->root.v;
	fs->mount.type = "proc";
	fs->mount.dev = mount_new_dev();
	fs->mount.umount = procfs_umount;
	*ret = &fs->mount;
	return 0;
}
