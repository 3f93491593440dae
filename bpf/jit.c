/* pure */
/*
 * jit.c: compiles a program: passes over its instructions until no jump gets shorter any more, the last of which wrote the
 * code. What an instruction becomes is in the other jit_*.c.
 */
#include "bpf/jit.h"

#include "bpf/check.h"
#include "bpf/interp.h"
#include "bpf/jit_x86.h"
#include "bpf/map.h"
#include "lib/errno.h"

#define PASSES 12 /* most programs take 3 to 5 */

/* Marks the instructions that jumps lead to: what is known about registers ends there. */
static void mark_targets(struct jit *j)
{
	const struct bpf_prog *prog = j->prog;

	for (uint32_t i = 0; i <= prog->insn_count; i++)
		j->place[i] = 0;
	for (uint32_t at = 0; at < prog->insn_count; at++) {
		const struct bpf_insn *insn = &prog->insns[at];
		unsigned class = BPF_CLASS(insn->code);
		int32_t off = insn->code == (BPF_JMP32 | BPF_JA) ? insn->imm : insn->off;

		if ((class == BPF_JMP || class == BPF_JMP32) && BPF_OP(insn->code) != BPF_CALL &&
		    BPF_OP(insn->code) != BPF_EXIT)
			j->place[at + 1 + (uint32_t)off] |= PLACE_TARGET;
	}
}

/* The 16-byte instruction. */
static void load_constant(struct jit *j, uint32_t at)
{
	const struct bpf_insn *insn = &j->prog->insns[at];
	unsigned dst = x86_of(insn->dst_reg);
	uint64_t address = 0;
	uint32_t slot = 0;
	int callee;

	switch (insn->src_reg) {
	case 0:
		x86_mov_imm(j, dst, (uint32_t)insn->imm | (uint64_t)(uint32_t)insn[1].imm << 32);
		return;
	case BPF_PSEUDO_MAP_FD:
	case BPF_PSEUDO_MAP_IDX:
		x86_mov_imm(j, dst, (uint64_t)j->prog->maps[insn->imm]);
		return;
	case BPF_PSEUDO_FUNC:
		/* lea dst, [rip + its entry in the table of callbacks] */
		callee = bpf_subprog_at(j->prog, at + 1 + (uint32_t)insn->imm);
		for (int i = 0; i < callee; i++)
			slot += j->prog->subprogs[i].is_callback;
		x86_opcode(j, W64, 0x8d, dst, 0);
		x86_byte(j, (dst & 7) << 3 | 5);
		x86_u32(j, j->table + slot * 8 - (j->at + 4));
		return;
	default:
		bpf_map_value_address(j->prog->maps[insn->imm], (uint32_t)insn[1].imm, &address);
		x86_mov_imm(j, dst, address);
		return;
	}
}

/* What the instruction at AT does to the knowledge about r1. */
static void follow_r1(struct jit *j, const struct bpf_insn *insn)
{
	unsigned class = BPF_CLASS(insn->code);

	if (bpf_is_lddw(insn) && insn->dst_reg == BPF_REG_1) {
		bool map = insn->src_reg == BPF_PSEUDO_MAP_FD || insn->src_reg == BPF_PSEUDO_MAP_IDX;

		j->r1_map = map ? j->prog->maps[insn->imm] : NULL;
	} else if (insn->dst_reg == BPF_REG_1 && class != BPF_ST && class != BPF_STX && class != BPF_JMP &&
	           class != BPF_JMP32) {
		j->r1_map = NULL;
	} else if (class == BPF_STX && BPF_MODE(insn->code) == BPF_ATOMIC && insn->src_reg == BPF_REG_1) {
		j->r1_map = NULL;
	}
}

static void compile_insn(struct jit *j, uint32_t at)
{
	const struct bpf_insn *insn = &j->prog->insns[at];

	switch (BPF_CLASS(insn->code)) {
	case BPF_ALU:
	case BPF_ALU64:
		jit_alu(j, insn);
		break;
	case BPF_LD:
		load_constant(j, at);
		break;
	case BPF_LDX:
	case BPF_ST:
	case BPF_STX:
		jit_memory(j, insn);
		break;
	default:
		if (BPF_OP(insn->code) == BPF_CALL) {
			jit_call(j, at);
		} else if (BPF_OP(insn->code) == BPF_EXIT) {
			jit_leave(j);
			x86_byte(j, 0xc3);
		} else {
			jit_compare(j, at);
		}
	}
	follow_r1(j, insn);
}

