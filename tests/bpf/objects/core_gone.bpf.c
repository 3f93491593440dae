/* The offset of a member that the image does not have: the instruction is poisoned, the object still loads. */
// TARGET: image_types.bpf.c
// EXPECT: run 0: 85 r0 0 0 195896080
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

struct client {
	int gone;
} __attribute__((preserve_access_index));

SEC("syscall") int run(void *ctx) { return bpf_core_field_offset(struct client, gone); }
