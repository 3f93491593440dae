/* ninep_dir.c: names in 9p directories. Every lookup asks the server. */
#include "fs/ninep_node.h"
#include "kernel/kmem.h"

#define NAME_ROOM (2 + NAME_MAX)

/* A new fid for `name` in dir, or for dir itself when name is NULL. */
static int walk(struct ninep_node *dir, const char *name, uint32_t *ret_fid)
{
	uint32_t fid = ninep_new_fid(dir->fs);
	struct p9_qid qid;
	struct call c;
	int r;

	call_begin(&c, dir->fs, P9_TWALK, 4 + 4 + 2 + NAME_ROOM, P9_HEADER + 2 + 13);
	p9_out_u32(&c.out, dir->fid);
	p9_out_u32(&c.out, fid);
	p9_out_u16(&c.out, name ? 1 : 0);
	if (name)
		p9_out_str(&c.out, name);
	r = call_do(&c);
	if (r >= 0 && p9_in_u16(&c.in) != (name ? 1 : 0))
		r = -EIO;
	if (r >= 0 && name)
		p9_in_qid(&c.in, &qid);
	r = call_end(&c, r);
	if (r >= 0)
		*ret_fid = fid;
	return r;
}

static int lookup_node(struct ninep_node *dir, const char *name, struct ninep_node **ret)
{
	uint32_t fid;
	int r = walk(dir, name, &fid);

	if (r < 0)
		return r;
	r = ninep_node_get(dir->fs, fid, &dir->v, name, ret);
	if (r < 0)
		ninep_clunk(dir->fs, fid);
	return r;
}

int ninep_lookup(struct vnode *dir, const char *name, struct vnode **ret)
{
	struct ninep_node *n;
	int r = lookup_node(ninep_node(dir), name, &n);

	if (r >= 0)
		*ret = &n->v;
	return r;
}

/* A request that begins with the directory and a name; the reply's content is of no interest. */
static void begin(struct call *c, struct vnode *dir, uint8_t type, const char *name, size_t more)
{
	call_begin(c, ninep_of(dir), type, 4 + NAME_ROOM + more, P9_HEADER + 16);
	p9_out_u32(&c->out, ninep_node(dir)->fid);
	p9_out_str(&c->out, name);
}

/* Creation opens the file at once: what its permissions say binds only later opens. */
static int create_file(struct ninep_node *dir, const char *name, uint32_t mode, struct vnode **ret)
{
	struct ninep_node *n;
	struct call c;
	uint32_t fid;
	int r = walk(dir, NULL, &fid);

	if (r < 0)
		return r;
	call_begin(&c, dir->fs, P9_TLCREATE, 4 + NAME_ROOM + 12, P9_HEADER + 13 + 4);
	p9_out_u32(&c.out, fid);
	p9_out_str(&c.out, name);
	p9_out_u32(&c.out, O_RDWR | O_CREAT | O_EXCL | O_LARGEFILE);
	p9_out_u32(&c.out, mode & 07777);
	p9_out_u32(&c.out, 0);
	r = call_finish(&c);
	if (r >= 0)
		r = lookup_node(dir, name, &n);
	if (r >= 0 && n->write_fid == P9_NOFID && S_ISREG(n->v.mode)) {
		n->write_fid = fid;
		n->write_reads = true;
		fid = P9_NOFID;
	}
	ninep_clunk(dir->fs, fid);
	if (r >= 0)
		*ret = &n->v;
	return r;
}

int ninep_mknod(struct vnode *dir, const char *name, uint32_t mode, uint64_t rdev, struct vnode **ret)
{
	struct call c;
	int r;

	if (S_ISREG(mode))
		return create_file(ninep_node(dir), name, mode, ret);
	begin(&c, dir, P9_TMKNOD, name, 16);
	p9_out_u32(&c.out, mode);
	p9_out_u32(&c.out, (uint32_t) (rdev >> 8));
	p9_out_u32(&c.out, rdev & 0xff);
	p9_out_u32(&c.out, 0);
	r = call_finish(&c);
	return r < 0 ? r : ninep_lookup(dir, name, ret);
}

