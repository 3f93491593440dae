/* Four programs, of which the verifier refuses two. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

unsigned long table[4];
unsigned long at;

SEC("kprobe") int good(void *ctx)
{
	table[0]++;
	return 0;
}

SEC("kprobe") int behind(void *ctx)
{
	unsigned long n = at;

	return (int)((volatile unsigned long *)table)[n & 7];
}

SEC("kprobe") int wild(void *ctx)
{
	return *(volatile int *)at;
}

SEC("kprobe") int good_too(void *ctx)
{
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
