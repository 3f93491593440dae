/* Prints, reads the application's memory, fills a ring buffer. */
#include <linux/bpf.h>
#include <linux/ptrace.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

struct pair {
	long a, b;
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} ring SEC(".maps");

SEC("kprobe/leaf") int on_leaf(struct pt_regs *ctx)
{
	struct pair p = { 0 }, *out;
	char comm[16];

	bpf_probe_read_kernel(&p, sizeof(p), (void *)PT_REGS_PARM1(ctx));
	bpf_get_current_comm(comm, sizeof(comm));
	bpf_printk("leaf %ld %ld", p.a, p.b);
	bpf_printk("bad %d, a \033[7mcontrol\n", bpf_probe_read_kernel(&p, 8, (void *)16));
	out = bpf_ringbuf_reserve(&ring, sizeof(*out), 0);
	if (!out)
		return 0;
	out->a = 0x1122334455667788;
	out->b = bpf_get_current_pid_tgid() >> 32;
	bpf_ringbuf_submit(out, 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
