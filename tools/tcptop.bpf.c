/* tcptop.bpf.c: bytes that TCP connections take from the application to send, and that arrive for it. The kernel's
 * structures (lwIP's, and net/inet.h) are named with the fields that are read; where these lie is found by CO-RE. */
#include <linux/bpf.h>
#include <linux/ptrace.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "tools/tcptop.h"

#define KERNEL __attribute__((preserve_access_index))

typedef struct ip_addr {
	union {
		struct {
			unsigned int addr[4];
		} ip6;
	} u_addr;
	unsigned char type;
} KERNEL ip_addr_t;
#define TYPE_V6 6

struct tcp_pcb {
	ip_addr_t local_ip, remote_ip;
	unsigned short local_port, remote_port;
} KERNEL;

struct inet_tcp {
	struct tcp_pcb *pcb;
} KERNEL;

struct pbuf {
	unsigned short tot_len;
} KERNEL;

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, struct tcptop_key);
	__type(value, struct tcptop_bytes);
} connections SEC(".maps");

struct call {
	struct tcp_pcb *pcb;
	unsigned long bytes;
};

/* tcp_write() under way, by the place of its return address. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 64);
	__type(key, unsigned long);
	__type(value, struct call);
} calls SEC(".maps");

static struct tcptop_bytes *find(struct tcp_pcb *pcb)
{
	struct tcptop_bytes *b, none = {};
	struct tcptop_key key = {};

	if (BPF_CORE_READ(pcb, local_ip.type) == TYPE_V6) {
		key.six = 1;
		BPF_CORE_READ_INTO(&key.local, pcb, local_ip.u_addr.ip6.addr);
		BPF_CORE_READ_INTO(&key.remote, pcb, remote_ip.u_addr.ip6.addr);
	} else {
		key.local[0] = BPF_CORE_READ(pcb, local_ip.u_addr.ip6.addr[0]);
		key.remote[0] = BPF_CORE_READ(pcb, remote_ip.u_addr.ip6.addr[0]);
	}
	key.local_port = BPF_CORE_READ(pcb, local_port);
	key.remote_port = BPF_CORE_READ(pcb, remote_port);
	b = bpf_map_lookup_elem(&connections, &key);
	if (b)
		return b;
	bpf_map_update_elem(&connections, &key, &none, BPF_NOEXIST);
	return bpf_map_lookup_elem(&connections, &key);
}

SEC("kprobe/uio_k_tcp_write") int BPF_KPROBE(write, struct tcp_pcb *pcb, const void *data, unsigned short length)
{
	unsigned long frame = PT_REGS_SP(ctx) + sizeof(long);
	struct call call = {pcb, length};

	bpf_map_update_elem(&calls, &frame, &call, BPF_ANY);
	return 0;
}

/* It takes all, or nothing and says why. */
SEC("kretprobe/uio_k_tcp_write") int BPF_KRETPROBE(written, signed char error)
{
	unsigned long frame = PT_REGS_SP(ctx);
	struct call *call = bpf_map_lookup_elem(&calls, &frame);
	struct tcptop_bytes *b;

	if (call && error == 0) {
		b = find(call->pcb);
		if (b)
			b->sent += call->bytes;
	}
	bpf_map_delete_elem(&calls, &frame);
	return 0;
}

SEC("kprobe/uio_k_inet_tcp_queue") int BPF_KPROBE(received, struct inet_tcp *t, struct pbuf *p)
{
	struct tcptop_bytes *b = find(BPF_CORE_READ(t, pcb));

	if (b)
		b->received += BPF_CORE_READ(p, tot_len);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
