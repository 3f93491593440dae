/* pure */
/* jit_frame.c: what a function needs of the native stack, and the code at its start and its ends. */
#include "bpf/jit_x86.h"

static bool calls_something(const struct bpf_insn *insn)
{
	return BPF_CLASS(insn->code) == BPF_JMP && BPF_OP(insn->code) == BPF_CALL;
}

void jit_plan_frame(struct jit *j, const struct bpf_subprog *f)
{
	struct jit_frame *frame = &j->frame;
	uint32_t pushes;
	bool calls = false;

	*frame = (struct jit_frame){ .has_tail = f->has_tail_call, .has_frame = f->has_tail_call };
	for (uint32_t at = f->start; at < f->end; at++) {
		const struct bpf_insn *insn = &j->prog->insns[at];

		calls |= calls_something(insn);
		/* src_reg of calls and constants is no register, but none of its values is taken for one here. */
		frame->has_frame |= insn->dst_reg == BPF_REG_FP || insn->src_reg == BPF_REG_FP;
		if (insn->dst_reg >= BPF_REG_6 && insn->dst_reg <= BPF_REG_9)
			frame->saved |= 1u << (insn->dst_reg - BPF_REG_6);
		if (insn->src_reg >= BPF_REG_6 && insn->src_reg <= BPF_REG_9 && !bpf_is_lddw(insn))
			frame->saved |= 1u << (insn->src_reg - BPF_REG_6);
	}
	pushes = (uint32_t)__builtin_popcount(frame->saved);
	if (frame->has_frame)
		frame->room = (f->stack_depth + 7u) & ~7u;
	if (frame->has_tail) {
		frame->room += 8;
		frame->tail_at = frame->room;
	}
	/* After the return address and rbp the stack is aligned by 16; without rbp it is 8 off. */
	if (calls && ((pushes * 8 + frame->room) & 15) != (frame->has_frame ? 0 : 8))
		frame->room += 8;
}

void jit_enter(struct jit *j)
{
	const struct jit_frame *frame = &j->frame;

	if (frame->has_frame) {
		x86_push(j, RBP);
		x86_mov(j, W64, RBP, RSP);
	}
	if (frame->room)
		x86_group1(j, W64, 5, RSP, (int32_t)frame->room);
	if (frame->has_tail)
		x86_rm(j, W64, 0x89, RAX, RBP, -(int32_t)frame->tail_at);
	for (unsigned i = 0; i < 4; i++)
		if (frame->saved & 1u << i)
			x86_push(j, x86_of(BPF_REG_6 + i));
}

/* Everything but the return. Changes rsp, rbp and the saved registers only. */
void jit_leave(struct jit *j)
{
	const struct jit_frame *frame = &j->frame;

	for (unsigned i = 4; i-- > 0;)
		if (frame->saved & 1u << i)
			x86_pop(j, x86_of(BPF_REG_6 + i));
	if (frame->has_frame)
		x86_byte(j, 0xc9); /* leave */
	else if (frame->room)
		x86_group1(j, W64, 0, RSP, (int32_t)frame->room);
}
