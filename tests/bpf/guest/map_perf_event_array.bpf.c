/* bpf_perf_event_output(). */
// ATTACH: name=events size=16 lost=0 data=07000000000000002a00000000000000
#include "guest.h"
struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, 4);
	__uint(value_size, 4);
} events SEC(".maps");
SEC("kprobe/tick") int send(struct pt_regs *ctx)
{
	long e[2] = {PT_REGS_PARM2(ctx), 42};

	bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, e, sizeof(e));
	return 0;
}
