/* Several functions by several programs at once, one with an offset of zero. */
// ATTACH: outer
// ATTACH: inner 7
#include "guest.h"
SEC("kprobe/tick+0") int outer(void *ctx)
{
	bpf_printk("outer");
	return 0;
}
SEC("uprobe/inner_tick") int inner(struct pt_regs *ctx)
{
	bpf_printk("inner %d", (int)PT_REGS_PARM2(ctx));
	return 0;
}
