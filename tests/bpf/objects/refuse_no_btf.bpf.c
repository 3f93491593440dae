/* Maps without the types that describe them. */
// BREAK: llvm-objcopy -R .BTF -R .BTF.ext "$o"
// EXPECT: refused: section .maps: no BTF describes it (compile with -g)
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, int);
	__type(value, int);
} m SEC(".maps");
