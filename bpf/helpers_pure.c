/* pure */
/*
 * helpers_pure.c: the helpers that need nothing but maps and memory. Arguments are as bpf/helpers.tbl.h says, and the
 * verifier has seen to it that they are.
 */
#include "bpf/helper.h"

#include "bpf/csum.h"
#include "bpf/map.h"
#include "bpf/ringbuf.h"
#include "lib/errno.h"
#include "lib/str.h"

#define LOOPS_MAX (1u << 23) /* BPF_MAX_LOOPS */

/* Every helper has this signature; names are those of Linux. */
#define HELPER(NAME) static uint64_t NAME(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5)

HELPER(map_lookup_elem)
{
	struct bpf_map *map = (struct bpf_map *)r1;

	return map->ops->lookup ? (uint64_t)map->ops->lookup(map, (const void *)r2) : 0;
}

/* Returns what the kind's function OP makes of the map at r1, if it has one and no interrupted change is under way. */
#define CHANGE(OP, ...)                                                                  \
	do {                                                                             \
		struct bpf_map *map = (struct bpf_map *)r1;                              \
		int r;                                                                   \
                                                                                         \
		if (!map->ops->OP)                                                       \
			return (uint64_t)-ENOTSUPP;                                      \
		if (!bpf_map_enter(map))                                                 \
			return (uint64_t)-EBUSY;                                         \
		r = map->ops->OP(map, __VA_ARGS__);                                      \
		bpf_map_leave(map);                                                      \
		return (uint64_t)r;                                                      \
	} while (0)

HELPER(map_update_elem)
{
	CHANGE(update, (const void *)r2, (const void *)r3, r4);
}

HELPER(map_delete_elem)
{
	CHANGE(remove, (const void *)r2);
}

HELPER(map_lookup_percpu_elem)
{
	return (uint32_t)r3 == 0 ? map_lookup_elem(r1, r2, 0, 0, 0) : 0;
}

HELPER(map_push_elem)
{
	CHANGE(push, (const void *)r2, r3);
}

HELPER(map_pop_elem)
{
	CHANGE(pop, (void *)r2);
}

HELPER(map_peek_elem)
{
	struct bpf_map *map = (struct bpf_map *)r1;

	return (uint64_t)(map->ops->peek ? map->ops->peek(map, (void *)r2) : -ENOTSUPP);
}

HELPER(ringbuf_output)
{
	return (uint64_t)bpf_ringbuf_output((struct bpf_map *)r1, (const void *)r2, r3, r4);
}

HELPER(ringbuf_reserve)
{
	return r3 ? 0 : (uint64_t)bpf_ringbuf_reserve((struct bpf_map *)r1, r2);
}

HELPER(ringbuf_submit)
{
	bpf_ringbuf_submit((void *)r1, r2);
	return 0;
}

HELPER(ringbuf_discard)
{
	bpf_ringbuf_discard((void *)r1, r2);
	return 0;
}

HELPER(ringbuf_query)
{
	return bpf_ringbuf_query((struct bpf_map *)r1, r2);
}

HELPER(perf_event_output)
{
	return (uint64_t)bpf_event_output((struct bpf_map *)r2, r3, (const void *)r4, r5);
}

HELPER(loop)
{
	struct bpf_callback *cb = (struct bpf_callback *)r2;
	uint32_t count = (uint32_t)r1;

	if (r4)
		return (uint64_t)-EINVAL;
	if (count > LOOPS_MAX)
		return (uint64_t)-E2BIG;
	for (uint32_t i = 0; i < count; i++)
		if (cb->call(i, r3, 0, 0, 0, cb))
			return i + 1;
	return count;
}

struct visit {
	struct bpf_callback *callback;
	uint64_t ctx;
};

static uint64_t visit_elem(void *arg, struct bpf_map *map, const void *key, void *value)
{
	struct visit *v = arg;

	return v->callback->call((uint64_t)map, (uint64_t)key, (uint64_t)value, v->ctx, 0, v->callback);
}

HELPER(for_each_map_elem)
{
	struct bpf_map *map = (struct bpf_map *)r1;
	struct visit v = { (struct bpf_callback *)r2, r3 };
	uint64_t count = 0;

	if (r4 || !map->ops->for_each)
		return (uint64_t)-EINVAL;
	map->ops->for_each(map, visit_elem, &v, &count);
	return count;
}

/* r1 has r2 bytes, r3 ends somewhere. */
HELPER(strncmp_)
{
	return (uint64_t)(int64_t)strncmp((const char *)r1, (const char *)r3, (uint32_t)r2);
}

