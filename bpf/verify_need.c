/* pure */
/*
 * verify_need.c: which scalars' values matter. A state may be left alone if it differs from one already looked at only
 * in numbers that nothing depended on. A number begins to matter where the verifier made use of it: a branch that only
 * went one way, an offset, a size. From there this file goes backwards over the program to all instructions where it
 * may have come from, along every path that there is: more than any one state needs, so that what was marked while the
 * paths below a kept state were walked holds whatever else leads there. Nothing is ever unmarked.
 *
 * The same for stack slots that are read: from a read backwards to where the program's own r10-relative stores
 * overwrite them. Values that pass through slots are followed by slot, not by place in the program: if a load from a
 * slot matters, so do all stores to it.
 */
#include "bpf/verify_priv.h"

static void queue(struct verifier *v, uint32_t pc)
{
	if (v->aux[pc].flags & AUX_QUEUED)
		return;
	v->aux[pc].flags |= AUX_QUEUED;
	v->work[v->work_count++] = pc;
}

static void add_need(struct verifier *v, uint32_t pc, unsigned mask)
{
	mask &= 0x3ff & ~v->aux[pc].need;
	if (!mask)
		return;
	v->aux[pc].need |= (uint16_t)mask;
	queue(v, pc);
}

static bool is_store(const struct bpf_insn *insn)
{
	return BPF_CLASS(insn->code) == BPF_STX;
}

static void need_slots(struct verifier *v, unsigned function, uint64_t slots)
{
	while ((slots &= ~v->function[function].need_slots)) {
		uint64_t more = 0;

		v->function[function].need_slots |= slots;
		for (uint32_t pc = 0; pc < v->prog->insn_count; pc++) {
			const struct vaux *aux = &v->aux[pc];

			if (aux->stack_function == function && (aux->stack_slots & slots) &&
			    is_store(&v->prog->insns[pc]))
				add_need(v, pc, 1u << v->prog->insns[pc].src_reg);
			if (aux->function == function && (aux->link_slots & slots)) {
				add_need(v, pc, aux->link);
				more |= aux->link_slots;
			}
		}
		slots = more;
	}
}

/* What must be known before PREV, so that NEED is known behind it. */
static unsigned before(struct verifier *v, uint32_t prev, unsigned need)
{
	const struct bpf_insn *insn = &v->prog->insns[prev];
	struct vaux *aux = &v->aux[prev];
	unsigned dst = 1u << insn->dst_reg, src = 1u << insn->src_reg;
	bool by_reg = BPF_SRC(insn->code) == BPF_X;
	unsigned op = BPF_OP(insn->code);
	int target;

	switch (BPF_CLASS(insn->code)) {
	case BPF_LD:
		return need & ~dst;
	case BPF_LDX:
		if ((need & dst) && aux->stack_function != NO_FUNCTION)
			need_slots(v, aux->stack_function, aux->stack_slots);
		return need & ~dst;
	case BPF_STX:
		if (BPF_MODE(insn->code) == BPF_ATOMIC && (insn->imm & BPF_FETCH))
			need &= ~(insn->imm == BPF_CMPXCHG ? 1u : src);
		return need;
	case BPF_ALU:
	case BPF_ALU64:
		if (!(need & dst))
			return need;
		if (op == BPF_MOV)
			need &= ~dst;
		return by_reg && op != BPF_END ? need | src : need;
	case BPF_JMP:
	case BPF_JMP32:
		break;
	default:
		return need;
	}
	if (op == BPF_CALL) {
		target = cfg_target(v->prog, prev);
		if (target >= 0 && (need & 1))
			for (uint32_t pc = v->prog->subprogs[target].start; pc < v->prog->subprogs[target].end; pc++)
				if (v->prog->insns[pc].code == (BPF_JMP | BPF_EXIT))
					add_need(v, pc, 1);
		return need & 0x3c0;
	}
	if (op == BPF_JA || op == BPF_EXIT)
		return need;
	/* A comparison refined its operands by each other, and all their copies. */
	if (need & (dst | (by_reg ? src : 0) | aux->link)) {
		need |= dst | (by_reg ? src : 0) | aux->link;
		if (aux->link_slots)
			need_slots(v, aux->function, aux->link_slots);
	}
	return need;
}

static void need_callers(struct verifier *v, unsigned function, unsigned need)
{
	if (!(need & 0x3e) || function == 0)
		return;
	for (uint32_t pc = 0; pc < v->prog->insn_count; pc++)
		if (v->prog->insns[pc].code == (BPF_JMP | BPF_CALL) && cfg_target(v->prog, pc) == (int)function)
			add_need(v, pc, need & 0x3e);
}

static void propagate(struct verifier *v)
{
	while (v->work_count) {
		uint32_t pc = v->work[--v->work_count];
		unsigned need = v->aux[pc].need;
		unsigned function = v->aux[pc].function;

		v->aux[pc].flags &= (uint8_t)~AUX_QUEUED;
		if (pc == v->prog->subprogs[function].start)
			need_callers(v, function, need);
		for (uint32_t i = v->pred_start[pc]; i < v->pred_start[pc + 1]; i++)
			add_need(v, v->pred[i], before(v, v->pred[i], need));
	}
}

