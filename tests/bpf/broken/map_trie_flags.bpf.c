/* A trie without BPF_F_NO_PREALLOC, which Linux asks for. */
// REFUSED: map map: lpm_trie with key 8, value 4, 4 entries, flags 0x0 is refused
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 4);
	__uint(key_size, 8);
	__type(value, int);
} map SEC(".maps");
SEC("syscall") int run(void *ctx)
{
	return bpf_map_lookup_elem(&map, (int[1]){0}) != 0;
}
