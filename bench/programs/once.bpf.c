/* once.bpf.c: says when it is reached first. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

int said;

SEC("kprobe") int once(void *ctx)
{
	if (!said)
		bpf_printk("here");
	said = 1;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
