/* allcalls.bpf.c: tracepoints by pattern: one program on many system calls. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct args {
	unsigned long common;
	long nr;
	unsigned long args[6];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 512);
	__type(key, int);
	__type(value, unsigned long);
} calls SEC(".maps");

SEC("tracepoint/syscalls/sys_enter_*") int on_any(struct args *ctx)
{
	int nr = (int)ctx->nr;
	unsigned long *n = bpf_map_lookup_elem(&calls, &nr);

	if (n)
		*n += 1;
	return 0;
}

SEC("tp/syscalls/sys_exit_write*") int on_write(struct args *ctx)
{
	return 0;
}

SEC("?tp/syscalls/sys_enter_nonsense*") int on_none(struct args *ctx)
{
	return 0;
}
