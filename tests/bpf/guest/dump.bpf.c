/* Maps and variables of every sort of type, for `uio bpf map dump`: tests/bpf/run-dump.sh says what it prints. */
// RUN: run = 0
#include "guest.h"
enum colour { RED, GREEN = 5 };
typedef unsigned short port_t;
struct key {
	int a;
	char name[8];
};
struct value {
	long sum;
	port_t ports[3];
	unsigned char raw[3];
	enum colour colour;
	_Bool yes;
	int three : 3;
	unsigned long wide : 40;
	union {
		int number;
		char letter;
	};
	void *where;
	double half;
};
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4);
	__type(key, struct key);
	__type(value, struct value);
} things SEC(".maps");
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 2);
	__type(key, int);
	__type(value, long[700]);
} large SEC(".maps");
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(key_size, 4);
	__uint(value_size, 4);
} bytes SEC(".maps");
long first = 7, second = -8;
struct key third = {3, "three"};
SEC("syscall") int run(void *ctx)
{
	struct key k = {1, "one"};
	struct value v = {-5, {1, 2, 65535}, {0, 1, 255}, GREEN, 1, -2, 0x123456789a, {65}, (void *)0x1234, 0};
	int last = 1, zero = 0, four = 4;
	long *l = bpf_map_lookup_elem(&large, &last);

	if (!l)
		return 1;
	l[699] = -1;
	*(long *)&v.half = 0x3fe0000000000000;
	bpf_map_update_elem(&bytes, &zero, &four, 0);
	return bpf_map_update_elem(&things, &k, &v, 0);
}
