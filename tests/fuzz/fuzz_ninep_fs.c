/*
 * fuzz_ninep_fs.c: the 9p file system over a server that answers as the input says: well, with an error, short, wrong, not
 * at all; and with memory that fails. The input is a list of operations on files, each followed by the server's answers. In
 * the end everything is let go, and no object, no frame and no node may be left.
 */
#include "drivers/virtio_9p.h"
#include "fs/ninep.h"
#include "fs/ninep_codec.h"
#include "fs/vfs.h"
#include "kernel/kmem.h"
#include "kernel/page.h"
#include "kernel/vm.h"
#include "linux/process.h"
#include "tests/fuzz/kernel_host.h"

_Noreturn void abort(void);
int dprintf(int fd, const char *format, ...);

#define NODES 8
#define REPLY_MAX 4096

static struct input in;
static struct vnode *nodes[NODES];
static struct mount *mount;
struct vnode *vfs_root;

bool host_waits(void)
{
	return false;
}

void host_looks(void)
{
}

uint64_t mount_new_dev(void)
{
	return 1;
}

uint64_t vm_reserve_pages(void)
{
	return 200;
}

const struct file_ops fifo_fops, dev_fops;

int p9_transport_find(const char *tag, struct p9_transport **ret)
{
	*ret = (struct p9_transport *) 1;
	return 0;
}

/* The reply of a good server, more or less: numbers and names are the input's. Returns its length. */
static size_t good_reply(uint8_t *b, uint8_t request, uint32_t asked)
{
	struct p9_out o;
	char name[16];
	unsigned n;

	p9_out_begin(&o, b, REPLY_MAX, (uint8_t) (request + 1), 0);
	switch (request) {
	case P9_TVERSION:
		p9_out_u32(&o, take(&in, 1) << 9);
		p9_out_str(&o, take(&in, 1) & 7 ? "9P2000.L" : "9P2000.u");
		break;
	case P9_TGETATTR:
		p9_out_u64(&o, P9_GETATTR_BASIC);
		p9_out_u8(&o, 0);
		p9_out_u32(&o, 0);
		n = take(&in, 1);
		p9_out_u64(&o, n & 15); /* few files: the same ones come again */
		p9_out_u32(&o, n & 16 ? 0100644 : n & 32 ? 0120777 : n & 64 ? 0010600 : n & 128 ? 0020600 : 0040755);
		for (unsigned i = 0; i < 2; i++)
			p9_out_u32(&o, 0);
		p9_out_u64(&o, 1);
		p9_out_u64(&o, 5);
		p9_out_u64(&o, take(&in, 2) << 4);
		for (unsigned i = 0; i < 8; i++)
			p9_out_u64(&o, 4096);
		for (unsigned i = 0; i < 4; i++)
			p9_out_u64(&o, 0);
		break;
	case P9_TATTACH:
	case P9_TLOPEN:
	case P9_TLCREATE:
		p9_out_u8(&o, 0);
		p9_out_u32(&o, 0);
		p9_out_u64(&o, 1);
		p9_out_u32(&o, 0);
		break;
	case P9_TWALK:
		n = asked;
		p9_out_u16(&o, (uint16_t) n);
		for (unsigned i = 0; i < n; i++) {
			p9_out_u8(&o, 0);
			p9_out_u32(&o, 0);
			p9_out_u64(&o, i);
		}
		break;
	case P9_TREADDIR:
		n = take(&in, 1) % 8;
		p9_out_u32(&o, 0);
		for (unsigned i = 0; i < n; i++) {
			p9_out_u8(&o, 0);
			p9_out_u32(&o, 0);
			p9_out_u64(&o, i);
			p9_out_u64(&o, take(&in, 1));
			p9_out_u8(&o, 4);
			for (unsigned k = 0; k < 15; k++)
				name[k] = (char) ('a' + i);
			name[take(&in, 1) % 15] = (char) take(&in, 1);
			name[15] = '\0';
			p9_out_str(&o, name);
		}
		n = (unsigned) (o.len - P9_HEADER - 4);
		memcpy(b + P9_HEADER, &n, 4);
		break;
	case P9_TREADLINK:
		p9_out_str(&o, take(&in, 1) & 1 ? "/etc/passwd" : "x");
		break;
	case P9_TSTATFS:
		for (unsigned i = 0; i < 15; i++)
			p9_out_u32(&o, i);
		break;
	case P9_TLOCK:
		p9_out_u8(&o, (uint8_t) (take(&in, 1) % 3));
		break;
	case P9_TREAD:
	case P9_TWRITE:
		n = take(&in, 1);
		p9_out_u32(&o, n & 1 ? MIN(n << 5, asked) : asked);
		break;
	}
	p9_out_end(&o, 0);
	return o.len;
}

