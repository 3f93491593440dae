/* The longest prefix; elements that programs add and delete. */
// RUN: run = 1234
#include "guest.h"
struct key {
	unsigned prefix;
	unsigned char address[4];
};
struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 4);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct key);
	__type(value, int);
} trie SEC(".maps");
static int look(unsigned char a, unsigned char b)
{
	struct key k = {32, {a, b, 0, 1}};
	int *p = bpf_map_lookup_elem(&trie, &k);

	return p ? *p : 0;
}
SEC("syscall") int run(void *ctx)
{
	struct key all = {0, {0}}, ten = {8, {10}}, ten_one = {16, {10, 1}}, high = {1, {128}}, more = {24, {1, 2, 3}};
	int one = 1, two = 2, three = 3, r, *kept;

	bpf_map_update_elem(&trie, &all, &one, 0);
	bpf_map_update_elem(&trie, &ten, &two, 0);
	bpf_map_update_elem(&trie, &ten_one, &three, 0);
	bpf_map_update_elem(&trie, &high, &three, 0);
	if (bpf_map_update_elem(&trie, &more, &one, 0) != -28)
		return -1;
	r = look(127, 0) * 100 + look(10, 0) * 10 + look(10, 1);
	kept = bpf_map_lookup_elem(&trie, &ten_one);
	if (!kept)
		return -2;
	bpf_map_delete_elem(&trie, &ten_one);
	*kept = 77;
	return look(10, 1) == 2 && !bpf_map_update_elem(&trie, &more, &one, 0) ? r * 10 + 4 : r;
}
