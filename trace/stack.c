/* stack.c: see stack.h. */
#include "trace/stack.h"

#include "bpf/helper.h"
#include "bpf/insn.h"
#include "bpf/map.h"
#include "bpf/stack_trace.h"
#include "trace/run.h"
#include "trace/unwind.h"

/* Programs do not run inside each other. */
static uint64_t ips[BPF_MAX_STACK_DEPTH];

static uint32_t take(uint64_t flags, uint32_t max)
{
	enum unwind_from from = flags & BPF_F_USER_STACK ? UNWIND_APPLICATION : UNWIND_ALL;

	if (!trace_regs)
		return 0;
	return unwind(trace_regs, from, flags & BPF_F_SKIP_FIELD_MASK, ips, MIN(max, (uint32_t)BPF_MAX_STACK_DEPTH));
}

uint64_t stack_get_id(uint64_t ctx, uint64_t r2, uint64_t flags, uint64_t unused4, uint64_t unused5)
{
	struct bpf_map *map = (struct bpf_map *)r2;

	/* Linux, kernel/bpf/stackmap.c, bpf_get_stackid(). The map refuses what it does not know. */
	return (uint64_t)bpf_stack_trace_put(map, ips, take(flags, map->value_size / 8), flags);
}

uint64_t stack_get(uint64_t ctx, uint64_t buf, uint64_t size, uint64_t flags, uint64_t unused5)
{
	uint32_t room = (uint32_t)size, n;

	memset((void *)buf, 0, room);
	/* Build-ids (BPF_F_USER_BUILD_ID) there are none. Linux, __bpf_get_stack(). */
	if (flags & ~(BPF_F_SKIP_FIELD_MASK | BPF_F_USER_STACK) || room % 8)
		return (uint64_t)-EINVAL;
	n = take(flags, room / 8);
	if (!n)
		return (uint64_t)-EFAULT;
	memcpy((void *)buf, ips, n * 8);
	return n * 8;
}

bool stack_is_wanted(const struct bpf_prog *p)
{
	for (uint32_t i = 0; i < p->insn_count; i++)
		if (p->insns[i].code == (BPF_JMP | BPF_CALL) && p->insns[i].src_reg == 0 &&
		    (p->insns[i].imm == BPF_FUNC_get_stackid || p->insns[i].imm == BPF_FUNC_get_stack))
			return true;
	return false;
}
