/* ninep.c: 9p file systems: the session with a server, and its nodes' life and attributes. */
#include "fs/ninep_node.h"
#include "kernel/kmem.h"
#include "kernel/log.h"
#include "kernel/page.h"

#define VERSION "9P2000.L"
#define NAME_ROOM (2 + 255)

/* 9p.h: P9_SETATTR_* */
#define SET_ATIME 0x10
#define SET_MTIME 0x20
#define SET_ATIME_SET 0x80
#define SET_MTIME_SET 0x100

static struct list mounted = LIST_INIT(mounted);
static const struct vnode_ops ninep_vnode_ops;

int ninep_getattr_fid(struct ninep *fs, uint32_t fid, struct p9_attr *ret)
{
	struct p9_attr a;
	struct call c;
	int r;

	call_begin(&c, fs, P9_TGETATTR, 12, 160);
	p9_out_u32(&c.out, fid);
	p9_out_u64(&c.out, P9_GETATTR_BASIC);
	r = call_do(&c);
	if (r >= 0)
		p9_in_attr(&c.in, &a);
	r = call_end(&c, r);
	if (r >= 0)
		*ret = a;
	return r;
}

static struct ninep_node *find_node(struct ninep *fs, uint64_t qid_path, uint32_t mode)
{
	struct hash_node *h = hash_table_first(&fs->nodes, hash_u64(qid_path));

	for (; h; h = hash_table_next(h)) {
		struct ninep_node *n = container_of(h, struct ninep_node, hash);

		if (n->qid_path == qid_path && (n->v.mode & S_IFMT) == (mode & S_IFMT))
			return n;
	}
	return NULL;
}

static const struct file_ops *fops_of(uint32_t mode)
{
	return S_ISREG(mode) ? &ninep_file_fops : S_ISDIR(mode) ? &ninep_dir_fops : special_fops(mode);
}

static int node_create(struct ninep *fs, const struct p9_attr *a, struct ninep_node **ret)
{
	struct ninep_node *n = kzalloc(sizeof(*n));

	if (!n)
		return -ENOMEM;
	n->v = (struct vnode){
		.refs = 1,
		.mode = a->mode,
		.ops = &ninep_vnode_ops,
		.fops = fops_of(a->mode),
		.mount = &fs->mount,
		.ino = a->qid.path,
		.rdev = a->rdev,
	};
	n->fs = fs;
	n->qid_path = a->qid.path;
	n->fid = n->read_fid = n->write_fid = P9_NOFID;
	list_init(&n->pages);
	(void) hash_table_init(&n->page_table, n->page_buckets, ARRAY_SIZE(n->page_buckets));
	hash_table_add(&fs->nodes, &n->hash, hash_u64(n->qid_path));
	*ret = n;
	return 0;
}

bool ninep_above(const struct vnode *v, const struct vnode *below)
{
	while (below && below != v)
		below = below->parent;
	return below;
}

int ninep_node_get(struct ninep *fs, uint32_t fid, struct vnode *parent, const char *name, struct ninep_node **ret)
{
	struct vnode *old_parent = NULL;
	uint32_t old_fid = P9_NOFID;
	struct ninep_node *n;
	const char *old_name;
	struct p9_attr a;
	char *copy;
	int r = ninep_getattr_fid(fs, fid, &a);

	if (r < 0)
		return r;
	copy = kstrdup(name);
	if (!copy)
		return -ENOMEM;
	n = find_node(fs, a.qid.path, a.mode);
	if (n && ninep_above(&n->v, parent)) { /* a way back up through the server: two nodes must not hold each other */
		kfree(copy);
		vnode_get(&n->v);
		ninep_clunk(fs, fid);
		*ret = n;
		return 0;
	}
	if (n) {
		/* The newest name counts: the file may have been moved on the host. */
		vnode_get(&n->v);
		n->v.mode = a.mode;
		old_fid = n->fid;
		old_parent = n->v.parent;
	} else {
		r = node_create(fs, &a, &n);
		if (r < 0) {
			kfree(copy);
			return r;
		}
	}
	old_name = n->v.name;
	n->fid = fid;
	n->v.name = copy;
	n->v.parent = vnode_get(parent);
	kfree((void *) old_name);
	vnode_put(old_parent);
	ninep_clunk(fs, old_fid);
	*ret = n;
	return 0;
}

