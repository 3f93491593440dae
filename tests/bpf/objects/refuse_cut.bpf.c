/* A file that ends early. */
// BREAK: truncate -s 700 "$o"
// EXPECT: refused: the table of sections is damaged, or has more than 512
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("syscall") int run(void *ctx) { return 1; }
