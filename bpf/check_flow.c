/* pure */
/*
 * check_flow.c: how instructions lie together: where functions start, that jumps stay inside of theirs and hit whole
 * instructions, that no function runs into the next, and how deep calls nest. The form of one instruction is check.c.
 */
#include "bpf/check.h"

#include "bpf/check_impl.h"
#include "lib/errno.h"

#define TAIL_CALL 12 /* helper number */

/* The instruction that a jump, call or BPF_PSEUDO_FUNC at AT leads to: may be anywhere. */
static int64_t target_of(const struct bpf_prog *prog, uint32_t at)
{
	const struct bpf_insn *insn = &prog->insns[at];

	/* RFC 9669, 4.3: offsets count from the next instruction; a lddw is followed by its second half. */
	if (bpf_is_lddw(insn) || insn->code == (BPF_JMP | BPF_CALL) || insn->code == (BPF_JMP32 | BPF_JA))
		return (int64_t)at + 1 + insn->imm;
	return (int64_t)at + 1 + insn->off;
}

static bool is_jump(const struct bpf_insn *insn)
{
	unsigned class = BPF_CLASS(insn->code);

	return (class == BPF_JMP || class == BPF_JMP32) && BPF_OP(insn->code) != BPF_CALL &&
	       BPF_OP(insn->code) != BPF_EXIT;
}

/* True for the instructions that name another function of the program. */
static bool names_function(const struct bpf_insn *insn)
{
	return (insn->code == (BPF_JMP | BPF_CALL) && insn->src_reg == BPF_PSEUDO_CALL) ||
	       (bpf_is_lddw(insn) && insn->src_reg == BPF_PSEUDO_FUNC);
}

uint32_t bpf_subprog_of(const struct bpf_prog *prog, uint32_t insn)
{
	uint32_t low = 0;
	uint32_t high = prog->subprog_count;

	while (high - low > 1) {
		uint32_t middle = low + (high - low) / 2;

		if (prog->subprogs[middle].start <= insn)
			low = middle;
		else
			high = middle;
	}
	return low;
}

int bpf_subprog_at(const struct bpf_prog *prog, uint32_t insn)
{
	uint32_t i;

	if (insn >= prog->insn_count)
		return -1;
	i = bpf_subprog_of(prog, insn);
	return prog->subprogs[i].start == insn ? (int)i : -1;
}

/* Puts a function that starts at START into its place. Names and depths of those that the loader gave stay. */
static int add_subprog(struct bpf_prog *prog, uint32_t start, uint32_t by, struct bpf_refusal *ret)
{
	uint32_t i;

	if (prog->subprog_count && bpf_subprog_at(prog, start) >= 0)
		return 0;
	if (prog->subprog_count == prog->subprogs_max || prog->subprog_count == BPF_MAX_SUBPROGS)
		return bpf_refuse(ret, by, -E2BIG, "more than %u functions", prog->subprog_count);
	for (i = prog->subprog_count; i > 0 && prog->subprogs[i - 1].start > start; i--)
		prog->subprogs[i] = prog->subprogs[i - 1];
	prog->subprogs[i] = (struct bpf_subprog){ .start = start };
	prog->subprog_count++;
	return 0;
}

/* Checks each instruction by itself and collects the functions. */
static int find_functions(struct bpf_prog *prog, unsigned flags, struct bpf_refusal *ret)
{
	uint32_t step;
	int64_t to;
	int r;

	r = add_subprog(prog, 0, 0, ret);
	for (uint32_t at = 0; r >= 0 && at < prog->insn_count; at += step) {
		r = bpf_check_insn(prog, at, flags, ret);
		if (r < 0)
			return r;
		step = bpf_is_lddw(&prog->insns[at]) ? 2 : 1;
		if (!names_function(&prog->insns[at]))
			continue;
		to = target_of(prog, at);
		if (to <= 0 || to >= prog->insn_count)
			return bpf_refuse(ret, at, -EINVAL, "function at %lld, program has %u instructions",
			                  (long long)to, prog->insn_count);
		/* No opcode is 0, so that is a second half (or refused when its turn comes). */
		if (prog->insns[to].code == 0)
			return bpf_refuse(ret, at, -EINVAL, "function starts inside of instruction %lld",
			                  (long long)to - 1);
		r = add_subprog(prog, (uint32_t)to, at, ret);
	}
	return r;
}

