/* argdist.bpf.c: which values an argument of a function, or its return value, has, or what these point to. */
#include <linux/bpf.h>
#include <linux/ptrace.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "tools/argdist.h"
#include "tools/log2.bpf.h"

const volatile unsigned char steps = 0;
const volatile unsigned int offsets[ARGDIST_STEPS] = {};
/* Of the value that counts: 1, 2, 4 or 8 bytes; 0: it is a string. */
const volatile unsigned char size = 8;
const volatile unsigned char is_signed = 0;
const volatile unsigned char histogram = 0;

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, LOG2_SLOTS);
	__type(key, unsigned int);
	__type(value, unsigned long);
} slots SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, unsigned long);
	__type(value, unsigned long);
} values SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, struct argdist_string);
	__type(value, unsigned long);
} strings SEC(".maps");

unsigned long calls, unreadable, no_room;

static void add(void *map, const void *key)
{
	unsigned long *n = bpf_map_lookup_elem(map, key), one = 1;

	if (n)
		__sync_fetch_and_add(n, 1);
	else if (bpf_map_update_elem(map, key, &one, BPF_NOEXIST) < 0)
		no_room++;
}

/* The lower `size` bytes, with their sign. */
static unsigned long cut(unsigned long v)
{
	switch (size) {
	case 1:
		return is_signed ? (unsigned long)(signed char)v : (unsigned char)v;
	case 2:
		return is_signed ? (unsigned long)(short)v : (unsigned short)v;
	case 4:
		return is_signed ? (unsigned long)(int)v : (unsigned int)v;
	}
	return v;
}

static int look(unsigned long v)
{
	struct argdist_string s = {};

	calls++;
	for (int i = 0; i < ARGDIST_STEPS; i++) {
		unsigned int n = i == steps - 1 && size ? size : 8;
		unsigned long next = 0;

		if (i >= steps)
			break;
		if (bpf_probe_read_user(&next, n & 15, (void *)(v + offsets[i])) < 0) {
			unreadable++;
			return 0;
		}
		v = next;
	}
	if (!size) {
		if (bpf_probe_read_user_str(&s, sizeof(s), (void *)v) < 0) {
			unreadable++;
			return 0;
		}
		add(&strings, &s);
		return 0;
	}
	v = cut(v);
	if (histogram) {
		/* Negative values count in slot 0. */
		unsigned int slot = is_signed && (long)v < 0 ? 0 : log2_slot(v);
		unsigned long *n = bpf_map_lookup_elem(&slots, &slot);

		if (n)
			__sync_fetch_and_add(n, 1);
	} else {
		add(&values, &v);
	}
	return 0;
}

/* One of them is put on the function: the context is read at fixed places only. */
SEC("kprobe") int arg1(struct pt_regs *ctx)
{
	return look(PT_REGS_PARM1(ctx));
}

SEC("kprobe") int arg2(struct pt_regs *ctx)
{
	return look(PT_REGS_PARM2(ctx));
}

SEC("kprobe") int arg3(struct pt_regs *ctx)
{
	return look(PT_REGS_PARM3(ctx));
}

SEC("kprobe") int arg4(struct pt_regs *ctx)
{
	return look(PT_REGS_PARM4(ctx));
}

SEC("kprobe") int arg5(struct pt_regs *ctx)
{
	return look(PT_REGS_PARM5(ctx));
}

SEC("kprobe") int arg6(struct pt_regs *ctx)
{
	return look(ctx->r9);
}

SEC("kretprobe") int ret(struct pt_regs *ctx)
{
	return look(PT_REGS_RC(ctx));
}

char LICENSE[] SEC("license") = "GPL";