void need_registers(struct verifier *v, uint32_t pc, unsigned mask)
{
	add_need(v, pc, mask);
	propagate(v);
}

static unsigned need_behind(struct verifier *v, uint32_t pc)
{
	return pc + 1 < v->prog->insn_count ? v->aux[pc + 1].need : 0;
}

/* The instruction at work reaches SLOTS of the frame: false if another function's, too, which is more than is kept. */
static bool note_slots(struct verifier *v, unsigned frame, uint64_t slots)
{
	struct vaux *aux = &v->aux[v->pc];
	uint16_t function = v->state.frame[frame]->function;

	if (aux->stack_function != NO_FUNCTION && aux->stack_function != function) {
		v->need_all = true;
		return false;
	}
	aux->stack_function = function;
	aux->stack_slots |= slots;
	return true;
}

void need_note_load(struct verifier *v, unsigned frame, uint64_t slots)
{
	if (!note_slots(v, frame, slots))
		return;
	if (need_behind(v, v->pc) & (1u << v->prog->insns[v->pc].dst_reg)) {
		need_slots(v, v->aux[v->pc].stack_function, slots);
		propagate(v);
	}
}

void need_note_store(struct verifier *v, unsigned frame, uint64_t slots)
{
	const struct bpf_insn *insn = &v->prog->insns[v->pc];

	if (!note_slots(v, frame, slots))
		return;
	if (is_store(insn) && (v->function[v->aux[v->pc].stack_function].need_slots & slots))
		need_registers(v, v->pc, 1u << insn->src_reg);
}

void need_note_links(struct verifier *v, unsigned registers, uint64_t slots)
{
	struct vaux *aux = &v->aux[v->pc];
	unsigned function = aux->function;
	uint32_t next[2];
	unsigned behind = 0;

	if (!(registers & ~aux->link) && !(slots & ~aux->link_slots))
		return;
	aux->link |= (uint16_t)registers;
	aux->link_slots |= slots;
	for (unsigned i = cfg_successors(v->prog, v->pc, next); i--;)
		behind |= v->aux[next[i]].need;
	if ((behind & aux->link) || (v->function[function].need_slots & aux->link_slots)) {
		need_slots(v, function, aux->link_slots);
		need_registers(v, v->pc, before(v, v->pc, aux->link));
	}
}

/* Halves that a store of the program's to its own frame overwrites whatever happens. */
static void overwritten(const struct bpf_insn *insn, uint64_t kill[2])
{
	unsigned class = BPF_CLASS(insn->code), size = bpf_size_bytes(insn->code);
	int from = -insn->off;
	unsigned half;

	kill[0] = kill[1] = 0;
	if ((class != BPF_ST && class != BPF_STX) || BPF_MODE(insn->code) != BPF_MEM || insn->dst_reg != BPF_REG_10 ||
	    size < 4 || from % (int)size || from <= 0 || from > MAX_BPF_STACK)
		return;
	/* Half h lies at r10 - 4 * (h + 1): the store covers size / 4 of them, the highest address first. */
	half = (unsigned)from / 4 - 1;
	kill[half / 64] |= UINT64_C(1) << (half % 64);
	if (size == 8) {
		half--;
		kill[half / 64] |= UINT64_C(1) << (half % 64);
	}
}

static void spread_reads(struct verifier *v)
{
	while (v->work_count) {
		uint32_t pc = v->work[--v->work_count];

		v->aux[pc].flags &= (uint8_t)~AUX_QUEUED;
		for (uint32_t i = v->pred_start[pc]; i < v->pred_start[pc + 1]; i++) {
			uint32_t prev = v->pred[i];
			uint64_t *live = v->aux[prev].half_live;
			uint64_t kill[2], add[2];

			overwritten(&v->prog->insns[prev], kill);
			add[0] = v->aux[pc].half_live[0] & ~kill[0] & ~live[0];
			add[1] = v->aux[pc].half_live[1] & ~kill[1] & ~live[1];
			if (!(add[0] | add[1]))
				continue;
			live[0] |= add[0];
			live[1] |= add[1];
			queue(v, prev);
		}
	}
}

/* Bytes FROM .. TO - 1 below r10 of FRAME are read: both negative, FROM < TO <= 0. */
void need_note_read(struct verifier *v, unsigned frame, int from, int to)
{
	uint32_t pc = frame + 1 == v->state.frames ? v->pc : v->state.frame[frame + 1]->callsite;
	uint64_t *live = v->aux[pc].half_live;
	bool changed = false;

	/* Half h covers r10 - 4h - 4 .. r10 - 4h - 1. */
	for (int h = (-to) / 4; h <= (-from - 1) / 4; h++) {
		uint64_t mask = UINT64_C(1) << (h % 64);

		changed |= !(live[h / 64] & mask);
		live[h / 64] |= mask;
	}
	if (changed) {
		queue(v, pc);
		spread_reads(v);
	}
}
