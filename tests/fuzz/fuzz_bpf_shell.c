/*
 * fuzz_bpf_shell.c: what somebody types at the shell's command `bpf`, and the files of /host that it takes: an object,
 * the image's types, its index of symbols and the table for call chains, all of which may be anything. Programs are
 * verified, compiled and run as in the guest; hooks only say yes or no (bpf_host.c). Meanwhile others unload objects,
 * run programs and take them over, files change, memory fails, the reader is slow and the client goes. In the end
 * nothing may be left.
 *
 * An input: how many files the cache of programs can have, the four files with their lengths, then keys. Some keys are
 * none: see vport_readable().
 */
#include "kernel/boot.h"
#include "kernel/clock.h"
#include "kernel/kmem.h"
#include "lib/fmt.h"
#include "overlay/cache.h"
#include "overlay/program.h"
#include "overlay/session.h"
#include "overlay/shell.h"
#include "tests/fuzz/bpf_host.h"
#include "tests/fuzz/kernel_host.h"
#include "trace/load.h"
#include "trace/request.h"
#include "trace/shell.h"

_Noreturn void abort(void);
void *malloc(size_t size);
void free(void *p);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FILES	  4
#define WAITS_MAX 40 /* one after the other, in which nothing is typed */

static struct input in;
static unsigned generation, waits;
static bool host_open, stuck;
static struct ctl_conn other; /* somebody with `uio bpf` */
static uint8_t row[CTL_MESSAGE_MAX];

/* A file of /host, and what the cache has of it. */
static struct host_file {
	struct vnode v, cached_v;
	struct file f, cached_f;
	struct cached cached;
	uint8_t *bytes;
	size_t size, says; /* says: what it says that its size is */
	unsigned used;	   /* when it came into the cache; 0: it is not there */
} files[FILES];
static const char *const paths[FILES] = {"/o", "/host/x.btf", "/host/x.sym", "/host/x.stacks"};
static unsigned cache_max, cache_time;

COMMAND(bpf, "[COMMAND...]", "eBPF", 0, SHELL_ARGS_MAX)
{
	return shell_bpf(sh, argc, argv);
}

const struct command *const __cmd_start[] = {&command_bpf, NULL};
__asm__(".globl __cmd_end\n.set __cmd_end, __cmd_start + 8\n"
	".data\n.globl __build_id_start, __build_id_end\n__build_id_start: .fill 36, 1, 1\n__build_id_end: .text");

const struct vfs_view session_view;
bool (*program_symbolise)(uint64_t addr, char *buf, size_t size);

const char *boot_option(const char *key)
{
	return "x";
}

const char *session_base(const char *path)
{
	return path + (*path == '/');
}

/* Files. */

static struct host_file *file_of(const struct vnode *v)
{
	for (unsigned i = 0; i < FILES; i++)
		if (v == &files[i].v || v == &files[i].cached_v)
			return &files[i];
	abort();
}

const uint8_t *bpf_host_bytes(const struct vnode *v, size_t *ret_size)
{
	*ret_size = file_of(v)->size;
	return file_of(v)->bytes;
}

int vfs_getattr(struct vnode *v, struct vattr *ret)
{
	struct host_file *h = file_of(v);

	*ret = (struct vattr){.size = v == &h->v ? h->says : h->size};
	return 0;
}

int vfs_open_at(const struct vfs_view *view, struct vnode *base, const char *path, uint32_t flags, uint32_t mode,
		const struct open_check *check, struct file **ret)
{
	if (++host_allocations == host_fail_at)
		return -ENOMEM;
	for (unsigned i = 0; i < FILES; i++)
		if (!strcmp(path, paths[i]) && files[i].size) {
			files[i].f.vnode = &files[i].v;
			files[i].f.refs++;
			*ret = &files[i].f;
			return 0;
		}
	return -ENOENT;
}

int vfs_open_vnode(struct vnode *v, uint32_t flags, struct file **ret)
{
	struct host_file *h = file_of(v);

	if (++host_allocations == host_fail_at)
		return -ENOMEM;
	h->cached_f.vnode = v;
	h->cached_f.refs++;
	*ret = &h->cached_f;
	return 0;
}

