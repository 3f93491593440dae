/* switch.bpf.c: what sched_switch tells. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("raw_tp/sched_switch") int on_switch(struct bpf_raw_tracepoint_args *ctx)
{
	char from[16], to[16];

	bpf_get_current_comm(from, sizeof(from));
	bpf_printk("switch %s state %d", from, (int)ctx->args[3]);
	return 0;
}
