/* bpf_get_stackid() and bpf_get_stack(): the caller of tick() is main(). */
// ATTACH: caller is right 1, the stack has a number: 1
#include "guest.h"
extern const void main __ksym;
struct {
	__uint(type, BPF_MAP_TYPE_STACK_TRACE);
	__uint(max_entries, 16);
	__uint(key_size, 4);
	__uint(value_size, 8 * 8);
} stacks SEC(".maps");
SEC("kprobe/tick") int look(struct pt_regs *ctx)
{
	unsigned long start = (unsigned long)&main, ips[8] = {0};
	int id = bpf_get_stackid(ctx, &stacks, 0), in_stack;

	bpf_get_stack(ctx, ips, sizeof(ips), 0);
	in_stack = ips[1] - start < 512;
	bpf_printk("caller is right %d, the stack has a number: %d", in_stack, id >= 0);
	return 0;
}
