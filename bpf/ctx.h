/* pure */
/*
 * ctx.h: contexts, what r1 points at when a program starts, as programs here get them once they are verified.
 *
 * kprobe, perf_event: struct pt_regs first, x86-64's of Linux (168 bytes); perf_event: then two numbers.
 * tracepoint, raw_tracepoint: as Linux lays them out; how far a program reads is in bpf_verify_result.context_size, to
 * be compared with the event when the program is attached. xdp: struct xdp_md has 32-bit fields for pointers, so the
 * verifier rewrites its loads for struct bpf_xdp_context.
 */
#ifndef BPF_CTX_H
#define BPF_CTX_H

#include <stddef.h>
#include <stdint.h>

/* arch/x86/include/uapi/asm/ptrace.h, struct pt_regs of 64-bit user space. */
struct bpf_pt_regs {
	uint64_t r15, r14, r13, r12, rbp, rbx, r11, r10, r9, r8, rax, rcx, rdx, rsi, rdi;
	uint64_t orig_rax, rip, cs, eflags, rsp, ss;
};
_Static_assert(sizeof(struct bpf_pt_regs) == 168, "21 registers");

/* include/uapi/linux/bpf_perf_event.h */
struct bpf_perf_event_context {
	struct bpf_pt_regs regs;
	uint64_t sample_period;
	uint64_t addr;
};

/* What a verified xdp program's loads from struct xdp_md become loads from. */
struct bpf_xdp_context {
	uint8_t *data;
	uint8_t *data_end;
	uint8_t *data_meta;
	uint32_t ingress_ifindex;
	uint32_t rx_queue_index;
};

/* include/uapi/linux/bpf.h, struct xdp_md */
enum {
	BPF_XDP_MD_DATA = 0,
	BPF_XDP_MD_DATA_END = 4,
	BPF_XDP_MD_DATA_META = 8,
	BPF_XDP_MD_IFINDEX = 12,
	BPF_XDP_MD_QUEUE = 16
};

/* The most bytes of arguments that a run-once program may be given. */
#define BPF_SYSCALL_CONTEXT_MAX 65535

#endif
