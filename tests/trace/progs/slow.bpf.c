/* slow.bpf.c: nearly all the time of a function that this is on passes in here. */
#include <linux/bpf.h>
#include <linux/ptrace.h>
#include <bpf/bpf_helpers.h>

unsigned long turns;

SEC("kprobe") int slow(struct pt_regs *ctx)
{
	for (int i = 0; i < 2000; i++)
		__sync_fetch_and_add(&turns, 1);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
