/* pure */
/*
 * verify_cfg.c: what can be said of a program without simulating it: which instructions follow which, which are never
 * reached, which registers may still be read. bpf_check_structure() has seen to it that all jumps lead somewhere.
 */
#include "bpf/verify_priv.h"

#include "bpf/check.h"

unsigned cfg_successors(const struct bpf_prog *prog, uint32_t pc, uint32_t next[2])
{
	const struct bpf_insn *insn = &prog->insns[pc];
	unsigned class = BPF_CLASS(insn->code);

	next[0] = pc + 1;
	if (bpf_is_lddw(insn)) {
		next[0] = pc + 2;
		return 1;
	}
	if (class != BPF_JMP && class != BPF_JMP32)
		return 1;
	switch (BPF_OP(insn->code)) {
	case BPF_EXIT:
		return 0;
	case BPF_CALL:
		return 1;
	case BPF_JA:
		next[0] = (uint32_t)((int64_t)pc + 1 + (class == BPF_JMP ? insn->off : insn->imm));
		return 1;
	default:
		next[1] = (uint32_t)((int64_t)pc + 1 + insn->off);
		return 2;
	}
}

int cfg_target(const struct bpf_prog *prog, uint32_t pc)
{
	const struct bpf_insn *insn = &prog->insns[pc];

	if ((insn->code == (BPF_JMP | BPF_CALL) && insn->src_reg == BPF_PSEUDO_CALL) ||
	    (bpf_is_lddw(insn) && insn->src_reg == BPF_PSEUDO_FUNC))
		return bpf_subprog_at(prog, (uint32_t)((int64_t)pc + 1 + insn->imm));
	return -1;
}

static bool is_call(const struct bpf_insn *insn)
{
	return insn->code == (BPF_JMP | BPF_CALL);
}

/* Marks what a walk from the main function meets, functions included. */
static void reach(struct verifier *v)
{
	uint32_t count = 1;

	v->work[0] = 0;
	v->aux[0].flags |= AUX_REACHED;
	v->function[0].reached = true;
	while (count) {
		uint32_t pc = v->work[--count];
		uint32_t next[3];
		unsigned n = cfg_successors(v->prog, pc, next);
		int target = cfg_target(v->prog, pc);

		if (target >= 0) {
			v->function[target].reached = true;
			next[n++] = v->prog->subprogs[target].start;
		}
		for (unsigned i = 0; i < n; i++)
			if (!(v->aux[next[i]].flags & AUX_REACHED)) {
				v->aux[next[i]].flags |= AUX_REACHED;
				v->work[count++] = next[i];
			}
	}
}

static int refuse_unreached(struct verifier *v)
{
	for (uint32_t pc = 0; pc < v->prog->insn_count; pc++) {
		v->pc = pc;
		if (!(v->aux[pc].flags & AUX_REACHED))
			return refuse(v, "no path leads here");
		if (bpf_is_lddw(&v->prog->insns[pc]))
			pc++;
	}
	return 0;
}

static void find_predecessors(struct verifier *v)
{
	uint32_t n = v->prog->insn_count;
	uint32_t next[2];

	/* Count, sum up, fill from the end of each: pred_start ends up where it shall be. */
	for (uint32_t pc = 0; pc < n; pc++)
		if (v->aux[pc].flags & AUX_REACHED)
			for (unsigned i = cfg_successors(v->prog, pc, next); i--;)
				v->pred_start[next[i]]++;
	for (uint32_t pc = 0, sum = 0; pc <= n; pc++) {
		sum += pc < n ? v->pred_start[pc] : 0;
		v->pred_start[pc] = sum;
	}
	for (uint32_t pc = 0; pc < n; pc++)
		if (v->aux[pc].flags & AUX_REACHED)
			for (unsigned i = cfg_successors(v->prog, pc, next); i--;)
				v->pred[--v->pred_start[next[i]]] = pc;
}

static unsigned bit(unsigned reg)
{
	return reg < BPF_REG_10 ? 1u << reg : 0;
}