/* Sets a place; true if that changes it. */
static bool set_place(struct jit *j, uint32_t i)
{
	uint32_t was = j->place[i];

	j->place[i] = (was & ~PLACE_OFFSET) | j->at;
	return j->place[i] != was;
}

/*
 * A way in from C for a function that makes tail calls: their count lives in a frame of its own, for the whole run, and
 * the function gets its address in rax.
 */
#define WAY_IN_SIZE 12
static void way_in(struct jit *j, uint32_t function)
{
	x86_byte(j, 0x6a); /* push 0 */
	x86_byte(j, 0);
	x86_mov(j, W64, RAX, RSP);
	x86_byte(j, 0xe8);
	x86_u32(j, j->entries[function] - (j->at + 4));
	x86_pop(j, RCX);
	x86_byte(j, 0xc3);
}

/* Entries of struct bpf_callback, and before them the ways in of those callbacks that make tail calls. */
static bool callbacks(struct jit *j)
{
	const struct bpf_prog *prog = j->prog;
	uint32_t next_way_in = j->at;
	bool changed;

	for (uint32_t i = 0; i < prog->subprog_count; i++)
		if (prog->subprogs[i].is_callback && prog->subprogs[i].has_tail_call)
			way_in(j, i);
	while (j->at & 7)
		x86_byte(j, 0xcc);
	changed = j->table != j->at;
	j->table = j->at;
	for (uint32_t i = 0; i < prog->subprog_count; i++) {
		const struct bpf_subprog *f = &prog->subprogs[i];
		uint32_t start = j->entries[i];

		if (!f->is_callback)
			continue;
		if (f->has_tail_call) {
			start = next_way_in;
			next_way_in += WAY_IN_SIZE;
		}
		x86_u64(j, j->options->address + start);
	}
	return changed;
}

/* One pass. True if some place has changed, so that there has to be another. */
static bool pass(struct jit *j, struct bpf_jit_info *info)
{
	const struct bpf_prog *prog = j->prog;
	bool changed = false;

	j->at = 0;
	info->entry = 0;
	if (prog->subprogs[0].has_tail_call)
		way_in(j, 0);
	info->tail = j->at;
	for (uint32_t i = 0; i < prog->subprog_count; i++) {
		const struct bpf_subprog *f = &prog->subprogs[i];

		jit_plan_frame(j, f);
		j->r1_map = NULL;
		changed |= j->entries[i] != j->at;
		j->entries[i] = j->at;
		jit_enter(j);
		for (uint32_t at = f->start; at < f->end; at++) {
			changed |= set_place(j, at);
			j->insn = at;
			if (j->options->relax && at % 512 == 0)
				j->options->relax();
			if (j->place[at] & PLACE_TARGET)
				j->r1_map = NULL;
			compile_insn(j, at);
			if (bpf_is_lddw(&prog->insns[at]))
				changed |= set_place(j, ++at);
		}
	}
	changed |= set_place(j, prog->insn_count);
	changed |= callbacks(j);
	info->size = j->at;
	j->first_pass = false;
	return changed;
}

int bpf_jit(const struct bpf_prog *prog, const struct bpf_helpers *helpers, const struct bpf_jit_options *options,
            uint32_t *scratch, uint8_t *out, size_t size, struct bpf_jit_info *ret_info,
            struct bpf_refusal *ret_refusal)
{
	struct jit j = {
		.prog = prog,
		.helpers = helpers,
		.options = options,
		.place = scratch,
		.entries = scratch + prog->insn_count + 1,
		.out = out,
		.size = out ? size : 0,
		.first_pass = true,
	};
	int r = bpf_check_helpers(prog, helpers, ret_refusal);

	if (r < 0)
		return r;
	mark_targets(&j);
	/* A chain of jumps may get shorter one jump a pass: after a while the rest stays long. */
	for (unsigned passes = 1; pass(&j, ret_info); passes++)
		j.last_passes = passes >= PASSES;
	return out && ret_info->size > size ? -E2BIG : 0;
}
