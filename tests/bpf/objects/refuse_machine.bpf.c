/* An object for another machine. */
// BREAK: echo 'int x;' | clang -x c -c - -o "$o"
// EXPECT: refused: it is no ELF object for BPF (clang -target bpf)
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