int p9_rpc_zc(struct p9_transport *t, const void *tx, size_t txlen, void *rx, size_t rxcap,
	      const struct p9_segment *payload, unsigned count, bool device_writes, size_t *ret_rxlen)
{
	const uint8_t *request = tx;
	uint8_t reply[REPLY_MAX] = { 0 };
	uint32_t asked = 0;
	size_t len = 0, extra = 0;
	unsigned how = take(&in, 1), n;

	for (unsigned i = 0; i < count; i++)
		for (uint32_t k = 0; k < payload[i].len; k++)
			((volatile uint8_t *) phys_to_virt(payload[i].at))[k] += device_writes;
	if (!in.left || how == 0xff)
		return -EIO; /* nobody answers */
	if (request[4] == P9_TREAD || request[4] == P9_TWRITE)
		memcpy(&asked, request + 19, 4);
	else if (request[4] == P9_TWALK)
		asked = request[15];
	if ((how & 15) == 14) { /* an error, perhaps none that there is */
		reply[4] = P9_RLERROR;
		reply[7] = (uint8_t) take(&in, 1);
		len = 11;
	} else if ((how & 15) == 15) {
		n = take(&in, 1);
		for (len = 5; len < n; len++)
			reply[len] = (uint8_t) take(&in, 1);
		reply[4] = (uint8_t) (how & 16 ? request[4] + 1 : take(&in, 1));
	} else {
		len = good_reply(reply, request[4], asked);
	}
	memcpy(reply + 5, request + 5, 2);
	if (device_writes && reply[4] == P9_TREAD + 1) {
		memcpy(&n, reply + P9_HEADER, 4);
		extra = MIN(n, asked);
	}
	n = (unsigned) (len + extra);
	memcpy(reply, &n, 4);
	if ((how & 0xe0) == 0x20)
		reply[take(&in, 1) % MAX(len, 1ul)] = (uint8_t) take(&in, 1);
	if ((how & 0xe0) == 0x40)
		len = MIN(len, take(&in, 1));
	memcpy(rx, reply, MIN(len, rxcap));
	*ret_rxlen = len + extra;
	return 0;
}

int p9_rpc(struct p9_transport *t, const void *tx, size_t txlen, void *rx, size_t rxcap, size_t *ret_rxlen)
{
	return p9_rpc_zc(t, tx, txlen, rx, rxcap, NULL, 0, false, ret_rxlen);
}

static bool emit(void *ctx, const char *name, size_t len, uint64_t ino, unsigned type, uint64_t next)
{
	for (size_t i = 0; i < len; i++)
		if (name[i] == '/' || name[i] == '\0')
			abort();
	return len && --*(unsigned *) ctx;
}

static const char *name_of(unsigned n)
{
	static const char *const names[] = { "a", "b", "file", "dir" };

	return names[n % 4];
}

/* A new reference to a node goes into a place that may hold one. */
static void keep(unsigned place, struct vnode *v)
{
	struct vnode *old = nodes[place];

	nodes[place] = v;
	if (old)
		vnode_put(old);
}

static void file_operation(struct vnode *v, unsigned op)
{
	static uint8_t buf[100000];
	uint64_t len = take(&in, 2), off = take(&in, 2) * 7;
	struct file f = { .refs = 1, .vnode = v, .fops = v->fops, .flags = op & 3 };
	unsigned count = 3;
	struct iter it;

	if (!v->fops || !v->ops) /* a link, or no kind of file that there is: file_create() serves it */
		return;
	if (v->fops->open && v->fops->open(v, &f) < 0)
		return;
	iter_init_kernel(&it, buf, MIN(len * 3, sizeof(buf)));
	if (S_ISDIR(v->mode))
		v->fops->readdir(&f, off, emit, &count);
	else if (op & 4 && v->fops->read)
		v->fops->read(&f, &it, off);
	else if (op & 8 && v->fops->fsync)
		v->fops->fsync(&f);
	else if (v->fops->write && (op & 3) % 3)
		v->fops->write(&f, &it, off);
}

