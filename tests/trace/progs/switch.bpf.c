/* switch.bpf.c: what sched_switch tells, and whether it tells all: each event begins where the last one ended. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 8);
	__type(key, int);
	__type(value, unsigned long);
} figures SEC(".maps");

static __always_inline void add(int i, unsigned long n)
{
	unsigned long *p = bpf_map_lookup_elem(&figures, &i);

	if (p)
		*p += n;
}

unsigned long last_next, idle_since;

SEC("raw_tp/sched_switch") int on_switch(struct bpf_raw_tracepoint_args *ctx)
{
	unsigned long prev = ctx->args[1], next = ctx->args[2], now = bpf_ktime_get_ns();
	char comm[16];

	add(0, 1);
	if (last_next && last_next != prev)
		add(1, 1);
	last_next = next;
	bpf_get_current_comm(comm, sizeof(comm));
	/* The helper tells of prev; "main" waits so that signals wake it. */
	if (comm[0] == 'm' && comm[1] == 'a' && comm[2] == 'i' && comm[3] == 'n' && !comm[4] && ctx->args[3] == 1)
		add(2, 1);
	if (prev == next)
		add(3, 1);
	if (bpf_get_current_pid_tgid() == 0) {
		add(4, 1);
		if (idle_since)
			add(5, now - idle_since);
		if (ctx->args[3])
			add(6, 1);
	}
	idle_since = now;
	return 0;
}

SEC("?raw_tp/sys_enter") int elsewhere(struct bpf_raw_tracepoint_args *ctx)
{
	return 0;
}

SEC("?raw_tp/sched_switch") int too_far(struct bpf_raw_tracepoint_args *ctx)
{
	return ctx->args[4] != 0;
}