static int check_jumps(const struct bpf_prog *prog, const struct bpf_subprog *f, struct bpf_refusal *ret)
{
	const struct bpf_insn *insn;
	uint32_t step;
	uint32_t last = f->start;
	int64_t to;

	for (uint32_t at = f->start; at < f->end; at += step) {
		insn = &prog->insns[at];
		step = bpf_is_lddw(insn) ? 2 : 1;
		last = at;
		if (!is_jump(insn))
			continue;
		to = target_of(prog, at);
		if (to < f->start || to >= f->end)
			return bpf_refuse(ret, at, -EINVAL, "jump to %lld, its function is [%u,%u]", (long long)to, f->start,
			                  f->end - 1);
		if (prog->insns[to].code == 0)
			return bpf_refuse(ret, at, -EINVAL, "jump into the middle of instruction %lld", (long long)to - 1);
	}
	insn = &prog->insns[last];
	if (insn->code != (BPF_JMP | BPF_EXIT) && insn->code != (BPF_JMP | BPF_JA) && insn->code != (BPF_JMP32 | BPF_JA))
		return bpf_refuse(ret, last, -EINVAL, "last instruction of a function is no exit or jump");
	return 0;
}

/*
 * How deep functions are called. Each round carries depths one call further, so it ends after as many rounds as there
 * may be frames, or there is a longer chain. A callback is called by a helper from where it is named.
 */
static int check_calls(struct bpf_prog *prog, struct bpf_refusal *ret)
{
	bool changed = true;

	while (changed) {
		changed = false;
		for (uint32_t i = 0; i < prog->subprog_count; i++) {
			struct bpf_subprog *caller = &prog->subprogs[i];

			for (uint32_t at = caller->start; at < caller->end; at++) {
				const struct bpf_insn *insn = &prog->insns[at];
				struct bpf_subprog *callee;

				if (insn->code == (BPF_JMP | BPF_CALL) && insn->src_reg == 0 && insn->imm == TAIL_CALL)
					caller->has_tail_call = true;
				if (!names_function(insn))
					continue;
				callee = &prog->subprogs[bpf_subprog_at(prog, (uint32_t)target_of(prog, at))];
				if (bpf_is_lddw(insn))
					callee->is_callback = true;
				else if (callee->has_tail_call && !caller->has_tail_call)
					caller->has_tail_call = changed = true;
				if (callee->frame > caller->frame)
					continue;
				if (caller->frame == BPF_MAX_CALL_FRAMES)
					return bpf_refuse(ret, at, -EINVAL, "calls nest deeper than %u, or in a circle",
					                  BPF_MAX_CALL_FRAMES);
				callee->frame = caller->frame + 1;
				changed = true;
			}
		}
	}
	return 0;
}

int bpf_check_structure(struct bpf_prog *prog, unsigned flags, struct bpf_refusal *ret)
{
	int r;

	if (prog->insn_count == 0)
		return bpf_refuse(ret, 0, -EINVAL, "program is empty");
	if (prog->insn_count > BPF_MAX_INSNS)
		return bpf_refuse(ret, prog->insn_count, -E2BIG, "program has %u instructions, more than %u",
		                  prog->insn_count, BPF_MAX_INSNS);
	r = find_functions(prog, flags, ret);
	if (r < 0)
		return r;
	for (uint32_t i = 0; i < prog->subprog_count; i++) {
		struct bpf_subprog *f = &prog->subprogs[i];

		f->end = i + 1 < prog->subprog_count ? f[1].start : prog->insn_count;
		f->frame = 1;
		f->is_callback = f->has_tail_call = false;
		if (!f->stack_depth)
			f->stack_depth = MAX_BPF_STACK;
		r = check_jumps(prog, f, ret);
		if (r < 0)
			return r;
	}
	return check_calls(prog, ret);
}
