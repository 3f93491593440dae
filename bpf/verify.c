/* pure */
/*
 * verify.c: the verifier's driver: prepares, walks path after path, one instruction after the other, and says how it
 * ended. What each instruction does to a state is in verify_alu.c, verify_mem.c, verify_jmp.c, verify_call.c.
 */
#include "bpf/verify_priv.h"

#include "bpf/check.h"

/* Paths that wait. Each path with two branches leaves one behind, so this bounds the branches of one path. */
#define PENDING_MAX 8192

#define RELAX_STEPS 512

int push_pending(struct verifier *v, uint32_t target)
{
	struct vpending *p;

	if (v->pending_count == PENDING_MAX)
		return refuse_with(v, -E2BIG, "%u branches wait to be looked at, the limit is %u", PENDING_MAX,
				   PENDING_MAX);
	p = verify_alloc(v, sizeof(*p));
	if (!p)
		return refuse_with(v, -ENOMEM, "no memory for another path");
	p->state = state_pack(v, target, &p->state_size);
	if (!p->state) {
		bpf_mem_free(v->mem, p, sizeof(*p));
		return refuse_with(v, -ENOMEM, "no memory for another path");
	}
	p->parent = v->parent;
	if (p->parent)
		p->parent->branches++;
	p->below = v->pending;
	v->pending = p;
	v->pending_count++;
	return 0;
}

static void pop_pending(struct verifier *v, bool use)
{
	struct vpending *p = v->pending;

	v->pending = p->below;
	v->pending_count--;
	if (use) {
		state_unpack(v, p->state);
		v->parent = p->parent;
	}
	bpf_mem_free(v->mem, p->state, p->state_size);
	bpf_mem_free(v->mem, p, sizeof(*p));
}

static int check_lddw(struct verifier *v, const struct bpf_insn *insn)
{
	struct vreg *dst = reg_of(v, insn->dst_reg);
	uint32_t number = (uint32_t)insn->imm;
	const struct bpf_map *map;

	v->state.pc += 2;
	switch (insn->src_reg) {
	case 0:
		vreg_set_const(dst, (uint32_t)insn[0].imm | (uint64_t)(uint32_t)insn[1].imm << 32);
		return 0;
	case BPF_PSEUDO_FUNC:
		vreg_set_pointer(dst, V_FUNC, (uint32_t)cfg_target(v->prog, v->pc));
		return 0;
	case BPF_PSEUDO_MAP_FD:
	case BPF_PSEUDO_MAP_IDX:
	case BPF_PSEUDO_MAP_VALUE:
	case BPF_PSEUDO_MAP_IDX_VALUE:
		break;
	default:
		return refuse(v, "a constant of kind %u is not supported", insn->src_reg);
	}
	if (number >= v->prog->map_count)
		return refuse(v, "map %u, the program has %u maps", number, v->prog->map_count);
	if (insn->src_reg == BPF_PSEUDO_MAP_FD || insn->src_reg == BPF_PSEUDO_MAP_IDX) {
		vreg_set_pointer(dst, V_MAP, number);
		return 0;
	}
	map = v->prog->maps[number];
	if (map->type != BPF_MAP_TYPE_ARRAY || map->max_entries != 1)
		return refuse(v, "address of a value in map %u, which is no array of one value", number);
	if ((uint32_t)insn[1].imm >= map->value_size)
		return refuse(v, "offset %u, map value is %u bytes", (uint32_t)insn[1].imm, map->value_size);
	vreg_set_pointer(dst, V_MAP_VALUE, number);
	dst->off = insn[1].imm;
	return 0;
}

static int step(struct verifier *v)
{
	const struct bpf_insn *insn = &v->prog->insns[v->pc];

	switch (BPF_CLASS(insn->code)) {
	case BPF_LD:
		return check_lddw(v, insn);
	case BPF_LDX:
		v->state.pc++;
		return check_load(v, insn);
	case BPF_STX:
		v->state.pc++;
		if (BPF_MODE(insn->code) == BPF_ATOMIC)
			return check_atomic(v, insn);
		return check_store(v, insn);
	case BPF_ST:
		v->state.pc++;
		return check_store(v, insn);
	case BPF_ALU:
	case BPF_ALU64:
		v->state.pc++;
		return check_alu(v, insn);
	default:
		break;
	}
	switch (BPF_OP(insn->code)) {
	case BPF_CALL:
		return check_call(v, insn);
	case BPF_EXIT:
		return check_exit(v);
	default:
		return check_jump(v, insn);
	}
}

static int walk(struct verifier *v)
{
	uint32_t max = v->options->steps_max ? v->options->steps_max : BPF_MAX_INSNS;

	for (;;) {
		int r = 0;

		v->pc = v->state.pc;
		if (++v->steps > max)
			return refuse_with(v, -E2BIG, "%u instructions simulated, the limit is %u%s", max, max,
					   v->forgets ? "; there was too little memory to remember them all" : "");
		v->steps_since++;
		if (v->options->relax && v->steps % RELAX_STEPS == 0)
			v->options->relax();
		if (v->aux[v->pc].flags & AUX_PRUNE)
			r = prune(v);
		if (r == 0 && !v->path_done) {
			log_state(v);
			v->aux[v->pc].flags |= AUX_RUN;
			r = step(v);
		}
		if (r < 0)
			return r;
		if (!v->path_done)
			continue;
		v->path_done = false;
		prune_path_ends(v);
		if (!v->pending)
			return 0;
		pop_pending(v, true);
		log_text(v, "from here on from insn %u\n", v->state.pc);
	}
}

