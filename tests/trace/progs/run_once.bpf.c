/* A run-once program with an argument, a map and a loop. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct args {
	unsigned long a, b;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, unsigned int);
	__type(value, unsigned long);
} results SEC(".maps");

unsigned long calls;

SEC("syscall") int once(struct args *args)
{
	unsigned long sum = 0, *slot;
	unsigned int zero = 1;

	calls++;
	for (unsigned long i = 0; i < 100; i++)
		sum += i * args->a + args->b;
	slot = bpf_map_lookup_elem(&results, &zero);
	if (slot)
		*slot += sum;
	return (int)sum;
}

char LICENSE[] SEC("license") = "GPL";