int ninep_mkdir(struct vnode *dir, const char *name, uint32_t mode)
{
	struct call c;

	begin(&c, dir, P9_TMKDIR, name, 8);
	p9_out_u32(&c.out, mode & 07777);
	p9_out_u32(&c.out, 0);
	return call_finish(&c);
}

int ninep_symlink(struct vnode *dir, const char *name, const char *target)
{
	struct call c;

	begin(&c, dir, P9_TSYMLINK, name, 2 + strlen(target) + 4);
	p9_out_str(&c.out, target);
	p9_out_u32(&c.out, 0);
	return call_finish(&c);
}

int ninep_link(struct vnode *dir, const char *name, struct vnode *to)
{
	struct call c;

	call_begin(&c, ninep_of(dir), P9_TLINK, 4 + 4 + NAME_ROOM, 0);
	p9_out_u32(&c.out, ninep_node(dir)->fid);
	p9_out_u32(&c.out, ninep_node(to)->fid);
	p9_out_str(&c.out, name);
	return call_finish(&c);
}

static int remove(struct vnode *dir, const char *name, uint32_t flags)
{
	struct call c;

	begin(&c, dir, P9_TUNLINKAT, name, 4);
	p9_out_u32(&c.out, flags);
	return call_finish(&c);
}

int ninep_unlink(struct vnode *dir, const char *name)
{
	return remove(dir, name, 0);
}

int ninep_rmdir(struct vnode *dir, const char *name)
{
	return remove(dir, name, AT_REMOVEDIR);
}

/* Nodes of the old name go by the new one, should they be asked for their path. */
static void move_nodes(struct vnode *from, const char *name, struct vnode *to, const char *new_name)
{
	struct ninep *fs = ninep_of(from);

	for (unsigned i = 0; i < NINEP_BUCKETS; i++) {
		for (struct hash_node *h = fs->buckets[i]; h; h = h->next) {
			struct vnode *v = &container_of(h, struct ninep_node, hash)->v;
			char *copy;

			if (v->parent != from || strcmp(v->name, name) || ninep_above(v, to) || !(copy = kstrdup(new_name)))
				continue;
			kfree((void *) v->name);
			v->name = copy;
			v->parent = vnode_get(to);
			from->refs--; /* the caller holds it, so this is not the last */
			return;
		}
	}
}

int ninep_rename(struct vnode *from, const char *name, struct vnode *to, const char *new_name)
{
	struct call c;
	int r;

	begin(&c, from, P9_TRENAMEAT, name, 4 + NAME_ROOM);
	p9_out_u32(&c.out, ninep_node(to)->fid);
	p9_out_str(&c.out, new_name);
	r = call_finish(&c);
	if (r >= 0)
		move_nodes(from, name, to, new_name);
	return r;
}

/* One reply's worth of entries. */
static int ninep_readdir(struct file *f, uint64_t cookie, dir_emit emit, void *ctx)
{
	struct ninep_node *n = ninep_node(f->vnode);
	const uint32_t room = PAGE_SIZE - P9_READ_HEADER;
	struct p9_dirent d;
	struct call c;
	uint32_t count;
	int r;

	call_begin(&c, n->fs, P9_TREADDIR, 4 + 8 + 4, PAGE_SIZE);
	p9_out_u32(&c.out, n->read_fid);
	p9_out_u64(&c.out, cookie);
	p9_out_u32(&c.out, room);
	r = call_do(&c);
	if (r >= 0) {
		count = p9_in_u32(&c.in);
		if (count != c.in.len - c.in.at)
			r = -EIO;
	}
	while (r >= 0 && p9_in_dirent(&c.in, &d))
		if (!emit(ctx, d.name, d.len, d.qid.path, d.type, d.offset))
			break;
	return call_end(&c, r);
}

static int ninep_dir_open(struct vnode *v, struct file *f)
{
	return ninep_open_fids(ninep_node(v), true, false);
}

const struct file_ops ninep_dir_fops = {
	.open = ninep_dir_open,
	.readdir = ninep_readdir,
};
