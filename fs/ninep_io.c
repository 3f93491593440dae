/* ninep_io.c: reading and writing 9p files: through frames that the device fills or empties, so that nothing is copied
 * but once to or from the program. */
#include "fs/ninep_node.h"
#include "kernel/kmem.h"
#include "kernel/page.h"

static int open_fid(struct ninep_node *n, uint32_t flags, uint32_t *ret_fid)
{
	uint32_t fid = ninep_new_fid(n->fs);
	struct call c;
	int r;

	/* A walk of no names: a second fid for the same file. */
	call_begin(&c, n->fs, P9_TWALK, 4 + 4 + 2, P9_HEADER + 2);
	p9_out_u32(&c.out, n->fid);
	p9_out_u32(&c.out, fid);
	p9_out_u16(&c.out, 0);
	r = call_finish(&c);
	if (r < 0)
		return r;
	call_begin(&c, n->fs, P9_TLOPEN, 4 + 4, P9_HEADER + 13 + 4);
	p9_out_u32(&c.out, fid);
	p9_out_u32(&c.out, flags | O_LARGEFILE);
	r = call_finish(&c);
	if (r < 0)
		ninep_clunk(n->fs, fid);
	else
		*ret_fid = fid;
	return r;
}

/* Puts a new fid into place, unless somebody else has done so while this waited. */
static void settle(struct ninep_node *n, uint32_t *place, uint32_t fid)
{
	if (*place == P9_NOFID)
		*place = fid;
	else
		ninep_clunk(n->fs, fid);
}

int ninep_open_fids(struct ninep_node *n, bool read, bool write)
{
	uint32_t fid;
	int r;

	if (write && n->write_fid == P9_NOFID) {
		bool reads = true;

		r = open_fid(n, O_RDWR, &fid);
		if (r == -EACCES && !read) {
			reads = false;
			r = open_fid(n, O_WRONLY, &fid);
		}
		if (r < 0)
			return r;
		if (n->write_fid == P9_NOFID)
			n->write_reads = reads;
		settle(n, &n->write_fid, fid);
	}
	if (read && n->read_fid == P9_NOFID && !(n->write_fid != P9_NOFID && n->write_reads)) {
		r = open_fid(n, S_ISDIR(n->v.mode) ? O_DIRECTORY : O_RDONLY, &fid);
		if (r < 0)
			return r;
		settle(n, &n->read_fid, fid);
	}
	return 0;
}

kssize_t ninep_read_frames(struct ninep_node *n, struct p9_segment *s, unsigned count, uint64_t off)
{
	uint32_t want = 0, got = 0;
	size_t received;
	struct call c;
	int r;

	for (unsigned i = 0; i < count; i++)
		want += s[i].len;
	call_begin(&c, n->fs, P9_TREAD, 4 + 8 + 4, P9_READ_HEADER);
	p9_out_u32(&c.out, n->read_fid != P9_NOFID ? n->read_fid : n->write_fid);
	p9_out_u64(&c.out, off);
	p9_out_u32(&c.out, want);
	r = call_do_payload(&c, s, count, true, &received);
	if (r >= 0) {
		got = p9_in_u32(&c.in);
		if (got > want || received != P9_READ_HEADER + got)
			r = -EIO;
	}
	r = call_end(&c, r);
	if (r < 0)
		return r;
	ninep_stats.reads++;
	ninep_stats.read_bytes += got;
	return got;
}

kssize_t ninep_write_frames(struct ninep_node *n, struct p9_segment *s, unsigned count, uint64_t off)
{
	uint32_t len = 0, took = 0;
	size_t received;
	struct call c;
	int r;

	for (unsigned i = 0; i < count; i++)
		len += s[i].len;
	call_begin(&c, n->fs, P9_TWRITE, 4 + 8 + 4, P9_HEADER + 4);
	p9_out_u32(&c.out, n->write_fid);
	p9_out_u64(&c.out, off);
	p9_out_u32(&c.out, len);
	r = call_do_payload(&c, s, count, false, &received);
	if (r >= 0) {
		took = p9_in_u32(&c.in);
		if (took > len)
			r = -EIO;
	}
	r = call_end(&c, r);
	if (r < 0)
		return r;
	ninep_stats.writes++;
	ninep_stats.write_bytes += took;
	return took;
}