static void page_operation(struct vnode *v, unsigned op)
{
	static struct { struct paddr page; struct vnode *v; } mapped[4];
	unsigned which = op & 3;
	uint64_t index = op >> 2 & 3;

	if (mapped[which].v && (op == ~0u || !v || op & 0x80)) {
		page_put(mapped[which].page);
		vnode_put(mapped[which].v);
		mapped[which].v = NULL;
	}
	if (!v || mapped[which].v || !S_ISREG(v->mode))
		return;
	if (v->ops->get_page(v, index, op & 0x40, &mapped[which].page) < 0)
		return;
	mapped[which].v = vnode_get(v);
	*(volatile uint8_t *) phys_to_virt(mapped[which].page) = 1;
	if (op & 0x40)
		v->ops->page_dirty(v, index);
	if (op & 0x20)
		v->ops->sync(v, 0, index + 1);
}

static void attributes(struct vnode *v, unsigned op)
{
	struct vattr a = { .valid = take(&in, 1), .mode = 0600, .size = take(&in, 2) };
	struct vstatfs s;
	char buf[64];

	switch (op % 5) {
	case 0:
		v->ops->getattr(v, &a);
		break;
	case 1:
		v->ops->setattr(v, &a);
		break;
	case 2:
		v->ops->statfs(v, &s);
		break;
	case 3:
		if (v->ops->readlink(v, buf, sizeof(buf)) > (kssize_t) sizeof(buf))
			abort();
		break;
	default:
		if (S_ISREG(v->mode))
			v->ops->lock(v, (int) (op >> 4 & 1), 0, 0, op & 0x80);
	}
}

static void step(void)
{
	unsigned op = take(&in, 1), place = take(&in, 1), arg = take(&in, 1);
	struct vnode *v = nodes[place % NODES] ? nodes[place % NODES] : mount->root, *found;
	struct vnode *other = nodes[arg >> 4 & 7] ? nodes[arg >> 4 & 7] : mount->root;
	static char path[256];

	if (!S_ISDIR(v->mode) && op % 16 < 8)
		op += 8;
	switch (op % 16) {
	case 0:
	case 1:
	case 2:
		if (v->ops->lookup(v, name_of(arg), &found) == 0)
			keep(place >> 4 & 7, found);
		break;
	case 3:
		if (v->ops->mknod(v, name_of(arg), arg & 16 ? 0020600 : 0100600, 0x105, &found) == 0)
			keep(place >> 4 & 7, found);
		break;
	case 4:
		if (arg & 4)
			v->ops->mkdir(v, name_of(arg), 0755);
		else
			v->ops->symlink(v, name_of(arg), "/target");
		break;
	case 5:
		if (arg & 4)
			v->ops->unlink(v, name_of(arg));
		else
			v->ops->rmdir(v, name_of(arg));
		break;
	case 6:
		if (S_ISDIR(other->mode))
			v->ops->rename(v, name_of(arg), other, name_of(arg >> 2));
		break;
	case 7:
		if (!S_ISDIR(other->mode))
			v->ops->link(v, name_of(arg), other);
		break;
	case 8:
	case 9:
	case 10:
		file_operation(v, arg);
		break;
	case 11:
	case 12:
		page_operation(v, arg);
		break;
	case 13:
		attributes(v, arg);
		break;
	case 14:
		vfs_path_of(NULL, v, path, sizeof(path));
		if (arg & 128)
			mount->sync(mount);
		break;
	default:
		keep(place % NODES, NULL);
		host_memory_short = arg & 2;
		if (arg & 1)
			host_fail_at = host_allocations + 1 + arg / 16;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct process application;
	static struct vmspace window;
	struct mount *again;

	host_reset();
	host_forget();
	in = (struct input){ data, size };
	current_thread->proc = &application;
	current_thread->window = take(&in, 1) & 1 ? &window : NULL;
	if (ninep_create("host", &mount) < 0) {
		if (host_objects || host_frames)
			abort();
		return 0;
	}
	vfs_root = mount->root;
	if (ninep_create("host", &again) != -EBUSY)
		abort();
	while (in.left)
		step();
	host_fail_at = 0;
	for (unsigned i = 0; i < 4; i++)
		page_operation(NULL, i);
	for (unsigned i = 0; i < NODES; i++)
		keep(i, NULL);
	mount->umount(mount);
	if (host_objects || host_frames) {
		dprintf(2, "%lu frames and %lu objects are left\n", host_frames, host_objects);
		abort();
	}
	return 0;
}
