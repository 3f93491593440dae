/* pure */
/*
 * verify_call.c: functions of the program. A call is walked into with what the caller knows; so is a callback, which
 * the helper may run any number of times: after each run the path is back at the helper's call.
 */
#include "bpf/verify_priv.h"

static void forget_scratch(struct vframe *frame)
{
	for (unsigned i = BPF_REG_0; i <= BPF_REG_5; i++)
		frame->reg[i].type = V_UNINIT;
}

static int call_function(struct verifier *v, unsigned function)
{
	struct vframe *caller = top(v);
	struct vframe *callee;
	int r = state_push_frame(v, v->pc, (uint16_t)function, false);

	if (r < 0)
		return r;
	callee = top(v);
	for (unsigned i = BPF_REG_1; i <= BPF_REG_5; i++)
		callee->reg[i] = caller->reg[i];
	forget_scratch(caller);
	v->state.pc = v->prog->subprogs[function].start;
	return 0;
}

int check_call(struct verifier *v, const struct bpf_insn *insn)
{
	if (BPF_SRC(insn->code) == BPF_X)
		return refuse(v, "a call of a computed function is not supported");
	if (insn->src_reg == BPF_PSEUDO_CALL)
		return call_function(v, (unsigned)cfg_target(v->prog, v->pc));
	if (insn->src_reg != 0)
		return refuse(v, "a call of kind %u is not supported", insn->src_reg);
	v->state.pc++;
	return check_helper(v, insn);
}

/* ARGS: 0 unused, then r1 .. r5 as the callback finds them. The path goes on in the callback. */
int enter_callback(struct verifier *v, uint32_t function, const struct vreg args[6])
{
	struct vframe *callee;
	int r = state_push_frame(v, v->pc, (uint16_t)function, true);

	if (r < 0)
		return r;
	callee = top(v);
	for (unsigned i = BPF_REG_1; i <= BPF_REG_5; i++)
		callee->reg[i] = args[i];
	v->state.turns++;
	v->state.pc = v->prog->subprogs[function].start;
	return 0;
}

/* Pointers into a frame that is gone: only r0 and the caller's stack could hold one, and both are refused. */
int leave_function(struct verifier *v)
{
	struct vstate *s = &v->state;
	struct vframe *callee = top(v);
	struct vframe *caller = s->frame[s->frames - 2];

	if (callee->reg[BPF_REG_0].type == V_STACK)
		return refuse(v, "r0 is a stack pointer: it must not be returned");
	caller->reg[BPF_REG_0] = callee->reg[BPF_REG_0];
	/* Copies in other frames are not told of comparisons here. */
	if (caller->reg[BPF_REG_0].type == V_SCALAR)
		caller->reg[BPF_REG_0].id = 0;
	s->frames--;
	for (unsigned i = 0; i < s->refs; i++)
		if (s->ref[i].frame == s->frames)
			s->ref[i].frame--;
	s->pc = callee->callsite + 1;
	return 0;
}

static int leave_callback(struct verifier *v)
{
	struct vstate *s = &v->state;
	struct vframe *callee = top(v);
	const struct vreg *r0 = &callee->reg[BPF_REG_0];
	char text[RANGE_TEXT];
	int r = check_readable(v, BPF_REG_0);

	if (r < 0)
		return r;
	if (vreg_is_pointer(r0))
		return refuse(v, "r0 is %s, a callback returns 0 or 1", type_text(r0));
	need_registers(v, v->pc, 1);
	if (r0->r.umax > 1)
		return refuse(v, "r0 in %s, a callback returns 0 or 1", range_text(&r0->r, text));
	for (unsigned i = 0; i < s->refs; i++)
		if (s->ref[i].frame + 1 >= s->frames)
			return refuse(v, "the memory reserved by insn %u is not released at the end of the callback",
				      s->ref[i].insn);
	s->frames--;
	s->pc = callee->callsite;
	return 0;
}

int check_exit(struct verifier *v)
{
	const struct vreg *r0 = reg_of(v, BPF_REG_0);
	int r;

	v->jumps_since++;
	if (v->state.frames > 1)
		return top(v)->callback ? leave_callback(v) : leave_function(v);
	r = ref_check_none(v, "before the program ends");
	if (r == 0)
		r = check_readable(v, BPF_REG_0);
	if (r < 0)
		return r;
	if (vreg_is_pointer(r0))
		return refuse(v, "r0 is %s: its address would be the program's result", type_text(r0));
	v->path_done = true;
	return 0;
}

static uint32_t rounded(uint32_t depth)
{
	/* As compiled code lays frames out. */
	return (depth + 15) & ~15u;
}

/*
 * No circles (bpf_check_structure()), so as many rounds as there may be nested calls give each function's deepest
 * chain. With tail calls, which come on top of what is there, the callers of the function that makes them may use 256
 * bytes.
 */
int check_stack_depth(struct verifier *v, uint32_t *ret_depth)
{
	const struct bpf_prog *prog = v->prog;
	uint32_t *above = v->work; /* of each function: the deepest chain that leads to it, without it */
	bool changed = true;

	for (uint32_t f = 0; f < prog->subprog_count && f < prog->insn_count; f++)
		above[f] = 0;
	*ret_depth = rounded(v->function[0].depth);
	for (unsigned round = 0; changed && round < BPF_MAX_CALL_FRAMES; round++) {
		changed = false;
		for (uint32_t pc = 0; pc < prog->insn_count; pc++) {
			int callee = cfg_target(prog, pc);
			uint32_t caller = v->aux[pc].function;
			uint32_t depth = above[caller] + rounded(v->function[caller].depth);

			if (callee < 0 || !(v->aux[pc].flags & AUX_REACHED) || depth <= above[callee])
				continue;
			above[callee] = depth;
			changed = true;
			depth += rounded(v->function[callee].depth);
			v->pc = pc;
			if (depth > MAX_BPF_STACK)
				return refuse(v, "the functions down to here use %u bytes of stack, the limit is %u",
					      depth, MAX_BPF_STACK);
			if (prog->subprogs[callee].has_tail_call && above[callee] > 256)
				return refuse(v,
					      "the callers of a function with tail calls use %u bytes of stack, the "
					      "limit is 256",
					      above[callee]);
			if (depth > *ret_depth)
				*ret_depth = depth;
		}
	}
	return 0;
}
