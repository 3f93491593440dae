/*
 * fuzz_bpf_ctl.c: what clients ask of eBPF in a guest: requests of any name and pairs, good and bad, with two files that the
 * input has (an object, and types or a table for stacks), from two clients, one of which may come in between while a row of
 * the other waits for room; clients that go in the middle; time that passes; memory that fails. Programs are verified,
 * compiled and run as in the guest. In the end, when the clients are gone and all is unloaded, nothing may be left.
 *
 * What hooks do to the guest's code is not here: probe_attach() and its like only say yes or no.
 */
#include "bpf/map.h"
#include "kernel/clock.h"
#include "kernel/kmem.h"
#include "overlay/accept.h"
#include "overlay/cache.h"
#include "overlay/ctl.h"
#include "overlay/events.h"
#include "overlay/session.h"
#include "tests/fuzz/kernel_host.h"
#include "trace/area.h"
#include "trace/load.h"
#include "trace/peek.h"
#include "trace/probe.h"
#include "trace/request.h"
#include "trace/rights.h"
#include "trace/sample.h"
#include "trace/shell.h"
#include "trace/switch.h"
#include "trace/targets.h"
#include "trace/unwind.h"
#include "trace/xdp.h"

_Noreturn void abort(void);
int dprintf(int fd, const char *format, ...);
int snprintf(char *to, size_t size, const char *format, ...);
void *calloc(size_t n, size_t size);
void *malloc(size_t size);
void free(void *p);
void *mmap(void *at, size_t size, int prot, int flags, int fd, long offset);
int munmap(void *at, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CLIENTS	     2
#define SESSIONS_MAX 4
#define TIMERS	     16
#define PAIRS_SIZE   8192

static struct input in;
static struct ctl_conn conns[CLIENTS];
static bool gone[CLIENTS];
static uint8_t row[CTL_MESSAGE_MAX];
static unsigned in_between; /* the row, from now on, at which the other client is asked */
static bool nested, answers;
static struct ktimer *timers[TIMERS];
static unsigned long area_blocks;
static struct {
	struct vnode v;
	uint8_t hash[SHA256_SIZE];
	const uint8_t *bytes;
	size_t size;
	struct file f;
} files[2];

extern const char __image_start[];

static void step(void);

/* The rest of the guest. */

__asm__(".data\n.globl __image_start\n__image_start: .skip 4096\n.globl __image_end\n__image_end: .skip 1\n.text");

static void *mem_alloc(struct bpf_mem *mem, size_t size)
{
	return ++host_allocations == host_fail_at ? NULL : calloc(1, size);
}

static void mem_free(struct bpf_mem *mem, void *p, size_t size)
{
	free(p);
}

struct bpf_mem area_mem = {.alloc = mem_alloc, .free = mem_free, .budget = 4u << 20};
uint64_t area_bytes;

int area_init(void)
{
	return 0;
}

/* Readable, writable, executable; private, anonymous, below 2 GiB, as addresses in the part are. */
int area_alloc(size_t size, void **ret)
{
	void *p = ++host_allocations == host_fail_at ? NULL : mmap(NULL, PAGE_ALIGN_UP(size), 7, 0x62, -1, 0);

	if (!p || p == (void *)-1)
		return -ENOMEM;
	area_blocks++;
	*ret = p;
	return 0;
}

void area_free(void *p, size_t size)
{
	if (!p)
		return;
	area_blocks--;
	munmap(p, PAGE_ALIGN_UP(size));
}

int area_make_exec(void *p, size_t size)
{
	return ++host_allocations == host_fail_at ? -ENOMEM : 0;
}

int rights_init(void)
{
	return ++host_allocations == host_fail_at ? -ENOMEM : 0;
}

int targets_build(void)
{
	return 0;
}

int peek(void *to, uint64_t from, size_t len)
{
	memset(to, 0, len);
	return -EFAULT;
}

int peek_string(char *to, uint64_t from, size_t size)
{
	memset(to, 0, size);
	return -EFAULT;
}

int probe_init(void)
{
	return 0;
}

int probe_attach(struct trace_prog *p, uint64_t function, uint32_t offset, bool at_return, int syscall, const char *name)
{
	static const int results[] = {0, -EINVAL, -EEXIST, -ENOMEM, -EPERM, -EACCES, -EOPNOTSUPP, 0};

	if (strlen(name) > CTL_MESSAGE_MAX)
		abort();
	return results[function & 7];
}

void probe_detach_all(struct trace_prog *p)
{
}

bool probe_list(const struct trace_prog *p, char *buf, size_t size)
{
	memset(buf, 'a', size - 1);
	buf[size - 1] = '\0';
	return false;
}

const char *probe_ways(const struct trace_prog *p, char buf[PROBE_WAYS_MAX])
{
	buf[0] = '\0';
	return buf;
}

/* Something that a program is on, as far as the requests can tell. */
static struct trace_prog *sampled, *on_device;
static unsigned rate;

int sample_attach(struct trace_prog *p, unsigned hz)
{
	if (hz < 1 || hz > SAMPLE_HZ_MAX)
		return -EINVAL;
	if (sampled)
		return sampled == p ? -EEXIST : -ENOMEM;
	sampled = p;
	rate = hz;
	return 0;
}

void sample_detach(struct trace_prog *p)
{
	if (sampled == p)
		sampled = NULL;
}

unsigned sample_rate(const struct trace_prog *p)
{
	return sampled == p ? rate : 0;
}

uint64_t sample_idle(const struct trace_prog *p)
{
	return 1;
}

int switch_attach(struct trace_prog *p)
{
	return p->verified.context_size > sizeof(struct switch_args) ? -EACCES : p->id % 2 ? 0 : -EEXIST;
}

int xdp_attach(struct trace_prog *p)
{
	if (on_device)
		return -EBUSY;
	if (host_now_ns % 3 == 0)
		return -ENODEV;
	on_device = p;
	return 0;
}

void xdp_detach(struct trace_prog *p)
{
	if (on_device == p)
		on_device = NULL;
}

const struct xdp_counts *xdp_counts_of(const struct trace_prog *p)
{
	static const struct xdp_counts counts = {1, 2, 3, 4, 5};

	return on_device == p ? &counts : NULL;
}

static uint8_t table[SHA256_SIZE];
static bool has_table;

int unwind_load(struct vnode *v, const uint8_t sha256[32])
{
	const uint8_t *bytes = v == &files[0].v ? files[0].bytes : files[1].bytes;
	struct vattr a;

	vfs_getattr(v, &a);
	if (a.size < 4 || bytes[0] != 'u')
		return a.size < 4 ? -EIO : -EBADMSG;
	memcpy(table, sha256, sizeof(table));
	has_table = true;
	return 0;
}

bool unwind_has(const uint8_t sha256[32])
{
	return has_table && !memcmp(table, sha256, sizeof(table));
}

void unwind_drop(void)
{
	has_table = false;
}

uint32_t unwind(const struct bpf_pt_regs *regs, enum unwind_from from, uint32_t skip, uint64_t *ips, uint32_t max)
{
	return 0;
}

int shell_bpf(struct shell *sh, int argc, char **argv)
{
	abort();
}

bool shell_is(const struct ctl_conn *c)
{
	return false;
}

void shell_row(const struct msg_event *m)
{
	abort();
}

int shell_symbol(const char *name, uint64_t *ret_address)
{
	abort();
}

void random_get(void *to, size_t len)
{
	memset(to, 1, len);
}

const char *session_strerror(int error)
{
	return "error";
}

void event_tell(const struct msg_event *e)
{
	const char *key, *text;
	struct msg_iter it;
	size_t n = strlen(e->name);

	msg_iter_start(&it, &e->values);
	while (msg_next_pair(&it, &key, &text))
		n += strlen(key) + strlen(text);
	if (n > 4096)
		abort();
}

int accept_hash(const char *name, const uint8_t sha256[SHA256_SIZE], char *error, size_t size)
{
	if (strcmp(name, "refused"))
		return 0;
	memcpy(error, "no", 3);
	return -EACCES;
}

void ktimer_start(struct ktimer *t, uint64_t deadline_ns, void (*fire)(struct ktimer *))
{
	t->deadline_ns = deadline_ns;
	t->fire = fire;
	for (unsigned i = 0; !t->pending && i < TIMERS; i++)
		if (!timers[i]) {
			timers[i] = t;
			t->pending = true;
		}
	if (!t->pending)
		abort();
}

void ktimer_cancel(struct ktimer *t)
{
	for (unsigned i = 0; i < TIMERS; i++)
		if (timers[i] == t)
			timers[i] = NULL;
	t->pending = false;
}

bool host_waits(void)
{
	return false;
}

void host_looks(void)
{
}

/* The program cache: a file of the input's, by a hash that ends with its number. */

struct vnode *cache_find(const uint8_t sha256[SHA256_SIZE])
{
	for (unsigned i = 0; i < 2; i++)
		if (!memcmp(files[i].hash, sha256, SHA256_SIZE)) {
			files[i].v.refs++;
			return &files[i].v;
		}
	return NULL;
}

const uint8_t *cache_hash(const struct vnode *v)
{
	return v == &files[0].v ? files[0].hash : files[1].hash;
}

void vnode_put(struct vnode *v)
{
	if (v && !v->refs--)
		abort();
}

int vfs_getattr(struct vnode *v, struct vattr *ret)
{
	*ret = (struct vattr){.size = v == &files[0].v ? files[0].size : files[1].size};
	return 0;
}

int vfs_open_vnode(struct vnode *v, uint32_t flags, struct file **ret)
{
	struct file *f = v == &files[0].v ? &files[0].f : &files[1].f;

	if (++host_allocations == host_fail_at)
		return -ENOMEM;
	f->refs++;
	*ret = f;
	return 0;
}

kssize_t file_read_kernel(struct file *f, void *to, size_t len, uint64_t off)
{
	unsigned i = f == &files[1].f;
	size_t n = off < files[i].size ? MIN(len, files[i].size - off) : 0;

	memcpy(to, files[i].bytes + off, n);
	return (kssize_t)n;
}

void file_put(struct file *f)
{
	f->refs--;
}

/* The connections. */

static unsigned client_of(const struct ctl_conn *c)
{
	return (unsigned)(c - conns);
}

bool ctl_gone(const struct ctl_conn *c)
{
	return gone[client_of(c)];
}

uint8_t *ctl_reserve_wait(struct ctl_conn *c, size_t size)
{
	if (in_between && !--in_between && !nested) {
		nested = true;
		step();
		nested = false;
	}
	return ctl_gone(c) ? NULL : row;
}

void ctl_commit(struct ctl_conn *c, uint16_t type, uint32_t session, int size)
{
	struct msg_event m;

	if (type != MSG_BPF_ROW || size > CTL_MESSAGE_MAX || (size >= 0 && msg_event_decode(row, (size_t)size, &m) < 0))
		abort();
}

void ctl_error(struct ctl_conn *c, uint32_t id, int error, const char *text)
{
	if (!text || !*text || answers)
		abort();
	answers = true;
}

void ctl_empty(struct ctl_conn *c, uint16_t type, uint32_t id)
{
}

void ctl_need(struct ctl_conn *c, uint32_t id, const uint8_t sha256[PROTO_SHA256_SIZE])
{
}

void ctl_kick(struct ctl_conn *c)
{
	if (ctl_gone(c))
		abort();
}

int ctl_session_add(struct ctl_conn *c, struct ctl_session *s, uint32_t id, const struct ctl_kind *kind)
{
	if (c->session_count >= SESSIONS_MAX)
		return -EBUSY;
	s->conn = c;
	s->kind = kind;
	s->id = id;
	list_add_tail(&c->sessions, &s->node);
	c->session_count++;
	return 0;
}

void ctl_session_del(struct ctl_session *s)
{
	list_del(&s->node);
	s->conn->session_count--;
}

static void go(unsigned client)
{
	struct ctl_conn *c = &conns[client];
	struct ctl_session *s;

	gone[client] = true;
	while ((s = list_first(&c->sessions, struct ctl_session, node))) {
		ctl_session_del(s);
		s->conn = NULL;
		s->kind->drop(s);
	}
}

/* The clients. */

static const char *const names[] = {"verify", "load", "unload", "pin", "probe", "xdp", "detach", "exec", "sample", "switch",
				    "stacks", "events", "list", "prog", "maps", "map-dump", "map-types", "map-update",
				    "map-delete", "nothing", ""};
static const char *const keys[] = {"sha256", "object", "program", "name", "map", "key", "value", "function", "offset", "return",
				   "syscall", "hz", "context", "pin", "verbose", "types", "no_types", "jited", "symbol subject",
				   "symbol answer", "other", ""};
static const char *const texts[] = {"run", "refused", "", "1", "0x1", "-1", "18446744073709551615", "99999999999999999999",
				    "p", "zz", "000000000000000g", "count"};

static void value(char *to, size_t size)
{
	unsigned kind = take(&in, 1), n;
	size_t at = 0;

	switch (kind % 8) {
	case 0:
	case 1:
		snprintf(to, size, "%u", (unsigned)take(&in, 1));
		break;
	case 2: /* any number, or an address near the image */
		snprintf(to, size, "%#lx", kind & 8 ? (uint64_t)__image_start + take(&in, 2) : take(&in, 4));
		break;
	case 3: /* a file's hash, or nobody's */
		snprintf(to, size, "%062x%02x", 0u, kind >> 3);
		break;
	case 4:
	case 5:
		to[0] = '\0';
		for (n = take(&in, 1) * (kind & 8 ? 16 : 1); n && at + 3 < size; n--, at += 2)
			snprintf(to + at, size - at, "%02x", (unsigned)take(&in, 1));
		break;
	case 6:
		snprintf(to, size, "%s", texts[(kind >> 3) % ARRAY_SIZE(texts)]);
		break;
	default:
		for (n = take(&in, 1); n && at + 1 < size; n--) {
			char c = (char)take(&in, 1);

			to[at++] = c ? c : '1';
		}
		to[at] = '\0';
	}
}

/* As ctl_session.c has it: what is left to it to answer, is. */
static void ask(unsigned client, const uint8_t *payload, size_t size)
{
	uint8_t *copy = malloc(size + 1);
	bool before = answers;
	int r;

	memcpy(copy, payload, size);
	answers = false;
	r = trace_request(&conns[client], 1, copy, size);
	if (r && answers)
		abort();
	answers = before;
	free(copy);
}

static void send_request(unsigned client)
{
	static char pairs[PAIRS_SIZE], text[2][4200];
	static uint8_t payload[PAIRS_SIZE + 100];
	struct msg_event m = {.name = names[take(&in, 1) % ARRAY_SIZE(names)]};
	struct msg_list_builder b;
	unsigned n = take(&in, 1) % 7;
	int size;

	msg_list_start(&b, pairs, sizeof(pairs));
	while (n--) {
		const char *key = keys[take(&in, 1) % ARRAY_SIZE(keys)];

		value(text[nested], sizeof(text[0]));
		msg_list_add_pair(&b, key, text[nested]);
	}
	if (msg_list_finish(&b, &m.values) < 0)
		return;
	size = msg_event_encode(&m, payload, sizeof(payload));
	if (size >= 0)
		ask(client, payload, (size_t)size);
}

static void send_bytes(unsigned client)
{
	uint8_t payload[255];
	unsigned n = 0, want = take(&in, 1);

	while (n < want && in.left)
		payload[n++] = (uint8_t)take(&in, 1);
	ask(client, payload, n);
}

static void pump(struct ctl_conn *c, bool close)
{
	struct ctl_session *s = list_first(&c->sessions, struct ctl_session, node);

	if (!s)
		return;
	if (close)
		s->kind->close(s);
	else
		s->kind->pump(s);
}

static void time_passes(void)
{
	host_now_ns += NSEC_PER_SEC;
	for (unsigned i = 0; i < TIMERS; i++) {
		struct ktimer *t = timers[i];

		if (!t)
			continue;
		timers[i] = NULL;
		t->pending = false;
		t->fire(t);
	}
}

static void step(void)
{
	unsigned op = take(&in, 1), client = nested ? 1 : op >> 7;

	/* A connection has one thread: what it is at work on is not interrupted by itself. */
	if (nested && gone[1])
		return;
	switch (op & 15) {
	default:
		if (!gone[client])
			send_request(client);
		break;
	case 9:
		if (!gone[client])
			send_bytes(client);
		break;
	case 10:
		time_passes();
		break;
	case 11:
	case 12:
		if (!gone[client])
			pump(&conns[client], (op & 15) == 12);
		break;
	case 13:
		in_between = 1 + (op >> 4 & 7);
		break;
	case 14:
		host_fail_at = host_allocations + 1 + (op >> 4);
		break;
	case 15: /* the one who waits has gone; its thread finds out later */
		if (nested)
			gone[0] = true;
		else
			go(client);
	}
}

static void read_file(unsigned i)
{
	size_t n = take(&in, 2);
	uint8_t *copy;

	n = MIN(n, in.left);
	copy = malloc(n + 1);
	memcpy(copy, in.at, n);
	in.at += n;
	in.left -= n;
	files[i].bytes = copy;
	files[i].size = n;
	files[i].hash[SHA256_SIZE - 1] = (uint8_t)i;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct loaded *l;

	host_reset();
	host_forget();
	host_tick_ns = 1;
	in = (struct input){data, size};
	for (unsigned i = 0; i < CLIENTS; i++)
		list_init(&conns[i].sessions);
	for (unsigned i = 0; i < 2; i++)
		read_file(i);
	while (in.left) {
		step();
		for (unsigned i = 0; i < CLIENTS; i++)
			if (gone[i])
				go(i);
	}
	host_fail_at = 0;
	for (unsigned i = 0; i < CLIENTS; i++)
		go(i);
	while ((l = list_first(&loaded_all, struct loaded, node)))
		load_drop(l);
	for (unsigned i = 0; i < 2; i++) {
		free((void *)files[i].bytes);
		if (files[i].v.refs || files[i].f.refs)
			abort();
	}
	/* The table for stacks goes with the last object; if none came after it, it waits for one. */
	if (host_objects || area_blocks || area_mem.used || sampled || on_device) {
		dprintf(2, "%lu objects, %lu blocks of pages, %lu bytes are left\n", host_objects, area_blocks, area_mem.used);
		abort();
	}
	return 0;
}
