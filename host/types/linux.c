/*
 * linux.c: not a part of any program: Linux's types that eBPF programs need beside the image's own. mkbtf takes them
 * from this file's debugging information, so that what `bpftool btf dump file IMAGE.btf format c` prints is enough to
 * compile a program with.
 */
#include <linux/bpf.h>

/* Under the names that the kernel has for them, which libbpf's bpf_tracing.h uses beside such a header. */
struct pt_regs {
	unsigned long r15, r14, r13, r12, bp, bx, r11, r10, r9, r8, ax, cx, dx, si, di;
	unsigned long orig_ax, ip, cs, flags, sp, ss;
};
_Static_assert(sizeof(struct pt_regs) == 168, "arch/x86/include/asm/ptrace.h");

struct bpf_perf_event_data {
	struct pt_regs regs;
	__u64 sample_period;
	__u64 addr;
};

/* /sys/kernel/tracing/events/raw_syscalls; what comes behind `args` is not the program's. */
struct trace_entry {
	unsigned short type;
	unsigned char flags;
	unsigned char preempt_count;
	int pid;
};
struct trace_event_raw_sys_enter {
	struct trace_entry ent;
	long id;
	unsigned long args[6];
	char __data[];
};
struct trace_event_raw_sys_exit {
	struct trace_entry ent;
	long id;
	long ret;
	char __data[];
};
