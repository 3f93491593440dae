/* bpf_get_func_ip(): where the probe stands. */
// ATTACH: it is tick 1
#include "guest.h"
extern const void tick __ksym;
SEC("kprobe/tick") int probe(struct pt_regs *ctx)
{
	bpf_printk("it is tick %d", bpf_get_func_ip(ctx) == (unsigned long)&tick);
	return 0;
}
