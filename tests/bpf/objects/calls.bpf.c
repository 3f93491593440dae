/* Functions of .text and of other sections, each once, and a callback by its address. */
// EXPECT: program run: type 2 hook 1 attach 'read'
// EXPECT: function run at 0
// EXPECT: function square at 18
// EXPECT: function each at 21
// EXPECT: program other: type 2 hook 2 attach 'read'
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

__attribute__((noinline)) int square(int a)
{
	return a * a;
}

static long each(__u32 i, void *ctx)
{
	*(long *)ctx += i;
	return 0;
}

SEC("kprobe/read")
int run(void *ctx)
{
	long sum = square(3) + square(4);

	bpf_loop(10, each, &sum, 0);
	return sum;
}

SEC("kretprobe/read")
int other(void *ctx)
{
	return square(5);
}
