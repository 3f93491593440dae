/* Who runs, and where. */
// RUN: run = 0
// ATTACH: main pid 1 cpu 0
#include "guest.h"
SEC("syscall") int run(void *ctx)
{
	return bpf_get_smp_processor_id() + bpf_get_numa_node_id();
}
SEC("kprobe/tick") int probe(struct pt_regs *ctx)
{
	char comm[16];

	bpf_get_current_comm(comm, sizeof(comm));
	bpf_printk("%s pid %d cpu %d", comm, (int)(bpf_get_current_pid_tgid() >> 32), bpf_get_smp_processor_id());
	return 0;
}
