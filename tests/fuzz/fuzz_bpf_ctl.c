/*
 * fuzz_bpf_ctl.c: what clients ask of eBPF in a guest: requests of any name and pairs, good and bad, with two files that the
 * input has (an object, and types or a table for stacks), from two clients, one of which may come in between while a row of
 * the other waits for room; clients that go in the middle; time that passes; memory that fails. Programs are verified,
 * compiled and run as in the guest. In the end, when the clients are gone and all is unloaded, nothing may be left.
 *
 * What hooks do to the guest's code is not here: probe_attach() and its like (bpf_host.c) only say yes or no.
 */
#include "kernel/clock.h"
#include "kernel/kmem.h"
#include "overlay/cache.h"
#include "overlay/ctl.h"
#include "overlay/session.h"
#include "tests/fuzz/bpf_host.h"
#include "tests/fuzz/kernel_host.h"
#include "trace/load.h"
#include "trace/request.h"
#include "trace/shell.h"

_Noreturn void abort(void);
int snprintf(char *to, size_t size, const char *format, ...);
void *malloc(size_t size);
void free(void *p);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CLIENTS	     2
#define SESSIONS_MAX 4
#define PAIRS_SIZE   8192

static struct input in;
static struct ctl_conn conns[CLIENTS];
static bool gone[CLIENTS];
static uint8_t row[CTL_MESSAGE_MAX];
static unsigned in_between; /* the row, from now on, at which the other client is asked */
static bool nested, answers;
static struct {
	struct vnode v;
	uint8_t hash[SHA256_SIZE];
	const uint8_t *bytes;
	size_t size;
	struct file f;
} files[2];

extern const char __image_start[];

static void step(void);

/* The shell is the target bpf_shell's. */

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

bool host_waits(void)
{
	return false;
}

void host_looks(void)
{
}

/* The program cache: a file of the input's, by a hash that ends with its number. */

const uint8_t *bpf_host_bytes(const struct vnode *v, size_t *ret_size)
{
	unsigned i = v == &files[1].v;

	*ret_size = files[i].size;
	return files[i].bytes;
}

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
		bpf_host_time_passes();
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
	bpf_host_must_be_empty();
	return 0;
}