static int prepare(struct verifier *v)
{
	uint32_t n = v->prog->insn_count;
	int r;

	v->aux = verify_alloc(v, n * sizeof(*v->aux));
	v->pred_start = verify_alloc(v, (n + 1) * sizeof(*v->pred_start));
	v->pred = verify_alloc(v, 2 * n * sizeof(*v->pred));
	v->work = verify_alloc(v, n * sizeof(*v->work));
	v->function = verify_alloc(v, v->prog->subprog_count * sizeof(*v->function));
	if (!v->aux || !v->pred_start || !v->pred || !v->work || !v->function)
		return refuse_with(v, -ENOMEM, "no memory for the facts of %u instructions", n);
	r = cfg_prepare(v);
	if (r < 0)
		return r;
	v->pc = 0;
	if (!context_known(v->prog->type))
		return refuse(v, "programs of type %u are not supported", v->prog->type);
	r = state_push_frame(v, 0, 0, false);
	if (r < 0)
		return r;
	vreg_set_pointer(reg_of(v, BPF_REG_1), V_CTX, 0);
	return 0;
}

static void free_all(struct verifier *v)
{
	uint32_t n = v->prog->insn_count;

	while (v->pending)
		pop_pending(v, false);
	if (v->aux)
		prune_free(v);
	for (unsigned i = 0; i < BPF_MAX_CALL_FRAMES; i++)
		bpf_mem_free(v->mem, v->state.frame[i], sizeof(struct vframe));
	bpf_mem_free(v->mem, v->aux, n * sizeof(*v->aux));
	bpf_mem_free(v->mem, v->pred_start, (n + 1) * sizeof(*v->pred_start));
	bpf_mem_free(v->mem, v->pred, 2 * n * sizeof(*v->pred));
	bpf_mem_free(v->mem, v->work, n * sizeof(*v->work));
	bpf_mem_free(v->mem, v->function, v->prog->subprog_count * sizeof(*v->function));
}

/* Helpers that are only called where no path leads may be missing. */
static void drop_calls(struct verifier *v)
{
	for (uint32_t pc = 0; pc < v->prog->insn_count; pc++) {
		struct bpf_insn *insn = &v->prog->insns[pc];

		if (insn->code == (BPF_JMP | BPF_CALL) && !insn->src_reg && !(v->aux[pc].flags & AUX_RUN))
			*insn = BPF_MOV64_IMM(BPF_REG_0, 0);
		if (bpf_is_lddw(insn))
			pc++;
	}
}

static void hand_over(struct verifier *v, uint32_t depth, struct bpf_verify_result *ret)
{
	struct bpf_insn_fact *facts = v->options->facts;

	for (uint32_t f = 0; f < v->prog->subprog_count; f++)
		v->prog->subprogs[f].stack_depth = (uint16_t)v->function[f].depth;
	for (uint32_t pc = 0; facts && pc < v->prog->insn_count; pc++) {
		facts[pc].map = v->aux[pc].map == MAP_SEVERAL ? 0 : v->aux[pc].map;
		facts[pc].flags = v->aux[pc].flags & AUX_RUN ? BPF_FACT_REACHED : 0;
	}
	if (!v->options->keep_insns) {
		rewrite_context(v);
		drop_calls(v);
	}
	if (ret)
		*ret = (struct bpf_verify_result){.steps = v->steps,
						  .states = v->states,
						  .stack_depth = depth,
						  .context_size = v->context_size,
						  .memory_peak = v->memory_peak};
	log_text(v, "accepted: %u instructions simulated, %u states, %u bytes of stack, %zu bytes of memory\n",
		 v->steps, v->states, depth, v->memory_peak);
}

int bpf_verify(struct bpf_prog *prog, const struct bpf_verify_options *options, struct bpf_verify_result *ret,
	       struct bpf_refusal *refusal)
{
	struct bpf_mem *mem = options->mem;
	struct verifier *v;
	uint32_t depth = 0;
	int r = bpf_check_structure(prog, 0, refusal);

	if (r < 0)
		return r;
	v = bpf_mem_alloc(mem, sizeof(*v));
	if (!v) {
		refusal->insn = prog->insn_count;
		fmt_snprintf(refusal->text, sizeof(refusal->text), "no memory for the verifier");
		return -ENOMEM;
	}
	v->prog = prog;
	v->options = options;
	v->refusal = refusal;
	v->mem = mem;
	v->memory_start = mem->used - sizeof(*v);
	r = prepare(v);
	if (r == 0)
		r = walk(v);
	if (r == 0)
		r = check_stack_depth(v, &depth);
	if (r == 0)
		hand_over(v, depth, ret);
	free_all(v);
	bpf_mem_free(mem, v, sizeof(*v));
	return r;
}