/* Frames for up to `want` bytes; fewer when memory is short. Their number, or -ENOMEM. */
static int frames_alloc(struct p9_segment *s, uint64_t want)
{
	unsigned n = 0;

	while (want && n < NINEP_PAGES_MAX && page_alloc(&s[n].at) >= 0) {
		s[n].len = (uint32_t) MIN(want, PAGE_SIZE);
		want -= s[n].len;
		n++;
	}
	return n ? (int) n : -ENOMEM;
}

static void frames_free(struct p9_segment *s, int count)
{
	for (int i = 0; i < count; i++)
		page_put(s[i].at);
}

/* Moves between the frames and the program's memory. Bytes, or -EFAULT. */
static kssize_t move(struct p9_segment *s, int count, struct iter *it, uint64_t len, bool to_program)
{
	kssize_t done = 0, r = 0;

	for (int i = 0; i < count && len; i++) {
		void *data = phys_to_virt(s[i].at);
		size_t n = MIN(s[i].len, len);

		r = to_program ? iter_put(it, data, n) : iter_get(it, data, n);
		if (r < 0)
			break;
		done += r;
		len -= (uint64_t) r;
		if ((size_t) r < n)
			break;
	}
	return done ? done : r;
}

static kssize_t ninep_read(struct file *f, struct iter *it, uint64_t off)
{
	struct ninep_node *n = ninep_node(f->vnode);
	struct p9_segment s[NINEP_PAGES_MAX];
	kssize_t done = 0, got, moved;

	if (!list_empty(&n->pages))
		(void) ninep_sync(f->vnode, 0, UINT64_MAX);
	while (it->left) {
		uint64_t want = MIN(it->left, n->fs->payload_max);
		int count = frames_alloc(s, want);

		if (count < 0)
			return done ? done : count;
		want = (uint64_t) (count - 1) * PAGE_SIZE + s[count - 1].len;
		got = ninep_read_frames(n, s, (unsigned) count, off);
		moved = got > 0 ? move(s, count, it, (uint64_t) got, true) : got;
		frames_free(s, count);
		if (moved < 0)
			return done ? done : moved;
		done += moved;
		off += (uint64_t) moved;
		if (moved < got || (uint64_t) got < want)
			break;
	}
	return done;
}

/* Shortens the frames to `len` bytes in all; their number. */
static int cut(struct p9_segment *s, int count, uint64_t len)
{
	int n = 0;

	while (n < count && len) {
		s[n].len = (uint32_t) MIN(s[n].len, len);
		len -= s[n++].len;
	}
	return n;
}

static kssize_t ninep_write(struct file *f, struct iter *it, uint64_t off)
{
	struct ninep_node *n = ninep_node(f->vnode);
	struct p9_segment s[NINEP_PAGES_MAX];
	kssize_t done = 0, took, filled;

	while (it->left) {
		int count = frames_alloc(s, MIN(it->left, n->fs->payload_max)), used;

		if (count < 0)
			return done ? done : count;
		took = filled = move(s, count, it, UINT64_MAX, false);
		if (filled > 0) {
			used = cut(s, count, (uint64_t) filled);
			took = ninep_write_frames(n, s, (unsigned) used, off);
			if (took > 0)
				ninep_pages_written(n, s, (unsigned) used, off, (uint64_t) took);
		}
		frames_free(s, count);
		if (took < 0)
			return done ? done : took;
		done += took;
		off += (uint64_t) took;
		if (took < filled || took == 0)
			break;
	}
	return done;
}

static int ninep_open(struct vnode *v, struct file *f)
{
	uint32_t mode = f->flags & O_ACCMODE;

	return ninep_open_fids(ninep_node(v), mode != O_WRONLY, mode != O_RDONLY);
}

static int ninep_fsync(struct file *f)
{
	struct ninep_node *n = ninep_node(f->vnode);
	struct call c;
	int r = ninep_sync(f->vnode, 0, UINT64_MAX);

	if (r < 0)
		return r;
	call_begin(&c, n->fs, P9_TFSYNC, 4 + 4, 0);
	p9_out_u32(&c.out, n->write_fid != P9_NOFID ? n->write_fid : n->read_fid);
	p9_out_u32(&c.out, 0);
	return call_finish(&c);
}

const struct file_ops ninep_file_fops = {
	.open = ninep_open,
	.read = ninep_read,
	.write = ninep_write,
	.fsync = ninep_fsync,
};
