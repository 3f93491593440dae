/* bpf_host.c: see bpf_host.h. */
#include "tests/fuzz/bpf_host.h"

#include "bpf/map.h"
#include "kernel/clock.h"
#include "overlay/accept.h"
#include "overlay/ctl.h"
#include "overlay/events.h"
#include "overlay/session.h"
#include "tests/fuzz/kernel_host.h"
#include "trace/area.h"
#include "trace/load.h"
#include "trace/peek.h"
#include "trace/probe.h"
#include "trace/rights.h"
#include "trace/sample.h"
#include "trace/switch.h"
#include "trace/targets.h"
#include "trace/unwind.h"
#include "trace/xdp.h"

_Noreturn void abort(void);
int dprintf(int fd, const char *format, ...);
void *calloc(size_t n, size_t size);
void free(void *p);
void *mmap(void *at, size_t size, int prot, int flags, int fd, long offset);
int munmap(void *at, size_t size);

#define TIMERS 16

static struct ktimer *timers[TIMERS];
static unsigned long area_blocks;

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

int probe_attach(struct trace_prog *p, uint64_t function, uint32_t offset, bool at_return, int syscall,
		 const char *name)
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
	size_t size;
	const uint8_t *bytes = bpf_host_bytes(v, &size);

	if (size < 4 || bytes[0] != 'u')
		return size < 4 ? -EIO : -EBADMSG;
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

/* Timers. */

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

void bpf_host_time_passes(void)
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

void bpf_host_must_be_empty(void)
{
	/* The table for stacks goes with the last object; if none came after it, it waits for one. */
	if (host_objects || area_blocks || area_mem.used || sampled || on_device) {
		dprintf(2, "%lu objects, %lu blocks of pages, %lu bytes are left\n", host_objects, area_blocks,
			area_mem.used);
		abort();
	}
}