static void ninep_free(struct vnode *v)
{
	struct ninep_node *n = ninep_node(v);
	struct vnode *parent = v->parent;
	uint32_t fids[3] = { n->fid, n->read_fid, n->write_fid };
	struct ninep *fs = n->fs;

	/* The node is out of everybody's sight before this waits for the server. */
	(void) hash_table_del(&fs->nodes, &n->hash);
	if (!list_empty(&n->pages)) {
		v->refs = 1;
		(void) ninep_sync(v, 0, UINT64_MAX);
		ninep_pages_truncate(n, 0);
	}
	kfree((void *) v->name);
	kfree(n);
	for (int i = 0; i < 3; i++)
		ninep_clunk(fs, fids[i]);
	vnode_put(parent); /* holds the mount's root, and so fs, until here */
}

static int64_t nanoseconds(uint64_t sec, uint64_t nsec)
{
	return (int64_t) (sec * NSEC_PER_SEC + nsec % NSEC_PER_SEC);
}

static int ninep_getattr(struct vnode *v, struct vattr *a)
{
	struct p9_attr s;
	int r = ninep_getattr_fid(ninep_of(v), ninep_node(v)->fid, &s);

	if (r < 0)
		return r;
	if ((s.mode & S_IFMT) == (v->mode & S_IFMT))
		v->mode = s.mode;
	a->mode = v->mode;
	a->uid = s.uid;
	a->gid = s.gid;
	a->nlink = (uint32_t) s.nlink;
	a->rdev = s.rdev;
	a->size = s.size;
	a->blksize = ninep_of(v)->payload_max & ~(uint32_t) PAGE_MASK;
	a->blocks = s.blocks;
	a->atime = nanoseconds(s.atime_sec, s.atime_nsec);
	a->mtime = nanoseconds(s.mtime_sec, s.mtime_nsec);
	a->ctime = nanoseconds(s.ctime_sec, s.ctime_nsec);
	return 0;
}

static int ninep_setattr(struct vnode *v, const struct vattr *a)
{
	struct call c;
	int r;

	/* ATTR_* have the numbers of P9_SETATTR_*; times that are given need their second bit. */
	_Static_assert(ATTR_MODE == 1 && ATTR_UID == 2 && ATTR_GID == 4 && ATTR_SIZE == 8 && ATTR_ATIME == SET_ATIME &&
			       ATTR_MTIME == SET_MTIME, "P9_SETATTR_*");
	call_begin(&c, ninep_of(v), P9_TSETATTR, 60, 0);
	p9_out_u32(&c.out, ninep_node(v)->fid);
	p9_out_u32(&c.out, a->valid | (a->valid & ATTR_ATIME ? SET_ATIME_SET : 0) |
				   (a->valid & ATTR_MTIME ? SET_MTIME_SET : 0));
	p9_out_u32(&c.out, a->mode);
	p9_out_u32(&c.out, a->uid);
	p9_out_u32(&c.out, a->gid);
	p9_out_u64(&c.out, a->size);
	p9_out_u64(&c.out, (uint64_t) a->atime / NSEC_PER_SEC);
	p9_out_u64(&c.out, (uint64_t) a->atime % NSEC_PER_SEC);
	p9_out_u64(&c.out, (uint64_t) a->mtime / NSEC_PER_SEC);
	p9_out_u64(&c.out, (uint64_t) a->mtime % NSEC_PER_SEC);
	r = call_finish(&c);
	if (r >= 0 && a->valid & ATTR_SIZE)
		ninep_pages_truncate(ninep_node(v), a->size);
	if (r >= 0 && a->valid & ATTR_MODE)
		v->mode = (v->mode & S_IFMT) | (a->mode & 07777);
	return r;
}

