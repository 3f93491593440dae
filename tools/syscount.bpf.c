/* syscount.bpf.c: the application's system calls: how many, how long, how many failed. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "tools/syscalls.bpf.h"
#include "tools/syscount.h"

/* A signal's handler calls inside a call that waits. */
struct call {
	unsigned int tid, nr;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, struct call);
	__type(value, unsigned long);
} started SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, SYSCOUNT_MAX);
	__type(key, unsigned int);
	__type(value, struct syscount);
} calls SEC(".maps");

SEC("tracepoint/raw_syscalls/sys_enter") int enter(struct sys_enter *e)
{
	struct call call = {(unsigned int)bpf_get_current_pid_tgid(), (unsigned int)e->nr};
	unsigned long now = bpf_ktime_get_ns();
	struct syscount *c = bpf_map_lookup_elem(&calls, &call.nr);

	if (c)
		c->calls++;
	bpf_map_update_elem(&started, &call, &now, BPF_ANY);
	return 0;
}

SEC("tracepoint/raw_syscalls/sys_exit") int leave(struct sys_exit *e)
{
	struct call call = {(unsigned int)bpf_get_current_pid_tgid(), (unsigned int)e->nr};
	unsigned long *start = bpf_map_lookup_elem(&started, &call), ns;
	struct syscount *c = bpf_map_lookup_elem(&calls, &call.nr);

	if (!c || !start)
		return 0;
	ns = bpf_ktime_get_ns() - *start;
	bpf_map_delete_elem(&started, &call);
	c->ended++;
	c->total_ns += ns;
	if (ns > c->max_ns)
		c->max_ns = ns;
	if (e->ret < 0 && e->ret >= -4095)
		c->errors++;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
