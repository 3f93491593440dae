/* A function that nobody defines. */
// EXPECT: refused: run: it calls bpf_of_the_kernel, which no helper is and nobody defines
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

extern int bpf_of_the_kernel(void) __ksym;
SEC("syscall") int run(void *ctx) { return bpf_of_the_kernel(); }
