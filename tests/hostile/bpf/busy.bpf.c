/* Uses many helpers and maps, on functions that these very helpers, the scheduler and the interrupt path use. */
#include <linux/bpf.h>
#include <linux/ptrace.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, unsigned long);
	__type(value, unsigned long);
} counts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} ring SEC(".maps");

SEC("kprobe") int busy(struct pt_regs *ctx)
{
	unsigned long key = bpf_get_current_pid_tgid(), one = 1, *v, word = 0;
	char comm[16];

	key ^= bpf_ktime_get_ns() & 63;
	v = bpf_map_lookup_elem(&counts, &key);
	if (v)
		__sync_fetch_and_add(v, 1);
	else
		bpf_map_update_elem(&counts, &key, &one, BPF_ANY);
	bpf_get_current_comm(comm, sizeof(comm));
	bpf_probe_read_kernel(&word, sizeof(word), (void *)0xffff800000100000);
	bpf_probe_read_kernel(&word, sizeof(word), (void *)8);
	bpf_ringbuf_output(&ring, comm, sizeof(comm), 0);
	if ((key & 31) == 0)
		bpf_map_delete_elem(&counts, &key);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
