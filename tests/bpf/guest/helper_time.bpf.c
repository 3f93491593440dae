/* The clocks, which go forward, and random numbers, which differ. */
// RUN: run = 31
#include "guest.h"
SEC("syscall") int run(void *ctx)
{
	__u64 a = bpf_ktime_get_ns(), b = bpf_ktime_get_boot_ns(), c = bpf_ktime_get_coarse_ns(), j = bpf_jiffies64();
	__u32 x = bpf_get_prandom_u32(), y = bpf_get_prandom_u32(), z = bpf_get_prandom_u32();
	__u64 d = bpf_ktime_get_ns();

	return (a && d >= a) | (b >= a) << 1 | (c > 0) << 2 | (j > 0) << 3 | (x != y || y != z) << 4;
}
