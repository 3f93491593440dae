/* A section of Linux's without a hook here, and one of nobody's. */
// EXPECT: program a: section fentry/read has no hook here
// EXPECT: program b: section breakfast means nothing
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("fentry/read") int a(void *ctx) { return 0; }
SEC("breakfast") int b(void *ctx) { return 0; }
