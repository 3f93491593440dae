/* Sections of variables become maps of one element; an access names the map and the offset in it. */
// EXPECT: map 0 .rodata: array key 4 value 4 entries 1 flags 0x80 frozen
// EXPECT: map 2 .bss: array key 4 value 16 entries 1 flags 0x0
// EXPECT: map 1 .data.mine: array key 4 value 8 entries 1 flags 0x0
// EXPECT: run 0: 18 r1 2 0 0
// EXPECT: run 1: 00 r0 0 0 0
// EXPECT: line 18 at 0: return total += limit + mine[1];
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

const volatile int limit = 7;
long unused, total;
int mine[2] SEC(".data.mine") = { 1, 2 };

SEC("syscall")
int run(void *ctx)
{
	return total += limit + mine[1];
}
