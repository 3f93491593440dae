/* chain.bpf.c: the call chain of a function, by both helpers. */
#include <linux/bpf.h>
#include <linux/ptrace.h>
#include <bpf/bpf_helpers.h>

#define DEPTH 60

struct {
	__uint(type, BPF_MAP_TYPE_STACK_TRACE);
	__uint(max_entries, 256);
	__uint(key_size, 4);
	__uint(value_size, DEPTH * 8);
} stacks SEC(".maps");

struct chain {
	long size; /* what get_stack() returned */
	long id;   /* what get_stackid() returned */
	unsigned long ips[DEPTH];
};

/* 0: all; 1: without the first two; 2: the application's frames. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 3);
	__type(key, int);
	__type(value, struct chain);
} chains SEC(".maps");

static __always_inline void take(struct pt_regs *ctx, int which, unsigned long how)
{
	struct chain *c = bpf_map_lookup_elem(&chains, &which);

	if (!c)
		return;
	c->size = bpf_get_stack(ctx, c->ips, sizeof(c->ips), how);
	c->id = bpf_get_stackid(ctx, &stacks, how | BPF_F_REUSE_STACKID);
}

SEC("kprobe") int on_call(struct pt_regs *ctx)
{
	take(ctx, 0, 0);
	take(ctx, 1, 2);
	take(ctx, 2, BPF_F_USER_STACK);
	return 0;
}

/* What Linux refuses, too. */
long refused[4];
SEC("kprobe/mark") int on_mark(struct pt_regs *ctx)
{
	unsigned long ips[4];

	refused[0] = bpf_get_stack(ctx, ips, sizeof(ips), 1UL << 20);
	refused[1] = bpf_get_stack(ctx, ips, 12, 0);
	refused[2] = bpf_get_stackid(ctx, &stacks, 1UL << 20);
	refused[3] = bpf_get_stack(ctx, ips, sizeof(ips), 200);
	return 0;
}