static void call_uses(const struct bpf_insn *insn, unsigned *use)
{
	const struct bpf_helper_proto *proto;

	*use = 0x3e;
	if (insn->src_reg != 0)
		return;
	proto = bpf_helper_proto((uint32_t)insn->imm);
	for (int i = 4; proto && i >= 0 && proto->arg[i] == ARG_DONTCARE; i--)
		*use &= ~(1u << (i + 1));
}

/* Registers that the instruction reads, and those that it overwrites without a look. */
static void uses_of(const struct bpf_insn *insn, unsigned *use, unsigned *def)
{
	unsigned class = BPF_CLASS(insn->code), op = BPF_OP(insn->code);
	unsigned dst = bit(insn->dst_reg), src = bit(insn->src_reg);

	*use = *def = 0;
	switch (class) {
	case BPF_LD:
		*def = dst;
		break;
	case BPF_LDX:
		*use = src;
		*def = dst;
		break;
	case BPF_ST:
		*use = dst;
		break;
	case BPF_STX:
		*use = dst | src;
		if (BPF_MODE(insn->code) == BPF_ATOMIC && insn->imm == BPF_CMPXCHG)
			*use |= 1;
		break;
	case BPF_ALU:
	case BPF_ALU64:
		*use = BPF_SRC(insn->code) == BPF_X && op != BPF_END ? src : 0;
		if (op == BPF_MOV)
			*def = dst;
		else
			*use |= dst;
		break;
	default:
		if (op == BPF_CALL) {
			call_uses(insn, use);
			*def = 0x3f;
		} else if (op == BPF_EXIT) {
			*use = 1;
		} else if (op != BPF_JA) {
			*use = dst | (BPF_SRC(insn->code) == BPF_X ? src : 0);
		}
	}
}

/* Backwards, again until nothing changes: a program without loops takes two rounds. */
static void find_live(struct verifier *v)
{
	bool changed = true;

	while (changed) {
		changed = false;
		for (uint32_t pc = v->prog->insn_count; pc--;) {
			uint32_t next[2];
			unsigned use, def, live = 0;

			if (!(v->aux[pc].flags & AUX_REACHED))
				continue;
			uses_of(&v->prog->insns[pc], &use, &def);
			for (unsigned i = cfg_successors(v->prog, pc, next); i--;)
				live |= v->aux[next[i]].live;
			live = (live & ~def) | use;
			changed |= live != v->aux[pc].live;
			v->aux[pc].live = (uint16_t)live;
		}
		if (v->options->relax)
			v->options->relax();
	}
}

/* States are compared where paths meet, and behind each call and branch. */
static void find_prune_points(struct verifier *v)
{
	for (uint32_t pc = 0; pc < v->prog->insn_count; pc++) {
		const struct bpf_insn *insn = &v->prog->insns[pc];
		uint32_t next[2];
		unsigned n = cfg_successors(v->prog, pc, next);

		if (!(v->aux[pc].flags & AUX_REACHED))
			continue;
		if (n == 2)
			v->aux[next[1]].flags |= AUX_PRUNE;
		if (n == 2 || (n == 1 && next[0] != pc + 1 && !bpf_is_lddw(insn)))
			v->aux[next[0]].flags |= AUX_PRUNE;
		if (is_call(insn) && insn->src_reg == BPF_PSEUDO_CALL)
			v->aux[pc + 1].flags |= AUX_PRUNE;
		if (is_call(insn) && insn->src_reg == 0) {
			const struct bpf_helper_proto *proto = bpf_helper_proto((uint32_t)insn->imm);

			for (int i = 0; proto && i < 5; i++)
				if (proto->arg[i] == ARG_PTR_TO_FUNC)
					v->aux[pc].flags |= AUX_CALLBACK | AUX_PRUNE;
		}
	}
}

int cfg_prepare(struct verifier *v)
{
	int r;

	for (uint32_t f = 0; f < v->prog->subprog_count; f++)
		for (uint32_t pc = v->prog->subprogs[f].start; pc < v->prog->subprogs[f].end; pc++) {
			v->aux[pc].function = (uint16_t)f;
			v->aux[pc].stack_function = NO_FUNCTION;
		}
	reach(v);
	r = refuse_unreached(v);
	if (r < 0)
		return r;
	find_predecessors(v);
	find_live(v);
	find_prune_points(v);
	return 0;
}