kssize_t file_read_kernel(struct file *f, void *to, size_t len, uint64_t off)
{
	struct host_file *h = file_of(f->vnode);
	size_t n = off < h->size ? MIN(len, h->size - off) : 0;

	if (++host_allocations == host_fail_at)
		return -EIO;
	memcpy(to, h->bytes + off, n);
	return (kssize_t)n;
}

void file_put(struct file *f)
{
	if (!f->refs--)
		abort();
}

void vnode_put(struct vnode *v)
{
	if (v && !v->refs--)
		abort();
}

/* The cache of programs: the least recently used one makes room. */

int shell_keep_file(const char *path)
{
	struct host_file *h = NULL, *oldest;
	unsigned count;

	for (unsigned i = 0; i < FILES; i++)
		if (!strcmp(path, paths[i]) && files[i].size)
			h = &files[i];
	if (!h)
		return -ENOENT;
	if (!cache_max)
		return -ENOSPC;
	if (++host_allocations == host_fail_at)
		return -ENOMEM;
	h->used = ++cache_time;
	for (;;) {
		count = 0;
		oldest = h;
		for (unsigned i = 0; i < FILES; i++)
			if (files[i].used) {
				count++;
				oldest = files[i].used < oldest->used ? &files[i] : oldest;
			}
		if (count <= cache_max)
			return 0;
		oldest->used = 0;
	}
}

const struct cached *cache_nth(unsigned i)
{
	struct host_file *best = NULL;

	if (i)
		abort();
	for (unsigned k = 0; k < FILES; k++)
		if (files[k].used && (!best || files[k].used > best->used))
			best = &files[k];
	return best ? &best->cached : NULL;
}

struct vnode *cache_find(const uint8_t sha256[SHA256_SIZE])
{
	for (unsigned i = 0; i < FILES; i++)
		if (files[i].used && !memcmp(files[i].cached.sha256, sha256, SHA256_SIZE)) {
			files[i].used = ++cache_time;
			files[i].cached_v.refs++;
			return &files[i].cached_v;
		}
	return NULL;
}

const uint8_t *cache_hash(const struct vnode *v)
{
	return file_of(v)->cached.sha256;
}

/* Connections: the shell's, which is none, and that of somebody else, whose requests leave nothing open. */

bool ctl_gone(const struct ctl_conn *c)
{
	return c != &other && (!host_open || generation != c->generation);
}

uint8_t *ctl_reserve_wait(struct ctl_conn *c, size_t size)
{
	if (c != &other)
		abort();
	return row;
}

void ctl_commit(struct ctl_conn *c, uint16_t type, uint32_t session, int size)
{
}

void ctl_error(struct ctl_conn *c, uint32_t id, int error, const char *text)
{
	if (c != &other)
		abort();
}

void ctl_empty(struct ctl_conn *c, uint16_t type, uint32_t id)
{
	if (c != &other)
		abort();
}

void ctl_need(struct ctl_conn *c, uint32_t id, const uint8_t sha256[PROTO_SHA256_SIZE])
{
}

void ctl_kick(struct ctl_conn *c)
{
	abort();
}

int ctl_session_add(struct ctl_conn *c, struct ctl_session *s, uint32_t id, const struct ctl_kind *kind)
{
	return -EBUSY;
}

void ctl_session_del(struct ctl_session *s)
{
	abort();
}

static void other_asks(unsigned what, unsigned number)
{
	static const char *const names[] = {"unload", "exec", "detach", "pin", "xdp", "list"};
	struct query q = {.conn = &other, .id = 1, .m = {.name = names[what % ARRAY_SIZE(names)]}};
	struct loaded *l = load_find(number);
	struct msg_list_builder b;
	uint8_t pairs[100];
	char text[12];

	if (what == 7) { /* takes it over, or leaves it */
		if (l && l->pinned)
			l->kept = !l->kept;
		return;
	}
	fmt_snprintf(text, sizeof(text), "%u", number);
	msg_list_start(&b, pairs, sizeof(pairs));
	msg_list_add_pair(&b, "object", text);
	msg_list_add_pair(&b, "program", text);
	if (msg_list_finish(&b, &q.m.values) == 0)
		request_do(&q);
}