static kssize_t ninep_readlink(struct vnode *v, char *buf, size_t size)
{
	const char *text;
	struct call c;
	uint16_t len = 0;
	int r;

	call_begin(&c, ninep_of(v), P9_TREADLINK, 4, P9_HEADER + 2 + PATH_MAX);
	p9_out_u32(&c.out, ninep_node(v)->fid);
	r = call_do(&c);
	if (r >= 0) {
		text = p9_in_str(&c.in, &len);
		len = (uint16_t) MIN(len, size);
		if (len)
			memcpy(buf, text, len);
	}
	r = call_end(&c, r);
	return r < 0 ? r : len;
}

static int ninep_statfs(struct vnode *v, struct vstatfs *s)
{
	struct p9_statfs p;
	struct call c;
	int r;

	call_begin(&c, ninep_of(v), P9_TSTATFS, 4, P9_HEADER + 60);
	p9_out_u32(&c.out, ninep_node(v)->fid);
	r = call_do(&c);
	if (r >= 0)
		p9_in_statfs(&c.in, &p);
	r = call_end(&c, r);
	if (r >= 0)
		*s = (struct vstatfs){ p.type, p.bsize, p.blocks, p.bavail, p.files, p.ffree };
	return r;
}

/* 9p.h: P9_LOCK_TYPE_RDLCK, WRLCK, UNLCK are 0, 1, 2 as F_*; P9_LOCK_SUCCESS 0, BLOCKED 1. */
static int ninep_lock(struct vnode *v, int type, uint64_t start, uint64_t len, bool wait)
{
	struct ninep_node *n = ninep_node(v);
	struct call c;
	int r = ninep_open_fids(n, n->write_fid == P9_NOFID, false);

	if (r < 0)
		return r;
	call_begin(&c, n->fs, P9_TLOCK, 4 + 1 + 4 + 8 + 8 + 4 + 2 + 8, P9_HEADER + 1);
	p9_out_u32(&c.out, n->write_fid != P9_NOFID ? n->write_fid : n->read_fid);
	p9_out_u8(&c.out, (uint8_t) type);
	p9_out_u32(&c.out, wait ? 1 : 0);
	p9_out_u64(&c.out, start);
	p9_out_u64(&c.out, len);
	p9_out_u32(&c.out, 1);
	p9_out_str(&c.out, "uio");
	r = call_do(&c);
	if (r >= 0) {
		uint8_t status = p9_in_u8(&c.in);

		r = status == 0 ? 0 : status == 1 ? -EAGAIN : -ENOLCK;
	}
	return call_end(&c, r);
}

static const struct vnode_ops ninep_vnode_ops = {
	.lookup = ninep_lookup,
	.mknod = ninep_mknod,
	.mkdir = ninep_mkdir,
	.symlink = ninep_symlink,
	.link = ninep_link,
	.unlink = ninep_unlink,
	.rmdir = ninep_rmdir,
	.rename = ninep_rename,
	.readlink = ninep_readlink,
	.getattr = ninep_getattr,
	.setattr = ninep_setattr,
	.statfs = ninep_statfs,
	.get_page = ninep_get_page,
	.page_dirty = ninep_page_dirty,
	.sync = ninep_sync,
	.lock = ninep_lock,
	.free = ninep_free,
};

