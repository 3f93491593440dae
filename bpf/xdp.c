/* pure */
/* xdp.c: see xdp.h. */
#include "bpf/xdp.h"

#include "lib/errno.h"
#include "lib/str.h"

#define HELPER(name) static uint64_t name(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5)

/* Has at least `bytes` bytes of room before the metadata, or moves all up by what is missing. False: there is none. */
static bool make_room(struct bpf_xdp_packet *p, uint64_t bytes)
{
	struct bpf_xdp_context *c = &p->context;
	uint64_t there = (uint64_t)(c->data_meta - p->room), missing;

	if (bytes <= there)
		return true;
	missing = bytes - there;
	if (missing > (uint64_t)(p->room_end - c->data_end))
		return false;
	memmove(c->data_meta + missing, c->data_meta, (size_t)(c->data_end - c->data_meta));
	c->data_meta += missing;
	c->data += missing;
	c->data_end += missing;
	return true;
}

/* (ctx, delta): the packet starts delta bytes later, or earlier; its metadata move along. */
HELPER(adjust_head)
{
	struct bpf_xdp_packet *p = (struct bpf_xdp_packet *)r1;
	struct bpf_xdp_context *c = &p->context;
	int64_t delta = (int32_t)r2;

	if (delta > c->data_end - c->data - BPF_XDP_HEADER || (delta < 0 && !make_room(p, (uint64_t)-delta)))
		return (uint64_t)-EINVAL;
	memmove(c->data_meta + delta, c->data_meta, (size_t)(c->data - c->data_meta));
	c->data_meta += delta;
	c->data += delta;
	p->removed += (int32_t)delta;
	return 0;
}

/* (ctx, delta): it ends later, with zeros, or earlier. */
HELPER(adjust_tail)
{
	struct bpf_xdp_packet *p = (struct bpf_xdp_packet *)r1;
	struct bpf_xdp_context *c = &p->context;
	int64_t delta = (int32_t)r2;

	if (delta > p->room_end - c->data_end || delta < c->data + BPF_XDP_HEADER - c->data_end)
		return (uint64_t)-EINVAL;
	if (delta > 0)
		memset(c->data_end, 0, (size_t)delta);
	c->data_end += delta;
	return 0;
}

/* (ctx, delta): the metadata start delta bytes later, or earlier. */
HELPER(adjust_meta)
{
	struct bpf_xdp_packet *p = (struct bpf_xdp_packet *)r1;
	struct bpf_xdp_context *c = &p->context;
	int64_t size = c->data - c->data_meta - (int32_t)r2;

	if (size < 0)
		return (uint64_t)-EINVAL;
	if (size % 4 || size > BPF_XDP_META_MAX)
		return (uint64_t)-EACCES;
	if ((int32_t)r2 < 0) {
		if (!make_room(p, (uint64_t) - (int64_t)(int32_t)r2))
			return (uint64_t)-EINVAL;
		/* What lies there may be anything. */
		memset(c->data - size, 0, (size_t)(c->data_meta - (c->data - size)));
	}
	c->data_meta = c->data - size;
	return 0;
}

HELPER(get_buff_len)
{
	const struct bpf_xdp_context *c = (const struct bpf_xdp_context *)r1;

	return (uint64_t)(c->data_end - c->data);
}

/* 0, or what a copy of bytes that the packet has not got returns. */
static int check(const struct bpf_xdp_context *c, uint32_t offset, uint32_t size)
{
	if (offset > 0xffff || size > 0xffff)
		return -EFAULT;
	return (int64_t)offset + size > c->data_end - c->data ? -EINVAL : 0;
}

/* (ctx, offset, buffer, size) */
HELPER(load_bytes)
{
	const struct bpf_xdp_context *c = (const struct bpf_xdp_context *)r1;
	int r = check(c, (uint32_t)r2, (uint32_t)r4);

	if (r == 0)
		memmove((void *)r3, c->data + (uint32_t)r2, (uint32_t)r4);
	return (uint64_t)r;
}

HELPER(store_bytes)
{
	const struct bpf_xdp_context *c = (const struct bpf_xdp_context *)r1;
	int r = check(c, (uint32_t)r2, (uint32_t)r4);

	if (r == 0)
		memmove(c->data + (uint32_t)r2, (const void *)r3, (uint32_t)r4);
	return (uint64_t)r;
}

void bpf_helpers_add_xdp(struct bpf_helpers *helpers)
{
	helpers->fn[BPF_FUNC_xdp_adjust_head] = adjust_head;
	helpers->fn[BPF_FUNC_xdp_adjust_tail] = adjust_tail;
	helpers->fn[BPF_FUNC_xdp_adjust_meta] = adjust_meta;
	helpers->fn[BPF_FUNC_xdp_get_buff_len] = get_buff_len;
	helpers->fn[BPF_FUNC_xdp_load_bytes] = load_bytes;
	helpers->fn[BPF_FUNC_xdp_store_bytes] = store_bytes;
}
