/* Members that are elsewhere, larger, nested or gone in the image; types and enumerators that are or are not there. */
// TARGET: image_types.bpf.c
// EXPECT: offset 0: b7 r0 0 0 72
// EXPECT: nested 0: b7 r0 0 0 48
// EXPECT: exists 0: b7 r0 0 0 0
// EXPECT: size 0: b7 r0 0 0 80
// EXPECT: enumerator 0: 18 r0 0 0 5
// EXPECT: flavour 0: b7 r0 0 0 72
// EXPECT: element 0: b7 r0 0 0 28
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

struct client {
	int fd;
	unsigned long commands;
	int gone;
	int inside;
	int table[4];
} __attribute__((preserve_access_index));
struct client___old {
	unsigned long commands;
} __attribute__((preserve_access_index));
enum state { IDLE = 1, BUSY = 2 };

SEC("syscall") int offset(void *ctx) { return bpf_core_field_offset(struct client, commands); }
SEC("syscall") int nested(void *ctx) { return bpf_core_field_offset(struct client, inside); }
SEC("syscall") int exists(void *ctx) { return bpf_core_field_exists(struct client, gone); }
SEC("syscall") int size(void *ctx) { return bpf_core_type_size(struct client); }
SEC("syscall") long enumerator(void *ctx) { return bpf_core_enum_value(enum state, BUSY); }
SEC("syscall") int flavour(void *ctx) { return bpf_core_field_offset(struct client___old, commands); }
SEC("syscall") int element(void *ctx) { return bpf_core_field_offset(struct client, table[3]); }
