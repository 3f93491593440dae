/* strace.bpf.c: each system call of the application with its arguments, some memory that they point to, and its result.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "tools/strace.h"
#include "tools/syscalls.bpf.h"

#define NR_EXIT	      60
#define NR_EXIT_GROUP 231

const volatile struct strace_fetch fetches[STRACE_NUMBERS][STRACE_SLOTS] = {};
const volatile unsigned char failed_only = 0;

struct call {
	unsigned int tid, nr;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 512);
	__type(key, struct call);
	__type(value, struct strace_event);
} calls SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, unsigned int);
	__type(value, struct strace_event);
} zeroes SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 18);
} events SEC(".maps");

struct iovec {
	unsigned long base, len;
};

static __always_inline void take(struct strace_event *e, unsigned int slot, unsigned long from, unsigned long n)
{
	slot &= 1;
	/* Or clang looks at the sign of a byte instead, and the verifier learns nothing of n. */
	asm volatile("" : "+r"(n));
	if (n > STRACE_DATA)
		n = STRACE_DATA;
	if (from && bpf_probe_read_user(e->data[slot], n, (void *)from) == 0)
		e->lengths[slot] = n;
}

static __always_inline void take_iov(struct strace_event *e, unsigned int slot, unsigned long from, unsigned long count,
				     unsigned long most)
{
	struct iovec *first = (struct iovec *)e->data[slot & 1];
	unsigned long n;

	take(e, slot, from, count > 8 ? STRACE_DATA : count * sizeof(struct iovec));
	if (e->lengths[slot & 1] < sizeof(*first))
		return;
	n = first->len < most ? first->len : most;
	take(e, slot + 1, first->base, n);
}

static __always_inline void fetch(struct strace_event *e, unsigned int slot, int leaving)
{
	const volatile struct strace_fetch *f = &fetches[e->nr & (STRACE_NUMBERS - 1)][slot & 1];
	unsigned int arg = f->arg & 7, size = 0;
	unsigned long from = e->args[arg], next = e->args[(arg + 1) & 7];
	long n;

	if (!leaving) {
		switch (f->kind) {
		case STRACE_STRING:
			n = bpf_probe_read_user_str(e->data[slot & 1], STRACE_DATA, (void *)from);
			if (n > 0)
				e->lengths[slot & 1] = n;
			break;
		case STRACE_BYTES_IN:
			take(e, slot, from, next);
			break;
		case STRACE_FIXED_IN:
			take(e, slot, from, f->size);
			break;
		case STRACE_IOV_IN:
			take_iov(e, slot, from, next, STRACE_DATA);
			break;
		}
		return;
	}
	if (e->ret < 0)
		return;
	switch (f->kind) {
	case STRACE_BYTES_OUT:
		take(e, slot, from, e->ret);
		break;
	case STRACE_FIXED_OUT:
		take(e, slot, from, f->size);
		break;
	case STRACE_SIZED_OUT:
		if (next && bpf_probe_read_user(&size, sizeof(size), (void *)next) == 0)
			take(e, slot, from, size);
		break;
	case STRACE_IOV_OUT:
		take_iov(e, slot, from, next, e->ret);
		break;
	}
}

static void send(struct strace_event *e)
{
	unsigned long n = __builtin_offsetof(struct strace_event, data);

	n += e->lengths[1] ? STRACE_DATA + e->lengths[1] : e->lengths[0];
	if (n > sizeof(*e))
		n = sizeof(*e);
	bpf_ringbuf_output(&events, e, n, 0);
}

SEC("tracepoint/raw_syscalls/sys_enter") int enter(struct sys_enter *r)
{
	struct call call = {(unsigned int)bpf_get_current_pid_tgid(), (unsigned int)r->nr};
	struct strace_event *e;
	unsigned int zero = 0;

	e = bpf_map_lookup_elem(&zeroes, &zero);
	if (!e)
		return 0;
	bpf_map_update_elem(&calls, &call, e, BPF_ANY);
	e = bpf_map_lookup_elem(&calls, &call);
	if (!e)
		return 0;
	e->start_ns = bpf_ktime_get_ns();
	e->tid = call.tid;
	e->nr = call.nr;
	e->unfinished = 1;
	for (int i = 0; i < 6; i++)
		e->args[i] = r->args[i];
	fetch(e, 0, 0);
	fetch(e, 1, 0);
	if (call.nr == NR_EXIT || call.nr == NR_EXIT_GROUP) {
		send(e);
		bpf_map_delete_elem(&calls, &call);
	}
	return 0;
}

SEC("tracepoint/raw_syscalls/sys_exit") int leave(struct sys_exit *r)
{
	struct call call = {(unsigned int)bpf_get_current_pid_tgid(), (unsigned int)r->nr};
	struct strace_event *e = bpf_map_lookup_elem(&calls, &call);

	if (!e)
		return 0;
	e->ns = bpf_ktime_get_ns() - e->start_ns;
	e->ret = r->ret;
	e->unfinished = 0;
	fetch(e, 0, 1);
	fetch(e, 1, 1);
	if (!failed_only || (e->ret < 0 && e->ret >= -4095))
		send(e);
	bpf_map_delete_elem(&calls, &call);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