static int negotiate(struct ninep *fs)
{
	const uint32_t want = NINEP_PAGES_MAX * PAGE_SIZE + P9_WRITE_HEADER + 1;
	const char *version;
	struct call c;
	uint32_t msize = 0;
	uint16_t len;
	int r;

	call_begin(&c, fs, P9_TVERSION, 4 + 2 + sizeof(VERSION), P9_HEADER + 4 + 2 + 32);
	p9_out_u32(&c.out, want);
	p9_out_str(&c.out, VERSION);
	r = call_do(&c);
	if (r >= 0) {
		msize = p9_in_u32(&c.in);
		version = p9_in_str(&c.in, &len);
		if (len != strlen(VERSION) || memcmp(version, VERSION, len) || msize < PAGE_SIZE + 32)
			r = -EPROTO;
	}
	r = call_end(&c, r);
	if (r < 0)
		return r;
	fs->payload_max = (MIN(msize, want) - P9_WRITE_HEADER - 1) & ~(uint32_t) PAGE_MASK;
	return 0;
}

static int attach(struct ninep *fs, uint32_t fid)
{
	struct p9_qid qid;
	struct call c;
	int r;

	call_begin(&c, fs, P9_TATTACH, 4 + 4 + NAME_ROOM + NAME_ROOM + 4, P9_HEADER + 13);
	p9_out_u32(&c.out, fid);
	p9_out_u32(&c.out, P9_NOFID);
	p9_out_str(&c.out, "root");
	p9_out_str(&c.out, "");
	p9_out_u32(&c.out, 0);
	r = call_do(&c);
	if (r >= 0)
		p9_in_qid(&c.in, &qid);
	return call_end(&c, r);
}

static struct ninep_node *next_dirty(struct ninep *fs)
{
	for (unsigned i = 0; i < NINEP_BUCKETS; i++)
		for (struct hash_node *h = fs->buckets[i]; h; h = h->next) {
			struct ninep_node *n = container_of(h, struct ninep_node, hash);

			if (ninep_is_dirty(n))
				return n;
		}
	return NULL;
}

/* An error ends it: the server is gone, or has no room. */
static void ninep_sync_all(struct mount *m)
{
	struct ninep *fs = container_of(m, struct ninep, mount);
	struct ninep_node *n;
	int r = 0;

	while (r >= 0 && (n = next_dirty(fs))) {
		vnode_get(&n->v);
		r = ninep_sync(&n->v, 0, UINT64_MAX);
		vnode_put(&n->v);
	}
}

static void ninep_umount(struct mount *m)
{
	struct ninep *fs = container_of(m, struct ninep, mount);

	list_del(&fs->all);
	vnode_put(m->root);
	kfree(fs);
}

static int session(struct ninep *fs)
{
	struct ninep_node *root;
	struct p9_attr a;
	uint32_t fid;
	int r = negotiate(fs);

	if (r < 0)
		return r;
	fid = ninep_new_fid(fs);
	r = attach(fs, fid);
	if (r >= 0)
		r = ninep_getattr_fid(fs, fid, &a);
	if (r >= 0 && !S_ISDIR(a.mode))
		r = -ENOTDIR;
	if (r >= 0)
		r = node_create(fs, &a, &root);
	if (r < 0)
		return r;
	root->fid = fid;
	fs->mount.root = &root->v;
	return 0;
}

int ninep_create(const char *tag, struct mount **ret)
{
	struct p9_transport *transport;
	struct ninep *fs;
	int r = p9_transport_find(tag, &transport);

	if (r < 0)
		return r;
	/* A second session on the channel would end the first. */
	list_for_each(fs, &mounted, all)
		if (fs->transport == transport)
			return -EBUSY;
	fs = kzalloc(sizeof(*fs));
	if (!fs)
		return -ENOMEM;
	fs->transport = transport;
	fs->mount.type = "9p";
	fs->mount.umount = ninep_umount;
	fs->mount.sync = ninep_sync_all;
	fs->mount.dev = mount_new_dev();
	(void) hash_table_init(&fs->nodes, fs->buckets, NINEP_BUCKETS);
	list_add_tail(&mounted, &fs->all);
	r = session(fs);
	if (r < 0) {
		list_del(&fs->all);
		kfree(fs);
		return r;
	}
	*ret = &fs->mount;
	return 0;
}
