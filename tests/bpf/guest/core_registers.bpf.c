/* Linux's own types need not be in the image. */
// VERIFY: run: accepted
// ATTACH: argument 7
#include "guest.h"
SEC("kprobe/tick") int run(struct pt_regs *ctx)
{
	bpf_printk("argument %d", PT_REGS_PARM2_CORE(ctx));
	return 0;
}
