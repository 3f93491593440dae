/* A program for each kind of place, counting in a variable of its own. */
#include <linux/bpf.h>
#include <linux/ptrace.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

unsigned long factorials, returns, leaves, odds, writes, exits, switches, samples;

extern const char cell __ksym;
unsigned long seen_cell;

#define COUNT(section, name, counter)                                                                                  \
	SEC(section) int name(void *ctx)                                                                               \
	{                                                                                                              \
		__sync_fetch_and_add(&counter, 1);                                                                     \
		return 0;                                                                                              \
	}

COUNT("kprobe/factorial+0", on_factorial, factorials)
COUNT("kretprobe/factorial", on_return, returns)
COUNT("kprobe/odd_[cj]*", on_odd, odds)
COUNT("tracepoint/syscalls/sys_enter_write*", on_write, writes)
COUNT("tracepoint/syscalls/sys_exit_writev", on_exit, exits)
COUNT("raw_tp/sched_switch", on_switch, switches)
COUNT("perf_event", on_clock, samples)

SEC("uprobe//proc/self/exe:leaf") int on_leaf(struct pt_regs *ctx)
{
	__sync_fetch_and_add(&leaves, 1);
	bpf_probe_read_kernel(&seen_cell, sizeof(seen_cell), &cell);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