/* The value of a digit in any base, 36 if it is none. */
static unsigned digit(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	c |= 0x20;
	return c >= 'a' && c <= 'z' ? (unsigned)(c - 'a') + 10 : 36;
}

/*
 * A number at the start of N bytes in the base FLAGS (0: by its prefix), blanks before it. Returns the bytes it takes;
 * -EINVAL: no number; -ERANGE: it is larger than LIMIT (LIMIT + 1 if negative).
 */
static int64_t parse(const char *s, uint32_t n, uint64_t flags, bool is_signed, uint64_t *ret)
{
	uint64_t value = 0, limit = is_signed ? INT64_MAX : UINT64_MAX;
	unsigned base = (unsigned)flags & 31;
	bool negative = false, digits = false;
	uint32_t i = 0;

	if ((flags & ~31ull) || (base != 0 && base != 8 && base != 10 && base != 16))
		return -EINVAL;
	while (i < n && (s[i] == ' ' || (s[i] >= '\t' && s[i] <= '\r')))
		i++;
	if (i < n && s[i] == '-') {
		negative = true;
		i++;
	}
	if (negative && !is_signed)
		return -EINVAL;
	if (base == 0)
		base = i + 2 < n && s[i] == '0' && (s[i + 1] | 0x20) == 'x' && digit(s[i + 2]) < 16 ? 16 :
		       i < n && s[i] == '0'                                                          ? 8 :
		                                                                                       10;
	if (base == 16 && i + 2 < n && s[i] == '0' && (s[i + 1] | 0x20) == 'x' && digit(s[i + 2]) < 16)
		i += 2;
	limit += negative;
	for (; i < n && digit(s[i]) < base; i++, digits = true) {
		if (value > (limit - digit(s[i])) / base)
			return -ERANGE;
		value = value * base + digit(s[i]);
	}
	if (!digits)
		return -EINVAL;
	*ret = negative ? 0 - value : value;
	return i;
}

HELPER(strtol_)
{
	return (uint64_t)parse((const char *)r1, (uint32_t)r2, r3, true, (uint64_t *)r4);
}

HELPER(strtoul_)
{
	return (uint64_t)parse((const char *)r1, (uint32_t)r2, r3, false, (uint64_t *)r4);
}

/* (from, from_size, to, to_size, seed) */
HELPER(csum_diff_)
{
	if (((uint32_t)r2 | (uint32_t)r4) % 4)
		return (uint64_t)-EINVAL;
	return csum_diff((const void *)r1, (uint32_t)r2, (const void *)r3, (uint32_t)r4, (uint32_t)r5);
}

HELPER(zero)
{
	return 0;
}

void bpf_helpers_add_pure(struct bpf_helpers *helpers)
{
	static const struct {
		uint16_t number;
		bpf_helper_fn fn;
	} all[] = {
		{ BPF_FUNC_map_lookup_elem, map_lookup_elem },
		{ BPF_FUNC_map_update_elem, map_update_elem },
		{ BPF_FUNC_map_delete_elem, map_delete_elem },
		{ BPF_FUNC_map_lookup_percpu_elem, map_lookup_percpu_elem },
		{ BPF_FUNC_map_push_elem, map_push_elem },
		{ BPF_FUNC_map_pop_elem, map_pop_elem },
		{ BPF_FUNC_map_peek_elem, map_peek_elem },
		{ BPF_FUNC_ringbuf_output, ringbuf_output },
		{ BPF_FUNC_ringbuf_reserve, ringbuf_reserve },
		{ BPF_FUNC_ringbuf_submit, ringbuf_submit },
		{ BPF_FUNC_ringbuf_discard, ringbuf_discard },
		{ BPF_FUNC_ringbuf_query, ringbuf_query },
		{ BPF_FUNC_perf_event_output, perf_event_output },
		{ BPF_FUNC_loop, loop },
		{ BPF_FUNC_for_each_map_elem, for_each_map_elem },
		{ BPF_FUNC_csum_diff, csum_diff_ },
		{ BPF_FUNC_strncmp, strncmp_ },
		{ BPF_FUNC_strtol, strtol_ },
		{ BPF_FUNC_strtoul, strtoul_ },
		{ BPF_FUNC_get_smp_processor_id, zero },
		{ BPF_FUNC_get_numa_node_id, zero },
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		helpers->fn[all[i].number] = all[i].fn;
}
