/* bpf_printk() with three values and with more, which is bpf_trace_vprintk(). */
// ATTACH: seven 7, hello, subject at 0x
// ATTACH: 1 2 3 4 5
#include "guest.h"
SEC("kprobe/tick") int probe(struct pt_regs *ctx)
{
	bpf_printk("seven %d, %s, subject at 0x%lx", (int)PT_REGS_PARM2(ctx), (char *)PT_REGS_PARM3(ctx), PT_REGS_PARM1(ctx));
	bpf_printk("%d %d %d %d %d", 1, 2, 3, 4, 5);
	return 0;
}
