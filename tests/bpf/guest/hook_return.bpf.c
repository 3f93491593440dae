/* Arguments when a function is called, its value when it returns, by libbpf's BPF_KPROBE and BPF_KRETPROBE. */
// ATTACH: tick(7, hello)
// ATTACH: gives 107
#include "guest.h"
SEC("kprobe/tick") int BPF_KPROBE(enter, void *s, long n, const char *text)
{
	char copy[8];

	bpf_probe_read_user_str(copy, sizeof(copy), text);
	bpf_printk("tick(%ld, %s)", n, copy);
	return 0;
}
SEC("kretprobe/tick") int BPF_KRETPROBE(leave, long value)
{
	bpf_printk("gives %ld", value);
	return 0;
}
