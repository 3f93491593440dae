/* Counts calls, sums arguments, and looks at returns. */
#include <linux/bpf.h>
#include <linux/ptrace.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 8);
	__type(key, unsigned int);
	__type(value, unsigned long);
} figures SEC(".maps");

static void add(unsigned int which, unsigned long n)
{
	unsigned long *v = bpf_map_lookup_elem(&figures, &which);

	if (v)
		*v += n;
}

SEC("kprobe/add") int on_add(struct pt_regs *ctx)
{
	add(0, 1);
	add(1, PT_REGS_PARM1(ctx) + PT_REGS_PARM2(ctx));
	return 0;
}

SEC("kretprobe/factorial") int after_factorial(struct pt_regs *ctx)
{
	add(2, 1);
	add(3, PT_REGS_RC(ctx));
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
