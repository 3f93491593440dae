/* pure */
/*
 * interp.c: executes instructions, by a table of labels indexed with the opcode. Everything about their form has been
 * checked (bpf/check.h); memory accesses are the verifier's business. Preparation is interp_init.c.
 */
#include "bpf/interp.h"

#include "bpf/interp_impl.h"
#include "bpf/map.h"

/* Memory as programs see it: any alignment, any type. */
#define UNALIGNED(BITS)                                                    \
	struct u##BITS {                                                   \
		uint##BITS##_t v;                                          \
	} __attribute__((packed, may_alias));                              \
	struct s##BITS {                                                   \
		int##BITS##_t v;                                           \
	} __attribute__((packed, may_alias))
UNALIGNED(8);
UNALIGNED(16);
UNALIGNED(32);
UNALIGNED(64);

/* RFC 9669, 4.1: division by zero gives 0, modulo by zero the dividend; the smallest number by -1 wraps around. */
#define DIVISION(BITS)                                                                                       \
	static uint##BITS##_t divide##BITS(uint##BITS##_t a, uint##BITS##_t b, bool is_signed)               \
	{                                                                                                    \
		if (b == 0)                                                                                  \
			return 0;                                                                            \
		if (!is_signed)                                                                              \
			return a / b;                                                                        \
		return b == (uint##BITS##_t)-1 ? -a : (uint##BITS##_t)((int##BITS##_t)a / (int##BITS##_t)b);  \
	}                                                                                                    \
	static uint##BITS##_t modulo##BITS(uint##BITS##_t a, uint##BITS##_t b, bool is_signed)               \
	{                                                                                                    \
		if (b == 0)                                                                                  \
			return a;                                                                            \
		if (!is_signed)                                                                              \
			return a % b;                                                                        \
		return b == (uint##BITS##_t)-1 ? 0 : (uint##BITS##_t)((int##BITS##_t)a % (int##BITS##_t)b);   \
	}
DIVISION(32)
DIVISION(64)

/* 4.2; the host is little-endian. */
static uint64_t swap(uint64_t v, int bits)
{
	return bits == 16 ? __builtin_bswap16((uint16_t)v) : bits == 32 ? __builtin_bswap32((uint32_t)v) :
	                                                                  __builtin_bswap64(v);
}

static uint64_t truncate(uint64_t v, int bits)
{
	return bits == 16 ? (uint16_t)v : bits == 32 ? (uint32_t)v : v;
}

static uint64_t extend(uint64_t v, int bits)
{
	return bits == 8    ? (uint64_t)(int8_t)v :
	       bits == 16 ? (uint64_t)(int16_t)v :
	       bits == 32 ? (uint64_t)(int32_t)v :
	                    v;
}

/* 5.3: the old value, for the operations that fetch it; what the others return is of no use. */
#define ATOMICS(BITS)                                                                                        \
	static uint##BITS##_t atomic##BITS(uint64_t address, int op, uint##BITS##_t src, uint64_t r0)          \
	{                                                                                                      \
		uint##BITS##_t *at = (uint##BITS##_t *)address;                                                \
		uint##BITS##_t expected = (uint##BITS##_t)r0;                                                  \
                                                                                                               \
		switch (op) {                                                                                  \
		case BPF_XCHG:                                                                                 \
			return __atomic_exchange_n(at, src, __ATOMIC_SEQ_CST);                                 \
		case BPF_CMPXCHG:                                                                              \
			__atomic_compare_exchange_n(at, &expected, src, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST); \
			return expected;                                                                       \
		}                                                                                              \
		switch (BPF_OP(op)) {                                                                          \
		case BPF_ADD:                                                                                  \
			return __atomic_fetch_add(at, src, __ATOMIC_SEQ_CST);                                  \
		case BPF_OR:                                                                                   \
			return __atomic_fetch_or(at, src, __ATOMIC_SEQ_CST);                                   \
		case BPF_AND:                                                                                  \
			return __atomic_fetch_and(at, src, __ATOMIC_SEQ_CST);                                  \
		default:                                                                                       \
			return __atomic_fetch_xor(at, src, __ATOMIC_SEQ_CST);                                  \
		}                                                                                              \
	}
ATOMICS(32)
ATOMICS(64)

uint64_t bpf_interp_lddw(const struct bpf_interp *interp, const struct bpf_insn *insn)
{
	const struct bpf_prog *prog = interp->prog;
	uint32_t start;
	uint64_t value = 0;

	switch (insn->src_reg) {
	case 0:
		return (uint32_t)insn->imm | (uint64_t)(uint32_t)insn[1].imm << 32;
	case BPF_PSEUDO_FUNC:
		start = (uint32_t)(insn - prog->insns) + 1 + (uint32_t)insn->imm;
		for (uint32_t i = 0; i < interp->callback_count; i++)
			if (interp->callbacks[i].start == start)
				return (uint64_t)&interp->callbacks[i].callback;
		return 0;
	case BPF_PSEUDO_MAP_FD:
	case BPF_PSEUDO_MAP_IDX:
		return (uint64_t)prog->maps[insn->imm];
	default:
		bpf_map_value_address(prog->maps[insn->imm], (uint32_t)insn[1].imm, &value);
		return value;
	}
}

/* Every ALU operation on two operands, as (name, expression over A and B in the operation's width). */
#define FOR_EACH_BINARY(X, W)                          \
	X(ADD, a + b, W)                               \
	X(SUB, a - b, W)                               \
	X(MUL, a *b, W)                                \
	X(OR, a | b, W)                                \
	X(AND, a &b, W)                                \
	X(XOR, a ^ b, W)                               \
	X(LSH, a << (b & (W - 1)), W)                  \
	X(RSH, a >> (b & (W - 1)), W)                  \
	X(ARSH, (int##W##_t)a >> (b & (W - 1)), W)     \
	X(DIV, divide##W(a, b, insn->off != 0), W)     \
	X(MOD, modulo##W(a, b, insn->off != 0), W)

#define FOR_EACH_COMPARE(X, C, W, S)     \
	X(JEQ, a == b, C, W)             \
	X(JNE, a != b, C, W)             \
	X(JGT, a > b, C, W)              \
	X(JGE, a >= b, C, W)             \
	X(JLT, a < b, C, W)              \
	X(JLE, a <= b, C, W)             \
	X(JSET, a &b, C, W)              \
	X(JSGT, (S)a > (S)b, C, W)       \
	X(JSGE, (S)a >= (S)b, C, W)      \
	X(JSLT, (S)a < (S)b, C, W)       \
	X(JSLE, (S)a <= (S)b, C, W)

#define LABEL(CLASS, OP) [BPF_##CLASS | BPF_##OP | BPF_X] = &&CLASS##_##OP##_X, [BPF_##CLASS | BPF_##OP] = &&CLASS##_##OP##_K,
#define ALU_LABEL(OP, E, W)        LABEL(ALU, OP)
#define ALU64_LABEL(OP, E, W)      LABEL(ALU64, OP)
#define JUMP_LABEL(OP, E, C, W)    LABEL(C, OP)
#define MEMORY_LABEL(CLASS, MODE, SIZE) [BPF_##CLASS | BPF_##MODE | BPF_##SIZE] = &&CLASS##_##MODE##_##SIZE

/* The operand of a 64-bit operation is the sign-extended immediate. */
#define DST regs[insn->dst_reg]
#define SRC regs[insn->src_reg]
#define IMM ((uint64_t)insn->imm)
#define NEXT                                  \
	do {                                  \
		insn++;                       \
		goto *jump[insn->code];       \
	} while (0)
#define JUMP(N)                               \
	do {                                  \
		insn += (N);                  \
		NEXT;                         \
	} while (0)

#define BINARY(CLASS, OP, E, W)               \
	CLASS##_##OP##_X:                     \
	{                                     \
		uint##W##_t a = (uint##W##_t)DST, b = (uint##W##_t)SRC; \
		DST = (uint##W##_t)(E);       \
		NEXT;                         \
	}                                     \
	CLASS##_##OP##_K:                     \
	{                                     \
		uint##W##_t a = (uint##W##_t)DST, b = (uint##W##_t)IMM; \
		DST = (uint##W##_t)(E);       \
		NEXT;                         \
	}
#define ALU_CODE(OP, E, W)   BINARY(ALU, OP, E, W)
#define ALU64_CODE(OP, E, W) BINARY(ALU64, OP, E, W)

#define JUMP_CODE(OP, E, CLASS, W)            \
	CLASS##_##OP##_X:                     \
	{                                     \
		uint##W##_t a = (uint##W##_t)DST, b = (uint##W##_t)SRC; \
		JUMP((E) ? insn->off : 0);    \
	}                                     \
	CLASS##_##OP##_K:                     \
	{                                     \
		uint##W##_t a = (uint##W##_t)DST, b = (uint##W##_t)IMM; \
		JUMP((E) ? insn->off : 0);    \
	}

#define MEMORY_CODE(SIZE, BITS)                                                                \
	LDX_MEM_##SIZE: DST = ((const struct u##BITS *)(SRC + (uint64_t)insn->off))->v;        \
	NEXT;                                                                                  \
	STX_MEM_##SIZE: ((struct u##BITS *)(DST + (uint64_t)insn->off))->v = (uint##BITS##_t)SRC; \
	NEXT;                                                                                  \
	ST_MEM_##SIZE: ((struct u##BITS *)(DST + (uint64_t)insn->off))->v = (uint##BITS##_t)IMM;  \
	NEXT;
#define SIGNED_CODE(SIZE, BITS)                                                                                    \
	LDX_MEMSX_##SIZE: DST = (uint64_t)((const struct s##BITS *)(SRC + (uint64_t)insn->off))->v;                \
	NEXT;
#define ATOMIC_CODE(SIZE, BITS)                                                                                    \
	STX_ATOMIC_##SIZE:                                                                                         \
	{                                                                                                          \
		uint64_t old = atomic##BITS(DST + (uint64_t)insn->off, insn->imm, (uint##BITS##_t)SRC, regs[0]);   \
		if (insn->imm == BPF_CMPXCHG)                                                                      \
			regs[0] = old;                                                                             \
		else if (insn->imm & BPF_FETCH)                                                                    \
			SRC = old;                                                                                 \
		NEXT;                                                                                              \
	}

/* Starts at INSN in a new frame of RUN and goes on until that frame is left. REGS: r1 .. r5 hold the arguments. */
uint64_t bpf_interp_loop(struct bpf_interp *interp, struct bpf_run *run, const struct bpf_insn *insn, uint64_t *regs)
{
	/* The others were refused by bpf_check_structure(). */
	static const void *const jump[256] = {
		FOR_EACH_BINARY(ALU_LABEL, 32)
		FOR_EACH_BINARY(ALU64_LABEL, 64)
		LABEL(ALU, MOV) LABEL(ALU64, MOV)
		[BPF_ALU | BPF_NEG] = &&ALU_NEG, [BPF_ALU64 | BPF_NEG] = &&ALU64_NEG,
		[BPF_ALU | BPF_END | BPF_TO_LE] = &&to_le, [BPF_ALU | BPF_END | BPF_TO_BE] = &&to_be,
		[BPF_ALU64 | BPF_END] = &&to_be,
		FOR_EACH_COMPARE(JUMP_LABEL, JMP, 64, int64_t)
		FOR_EACH_COMPARE(JUMP_LABEL, JMP32, 32, int32_t)
		[BPF_JMP | BPF_JA] = &&ja, [BPF_JMP32 | BPF_JA] = &&gotol,
		[BPF_JMP | BPF_CALL] = &&call, [BPF_JMP | BPF_CALL | BPF_X] = &&callx, [BPF_JMP | BPF_EXIT] = &&leave,
		[BPF_LD | BPF_IMM | BPF_DW] = &&lddw,
		MEMORY_LABEL(LDX, MEM, B), MEMORY_LABEL(LDX, MEM, H), MEMORY_LABEL(LDX, MEM, W), MEMORY_LABEL(LDX, MEM, DW),
		MEMORY_LABEL(ST, MEM, B), MEMORY_LABEL(ST, MEM, H), MEMORY_LABEL(ST, MEM, W), MEMORY_LABEL(ST, MEM, DW),
		MEMORY_LABEL(STX, MEM, B), MEMORY_LABEL(STX, MEM, H), MEMORY_LABEL(STX, MEM, W), MEMORY_LABEL(STX, MEM, DW),
		MEMORY_LABEL(LDX, MEMSX, B), MEMORY_LABEL(LDX, MEMSX, H), MEMORY_LABEL(LDX, MEMSX, W),
		MEMORY_LABEL(STX, ATOMIC, W), MEMORY_LABEL(STX, ATOMIC, DW),
	};
	struct bpf_frame *frame;
	const struct bpf_insn *back = NULL;

enter:
	if (run->depth == BPF_INTERP_FRAMES)
		return bpf_interp_fault(run, "calls nest too deep");
	frame = &run->frames[run->depth];
	*frame = (struct bpf_frame){ interp, back, { regs[6], regs[7], regs[8], regs[9] } };
	regs[BPF_REG_FP] = (uint64_t)run->stack[run->depth] + MAX_BPF_STACK;
	run->depth++;
	goto *jump[insn->code];

	FOR_EACH_BINARY(ALU_CODE, 32)
	FOR_EACH_BINARY(ALU64_CODE, 64)
ALU_MOV_X:
	DST = (uint32_t)(insn->off ? extend(SRC, insn->off) : SRC);
	NEXT;
ALU64_MOV_X:
	DST = insn->off ? extend(SRC, insn->off) : SRC;
	NEXT;
ALU_MOV_K:
	DST = (uint32_t)insn->imm;
	NEXT;
ALU64_MOV_K:
	DST = IMM;
	NEXT;
ALU_NEG:
	DST = (uint32_t)-DST;
	NEXT;
ALU64_NEG:
	DST = -DST;
	NEXT;
to_le:
	DST = truncate(DST, insn->imm);
	NEXT;
to_be:
	DST = swap(DST, insn->imm);
	NEXT;

	MEMORY_CODE(B, 8)
	MEMORY_CODE(H, 16)
	MEMORY_CODE(W, 32)
	MEMORY_CODE(DW, 64)
	SIGNED_CODE(B, 8)
	SIGNED_CODE(H, 16)
	SIGNED_CODE(W, 32)
	ATOMIC_CODE(W, 32)
	ATOMIC_CODE(DW, 64)
lddw:
	DST = bpf_interp_lddw(interp, insn);
	insn++;
	NEXT;

	FOR_EACH_COMPARE(JUMP_CODE, JMP, 64, int64_t)
	FOR_EACH_COMPARE(JUMP_CODE, JMP32, 32, int32_t)
ja:
	JUMP(insn->off);
gotol:
	JUMP(insn->imm);

call:
	if (insn->src_reg == BPF_PSEUDO_CALL) {
		back = insn + 1;
		insn += insn->imm + 1;
		goto enter;
	}
	if (insn->imm == BPF_FUNC_tail_call) {
		bool nested = insn >= interp->prog->insns + interp->prog->subprogs[0].end;
		struct bpf_interp *next = bpf_interp_tail_target(run, nested, regs[2], (uint32_t)regs[3]);

		if (!next)
			NEXT;
		/* The frame stays, and so does what it returns to; its stack is the next program's now. */
		interp = next;
		frame->interp = next;
		insn = next->prog->insns;
		goto *jump[insn->code];
	}
	regs[0] = bpf_interp_helper(interp, run, interp->helpers->fn[insn->imm], regs);
	if (run->fault)
		return 0;
	NEXT;
callx:
	if (DST >= BPF_HELPER_NUMBERS || !interp->helpers->fn[DST])
		return bpf_interp_fault(run, "callx: there is no such helper");
	regs[0] = bpf_interp_helper(interp, run, interp->helpers->fn[DST], regs);
	NEXT;

leave:
	frame = &run->frames[--run->depth];
	for (int i = 0; i < 4; i++)
		regs[6 + i] = frame->saved[i];
	if (!frame->back)
		return regs[0];
	insn = frame->back;
	frame--;
	interp = frame->interp;
	regs[BPF_REG_FP] = (uint64_t)run->stack[run->depth - 1] + MAX_BPF_STACK;
	goto *jump[insn->code];
}
