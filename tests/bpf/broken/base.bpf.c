/* base.bpf.c: a good object that has some of everything; broken.txt says how it is broken. */
#include "tests/bpf/guest/image.h"

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, area_t);
	__type(value, long);
} map SEC(".maps");

SEC("syscall") int target(unsigned *ctx)
{
	return 3;
}

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 2);
	__type(key, int);
	__array(values, int(void *));
} table SEC(".maps") = {.values = {[1] = (void *)&target}};

const volatile int setting = 5;
int counter = 1;
const char *volatile name = "text";

static NOINLINE int callee(int n)
{
	return n * counter + setting;
}

SEC("syscall") int run(unsigned *ctx)
{
	area_t key = {1};
	long v = BPF_CORE_READ(SUBJECT, first) + bpf_core_enum_value(enum colour, RED);

	bpf_map_update_elem(&map, &key, &v, 0);
	bpf_tail_call(ctx, &table, 0);
	return callee(v);
}

char LICENSE[] SEC("license") = "GPL";
