/* pure */
/*
 * jit_call.c: calls: of helpers, of the program's own functions, and tail calls. Look-ups in a map that is known here go
 * straight to its kind's function, and those in arrays need no call at all.
 */
#include "bpf/jit_x86.h"

#include "bpf/check.h"
#include "bpf/map.h"
#include "bpf/verify.h"

/* rax = address of the value whose index rsi points at, or 0. rdi (the map) is known. What is found takes no jump. */
static void array_lookup(struct jit *j, const struct bpf_map *map)
{
	uint32_t outside;

	x86_rm(j, W32, 0x8b, R11, RSI, 0);
	x86_mov_imm(j, RAX, 0);
	x86_group1(j, W32, 7, R11, (int32_t)map->max_entries);
	outside = x86_skip(j, CC_AE);
	if ((map->elem_size & (map->elem_size - 1)) == 0) {
		x86_rr(j, W64, 0xc1, 4, R11); /* shl */
		x86_byte(j, (unsigned)__builtin_ctz(map->elem_size));
	} else {
		x86_rr(j, W64, 0x69, R11, R11); /* imul; sizes are below 4 MiB */
		x86_u32(j, map->elem_size);
	}
	x86_mov_imm(j, RAX, (uint64_t)map->values);
	x86_rr(j, W64, 0x01, R11, RAX);
	x86_land(j, outside);
}

/* Helpers that need no call, or another than the general one. False: call it. */
static bool known_helper(struct jit *j, uint32_t at)
{
	uint32_t number = (uint32_t)j->prog->insns[at].imm;
	const struct bpf_map *map = j->r1_map;

	if (j->options->facts && j->options->facts[at].map)
		map = j->prog->maps[j->options->facts[at].map - 1];
	if (number == BPF_FUNC_get_smp_processor_id || number == BPF_FUNC_get_numa_node_id) {
		x86_mov_imm(j, RAX, 0);
		return true;
	}
	if (number != BPF_FUNC_map_lookup_elem || !map || !map->ops->lookup)
		return false;
	if (map->type == BPF_MAP_TYPE_ARRAY || map->type == BPF_MAP_TYPE_PERCPU_ARRAY)
		array_lookup(j, map);
	else
		x86_call(j, (uint64_t)map->ops->lookup);
	return true;
}

/* r1 context, r2 map, r3 index. The context stays in rdi all the way. */
static void tail_call(struct jit *j)
{
	bool nested = j->insn >= j->prog->subprogs[0].end;
	unsigned counts = nested ? NESTED_TAIL_CALL : 1;
	uint32_t out[4];

	x86_mov(j, W32, RDX, RDX);
	x86_rm(j, W32, 0x39, RDX, RSI, (int32_t)offsetof(struct bpf_map, max_entries)); /* cmp [], edx */
	out[0] = x86_skip(j, CC_BE);
	x86_rm(j, W64, 0x8b, R9, RBP, -(int32_t)j->frame.tail_at);
	x86_rm(j, W32, 0x83, 7, R9, 0); /* cmp dword [r9], imm8 */
	x86_byte(j, MAX_TAIL_CALL_CNT + 1 - counts);
	out[1] = x86_skip(j, CC_AE);
	x86_rm(j, W64, 0x8b, R11, RSI, (int32_t)offsetof(struct bpf_map, impl));
	/* mov r11, [r11 + 8 * rdx]: struct bpf_prog * */
	x86_byte(j, 0x4d);
	x86_byte(j, 0x8b);
	x86_byte(j, 0x1c);
	x86_byte(j, 0xd3);
	x86_rr(j, W64, 0x85, R11, R11);
	out[2] = x86_skip(j, CC_E);
	x86_rm(j, W64, 0x8b, R11, R11, (int32_t)offsetof(struct bpf_prog, jited_tail));
	x86_rr(j, W64, 0x85, R11, R11);
	out[3] = x86_skip(j, CC_E);
	x86_rm(j, W32, 0x83, 0, R9, 0); /* add dword [r9], imm8 */
	x86_byte(j, counts);
	x86_mov(j, W64, RAX, R9);
	jit_leave(j);
	x86_rr(j, W32, 0xff, 4, R11); /* jmp r11 */
	for (int i = 0; i < 4; i++)
		x86_land(j, out[i]);
}

static void call_function(struct jit *j, uint32_t at)
{
	int callee = bpf_subprog_at(j->prog, at + 1 + (uint32_t)j->prog->insns[at].imm);

	if (j->prog->subprogs[callee].has_tail_call)
		x86_rm(j, W64, 0x8b, RAX, RBP, -(int32_t)j->frame.tail_at);
	x86_byte(j, 0xe8);
	x86_u32(j, j->entries[callee] - (j->at + 4));
}

void jit_call(struct jit *j, uint32_t at)
{
	const struct bpf_insn *insn = &j->prog->insns[at];

	if (BPF_SRC(insn->code) == BPF_X) {
		x86_mov(j, W64, R9, x86_of(insn->dst_reg));
		x86_call(j, (uint64_t)j->helpers->callx);
	} else if (insn->src_reg == BPF_PSEUDO_CALL) {
		call_function(j, at);
	} else if (insn->imm == BPF_FUNC_tail_call) {
		tail_call(j);
	} else if (!known_helper(j, at)) {
		x86_call(j, (uint64_t)j->helpers->fn[insn->imm]);
	}
	j->r1_map = NULL;
}
