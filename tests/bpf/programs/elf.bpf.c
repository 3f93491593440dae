/* elf.bpf.c: what tests/bpf/run-bpf-run.sh gives to bpf-run --elf: globals, maps, functions, callbacks, tail calls. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, __u64);
} numbers SEC(".maps");

static __u64 counter = 40;
const volatile __u64 step = 2;

static __attribute__((noinline)) __u64 twice(__u64 x)
{
	return x * 2 + counter - 40;
}

static long add_index(__u32 i, void *ctx)
{
	*(__u64 *)ctx += i;
	return 0;
}

static long add_value(void *map, __u32 *key, __u64 *value, __u64 *sum)
{
	*sum += *key * 100 + *value;
	return 0;
}

SEC("syscall")
int tail(void *ctx)
{
	return 777;
}

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 2);
	__uint(key_size, sizeof(__u32));
	__array(values, int(void *));
} programs SEC(".maps") = {
	.values = { [1] = (void *)&tail },
};

/* 42 */
SEC("syscall")
int main(const unsigned char *memory, unsigned long size)
{
	counter += step;
	return (int)counter;
}

/* sum of 0 .. 9, twice: 90 */
SEC("syscall")
int callbacks(void *ctx)
{
	__u64 sum = 0;

	bpf_loop(10, add_index, &sum, 0);
	return (int)twice(sum);
}

/* 3 * 100 + 30 + 5 * 100 + 50 */
SEC("syscall")
int maps(void *ctx)
{
	__u32 key = 3;
	__u64 value = 30, sum = 0, *found;

	bpf_map_update_elem(&numbers, &key, &value, BPF_ANY);
	key = 5;
	value = 49;
	bpf_map_update_elem(&numbers, &key, &value, BPF_ANY);
	found = bpf_map_lookup_elem(&numbers, &key);
	if (found)
		__sync_fetch_and_add(found, 1);
	bpf_for_each_map_elem(&numbers, add_value, &sum, 0);
	return (int)sum;
}

/* 777, or 1 where nothing is */
SEC("syscall")
int tail_call(void *ctx)
{
	bpf_tail_call(ctx, &programs, 0);
	bpf_tail_call(ctx, &programs, 1);
	return 1;
}

char _license[] SEC("license") = "GPL";
