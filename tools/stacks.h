/* stacks.h: what the programs of the tools that sum up by call chain have in common. For eBPF. */
#ifndef TOOLS_STACKS_H
#define TOOLS_STACKS_H

#define STACK_DEPTH 127	 /* as perf */
#define STACKS_MAX  1024 /* chains that can be told apart: 1 KiB each */

/* Whose, and where: a chain's number in the map `stacks`, or a negative errno (-17: its place was taken). */
struct stack_key {
	__u32 tid;
	__s32 stack;
	char comm[16];
};

/* 0, or BPF_F_USER_STACK: only the application's frames. */
const volatile __u64 stack_flags = 0;

struct {
	__uint(type, BPF_MAP_TYPE_STACK_TRACE);
	__uint(max_entries, STACKS_MAX);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, STACK_DEPTH * sizeof(__u64));
} stacks SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, STACKS_MAX * 2);
	__type(key, struct stack_key);
	__type(value, __u64);
} sums SEC(".maps");

static __always_inline void stack_key_fill(struct stack_key *key, void *ctx)
{
	key->tid = (__u32)bpf_get_current_pid_tgid();
	key->stack = bpf_get_stackid(ctx, &stacks, stack_flags);
	bpf_get_current_comm(key->comm, sizeof(key->comm));
}

static __always_inline void stack_sum(const struct stack_key *key, __u64 amount)
{
	__u64 *sum = bpf_map_lookup_elem(&sums, key);

	if (sum)
		__sync_fetch_and_add(sum, amount);
	else
		bpf_map_update_elem(&sums, key, &amount, BPF_NOEXIST);
}

#endif
