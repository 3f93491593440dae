/* pure */
/* interp_init.c: what stands around the interpreter's loop: preparation, the way in, callbacks and tail calls. */
#include "bpf/interp.h"

#include "bpf/check_impl.h"
#include "bpf/interp_impl.h"
#include "bpf/map.h"
#include "lib/errno.h"

int bpf_check_helpers(const struct bpf_prog *prog, const struct bpf_helpers *helpers, struct bpf_refusal *ret)
{
	for (uint32_t at = 0; at < prog->insn_count; at++) {
		const struct bpf_insn *insn = &prog->insns[at];
		const char *name;

		if (insn->code == (BPF_JMP | BPF_CALL | BPF_X) && !helpers->callx)
			return bpf_refuse(ret, at, -EINVAL, "calls through a register are not supported");
		if (insn->code != (BPF_JMP | BPF_CALL) || insn->src_reg != 0)
			continue;
		if (insn->imm >= 0 && insn->imm < BPF_HELPER_NUMBERS &&
		    (helpers->fn[insn->imm] || insn->imm == BPF_FUNC_tail_call))
			continue;
		name = bpf_helper_name((uint32_t)insn->imm);
		if (name)
			return bpf_refuse(ret, at, -EINVAL, "helper %s (%d) is not supported", name, insn->imm);
		return bpf_refuse(ret, at, -EINVAL, "there is no helper %d", insn->imm);
	}
	return 0;
}

size_t bpf_interp_size(const struct bpf_prog *prog)
{
	size_t n = 0;

	for (uint32_t i = 0; i < prog->subprog_count; i++)
		n += prog->subprogs[i].is_callback;
	return sizeof(struct bpf_interp) + n * sizeof(struct bpf_interp_callback);
}

/* What a helper calls: a nested loop on the frames of the run that called the helper. */
static uint64_t enter_callback(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                               struct bpf_callback *self)
{
	/* `callback` is the first member. */
	struct bpf_interp_callback *cb = (struct bpf_interp_callback *)self;
	uint64_t regs[MAX_BPF_REG] = { 0, r1, r2, r3, r4, r5 };
	struct bpf_run *run = cb->interp->run;

	if (run->fault)
		return 0;
	return bpf_interp_loop(cb->interp, run, cb->interp->prog->insns + cb->start, regs);
}

int bpf_interp_init(struct bpf_interp *interp, const struct bpf_prog *prog, const struct bpf_helpers *helpers,
                    struct bpf_refusal *ret)
{
	int r = bpf_check_helpers(prog, helpers, ret);

	if (r < 0)
		return r;
	interp->prog = prog;
	interp->helpers = helpers;
	interp->run = NULL;
	interp->callback_count = 0;
	for (uint32_t i = 0; i < prog->subprog_count; i++) {
		if (!prog->subprogs[i].is_callback)
			continue;
		interp->callbacks[interp->callback_count++] =
			(struct bpf_interp_callback){ { enter_callback }, interp, prog->subprogs[i].start };
	}
	return 0;
}

uint64_t bpf_interp_run(struct bpf_interp *interp, struct bpf_run *run, uint64_t r1, uint64_t r2)
{
	uint64_t regs[MAX_BPF_REG] = { 0, r1, r2 };

	run->depth = 0;
	run->tail_calls = 0;
	run->fault = NULL;
	return bpf_interp_loop(interp, run, interp->prog->insns, regs);
}

uint64_t bpf_interp_helper(struct bpf_interp *interp, struct bpf_run *run, bpf_helper_fn fn, const uint64_t *regs)
{
	struct bpf_run *outer = interp->run;
	uint64_t r;

	interp->run = run;
	r = fn(regs[1], regs[2], regs[3], regs[4], regs[5]);
	interp->run = outer;
	return r;
}

struct bpf_interp *bpf_interp_tail_target(struct bpf_run *run, bool nested, uint64_t map, uint32_t index)
{
	uint32_t counts = nested ? NESTED_TAIL_CALL : 1;
	struct bpf_prog *next;

	if (run->tail_calls + counts > MAX_TAIL_CALL_CNT)
		return NULL;
	next = bpf_map_get_object((struct bpf_map *)map, &index);
	if (!next || !next->interp)
		return NULL;
	run->tail_calls += counts;
	return next->interp;
}

uint64_t bpf_interp_fault(struct bpf_run *run, const char *why)
{
	run->fault = why;
	return 0;
}