/* The port. */

int thread_create_kernel(const char *name, enum thread_class class, void (*fn)(void *), void *arg, struct thread **ret)
{
	fn(arg);
	return 0;
}

unsigned vport_generation(const struct vport *p)
{
	return generation;
}

bool vport_host_open(const struct vport *p)
{
	return host_open;
}

/* A file's byte becomes another, or the file says another size. */
static void change(struct host_file *h, unsigned at, unsigned value)
{
	if (at == 0xffff)
		h->says = value * 16;
	else if (at < h->size)
		h->bytes[at] = (uint8_t)value;
}

/* What is no key happens while the shell's thread waits for one, or for room. */
size_t vport_readable(struct vport *p)
{
	while (in.left && *in.at >= 0xf8) {
		unsigned what = take(&in, 1), file;

		switch (what) {
		case 0xf8:
			waits = 0; /* time passes */
			return 0;
		case 0xf9:
			file = take(&in, 1) % FILES;
			if (!files[file].used) { /* the cache's do not change */
				unsigned at = take(&in, 2);

				change(&files[file], at, take(&in, 1));
			}
			break;
		case 0xfa:
		case 0xfb:
			host_fail_at = host_allocations + 1 + take(&in, 1);
			break;
		case 0xfc:
		case 0xfd:
			what = take(&in, 1);
			other_asks(what & 7, what >> 3);
			break;
		case 0xfe:
			stuck = true;
			break;
		default:
			generation++;
		}
	}
	return in.left != 0;
}

size_t vport_read(struct vport *p, void *buf, size_t n)
{
	if (!n || !vport_readable(p))
		return 0;
	waits = 0;
	*(uint8_t *)buf = (uint8_t)take(&in, 1);
	return 1;
}

size_t vport_write(struct vport *p, const void *buf, size_t n)
{
	volatile uint8_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += ((const uint8_t *)buf)[i];
	return stuck ? 0 : n;
}

bool host_waits(void)
{
	host_now_ns += NSEC_PER_SEC / 10;
	if (++waits > WAITS_MAX)
		host_open = false;
	vport_readable(NULL);
	stuck = false;
	return true;
}

void host_looks(void)
{
}

static void gone(void *ctx)
{
	*(bool *)ctx = true;
}

static void read_file(unsigned i)
{
	struct host_file *h = &files[i];
	size_t n = take(&in, 2);

	n = MIN(n, in.left);
	*h = (struct host_file){.bytes = malloc(n + 1), .size = n, .says = n};
	memcpy(h->bytes, in.at, n);
	in.at += n;
	in.left -= n;
	h->cached.sha256[0] = (uint8_t)(i + 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct waitq wake;
	struct loaded *l;
	bool ended = false;

	host_reset();
	host_forget();
	host_tick_ns = NSEC_PER_MSEC;
	waitq_init(&wake);
	list_init(&other.sessions);
	in = (struct input){data, size};
	cache_time = 0;
	cache_max = take(&in, 1);
	for (unsigned i = 0; i < FILES; i++)
		read_file(i);
	generation = waits = 0;
	host_open = true;
	stuck = false;
	/* A client that goes makes room for the next. */
	do {
		ended = false;
		if (shell_serve((struct vport *)&wake, &wake, gone, &ended) == 0 && !ended)
			abort();
	} while (in.left && host_open);
	host_fail_at = 0;
	while ((l = list_first(&loaded_all, struct loaded, node)))
		load_drop(l);
	for (unsigned i = 0; i < FILES; i++) {
		free(files[i].bytes);
		/* The index of symbols stays open. */
		if (files[i].v.refs || files[i].cached_v.refs || files[i].cached_f.refs || files[i].f.refs > (i == 2))
			abort();
	}
	bpf_host_must_be_empty();
	return 0;
}
