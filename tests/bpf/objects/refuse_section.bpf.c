/* A variable in a section that is no section of variables. */
// EXPECT: refused: run: odd is in a section that programs cannot reach (attic)
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

int odd SEC("attic") = 3;
SEC("syscall") int run(void *ctx) { return odd; }
