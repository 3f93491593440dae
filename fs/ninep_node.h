/* ninep_node.h: the inside of the 9p file system: ninep*.c only. A node is a file of the server that somebody in the
 * guest uses; there is one for each of the server's files (by qid.path), so that locks and mapped pages are shared. Its
 * fids are given back when the last reference goes. */
#ifndef UIO_FS_NINEP_NODE_H
#define UIO_FS_NINEP_NODE_H

#include "drivers/virtio_9p.h"
#include "fs/ninep.h"
#include "fs/ninep_codec.h"
#include "lib/hash.h"

#define NINEP_PAGES_MAX 16	/* of one read or write */
#define NINEP_BUCKETS 32

struct ninep {
	struct mount mount;
	struct list all;		/* every mounted one */
	struct p9_transport *transport;
	uint32_t payload_max;		/* bytes of one read or write */
	uint32_t next_fid;
	uint16_t next_tag;
	bool malformed;			/* the server's replies: the log says so, once */
	struct hash_table nodes;
	struct hash_node *buckets[NINEP_BUCKETS];
};

struct ninep_page {
	struct hash_node hash;
	struct list node;		/* in ninep_node.pages */
	uint64_t index;
	struct paddr frame;
	bool dirty;
};

struct ninep_node {
	struct vnode v;
	struct ninep *fs;
	struct hash_node hash;
	uint64_t qid_path;
	uint32_t fid;			/* stands for the name; not open */
	uint32_t read_fid, write_fid;	/* open, or P9_NOFID; kept while the node lives */
	bool write_reads;		/* write_fid may read as well */
	struct list pages;		/* mapped, or not yet written back */
	struct hash_table page_table;
	struct hash_node *page_buckets[16];
};

static inline struct ninep_node *ninep_node(struct vnode *v)
{
	return container_of(v, struct ninep_node, v);
}
static inline struct ninep *ninep_of(struct vnode *v)
{
	return ninep_node(v)->fs;
}

/* One request and its reply (ninep_call.c). After call_begin() the caller writes the request's fields into `out`;
 * call_do() sends it and leaves the reply's fields in `in`; call_end() always. */
struct call {
	struct ninep *fs;
	struct p9_out out;
	struct p9_in in;
	uint8_t *mem;
	size_t tx_size, rx_size;
	uint8_t type;
	uint16_t tag;
};
/* Room for a request of tx_size and a reply of rx_size bytes. When there is no memory, call_do() says so. */
void call_begin(struct call *c, struct ninep *fs, uint8_t type, size_t tx_size, size_t rx_size);
int call_do(struct call *c);
/* With a payload (virtio_9p.h): *ret_received counts the reply with it. */
int call_do_payload(struct call *c, const struct p9_segment *s, unsigned count, bool device_writes,
		    size_t *ret_received);
/* Frees; r, or the reply's error if it was cut short. */
int call_end(struct call *c, int r);
/* call_do() and call_end(), where the reply's content is of no interest. */
int call_finish(struct call *c);

uint32_t ninep_new_fid(struct ninep *fs);
void ninep_clunk(struct ninep *fs, uint32_t fid);	/* P9_NOFID is allowed */
/* The node behind a fid that stands for a name, which the node takes over. */
int ninep_node_get(struct ninep *fs, uint32_t fid, struct vnode *parent, const char *name, struct ninep_node **ret);
/* Whether v is `below`, or a directory above it as far as we know: the server may say otherwise. */
bool ninep_above(const struct vnode *v, const struct vnode *below);
int ninep_getattr_fid(struct ninep *fs, uint32_t fid, struct p9_attr *ret);

/* ninep_io.c */
int ninep_open_fids(struct ninep_node *n, bool read, bool write);
kssize_t ninep_read_frames(struct ninep_node *n, struct p9_segment *s, unsigned count, uint64_t off);
kssize_t ninep_write_frames(struct ninep_node *n, struct p9_segment *s, unsigned count, uint64_t off);
extern const struct file_ops ninep_file_fops;

/* ninep_dir.c */
int ninep_lookup(struct vnode *dir, const char *name, struct vnode **ret);
int ninep_mknod(struct vnode *dir, const char *name, uint32_t mode, uint64_t rdev, struct vnode **ret);
int ninep_mkdir(struct vnode *dir, const char *name, uint32_t mode);
int ninep_symlink(struct vnode *dir, const char *name, const char *target);
int ninep_link(struct vnode *dir, const char *name, struct vnode *to);
int ninep_unlink(struct vnode *dir, const char *name);
int ninep_rmdir(struct vnode *dir, const char *name);
int ninep_rename(struct vnode *from, const char *name, struct vnode *to, const char *new_name);
extern const struct file_ops ninep_dir_fops;

/* ninep_page.c */
int ninep_get_page(struct vnode *v, uint64_t index, bool for_write, struct paddr *ret);
void ninep_page_dirty(struct vnode *v, uint64_t index);
int ninep_sync(struct vnode *v, uint64_t first, uint64_t count);
bool ninep_is_dirty(struct ninep_node *n);
/* Bytes [off, off + len) were written past the pages: makes the pages show them. */
void ninep_pages_written(struct ninep_node *n, const struct p9_segment *s, unsigned count, uint64_t off, uint64_t len);
/* The file now ends at `size`. */
void ninep_pages_truncate(struct ninep_node *n, uint64_t size);

#endif
