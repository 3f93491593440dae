/* pure */
/*
 * jit_x86.h: the compiler's state, and x86-64 instruction encoding (Intel SDM vol. 2, chapter 2). Only jit*.c may use it.
 * Nothing here knows about BPF beyond the registers' names.
 */
#ifndef BPF_JIT_X86_H
#define BPF_JIT_X86_H

#include "bpf/jit.h"

struct bpf_map;

enum x86_reg {
	RAX = 0,
	RCX = 1,
	RDX = 2,
	RBX = 3,
	RSP = 4,
	RBP = 5,
	RSI = 6,
	RDI = 7,
	R8 = 8,
	R9 = 9,
	R10 = 10,
	R11 = 11,
	R13 = 13,
	R14 = 14,
	R15 = 15,
};

/* How wide an operation is: chooses REX.W, and for bytes a REX prefix for the sake of sil, dil, bpl. */
enum x86_width { W32, W64, W8 };

/* Condition codes: low nibble of Jcc (SDM vol. 2, appendix B.1.4.7). */
enum x86_cc { CC_B = 2, CC_AE = 3, CC_E = 4, CC_NE = 5, CC_BE = 6, CC_A = 7, CC_L = 12, CC_GE = 13, CC_LE = 14, CC_G = 15 };

/* What a function of the program needs of its frame. */
struct jit_frame {
	bool has_frame; /* rbp is set up */
	bool has_tail;  /* the pointer to the run's count of tail calls is at -tail_at(rbp) */
	uint8_t saved;  /* bit i: r(6 + i) is saved */
	uint32_t room;  /* bytes between rbp (or the return address) and the saved registers */
	uint32_t tail_at;
};

struct jit {
	const struct bpf_prog *prog;
	const struct bpf_helpers *helpers;
	const struct bpf_jit_options *options;
	uint32_t *place; /* offset of each instruction's code: of the last pass, or of this one where it has been */
	uint32_t *entries; /* offset of each function, likewise; `place` of its first instruction is behind the prologue */
	uint8_t *out;
	size_t size;     /* bytes that may be written; `at` goes on beyond */
	uint32_t at;     /* offset of the next byte */
	uint32_t table;  /* offset of the table of callbacks, in the last pass */
	bool first_pass; /* there are no places yet */
	bool last_passes; /* long jumps stay long, so that there are no more than two passes */
	uint32_t insn;    /* the instruction that is being compiled */
	struct jit_frame frame;       /* of the function being compiled */
	const struct bpf_map *r1_map; /* what r1 points at, as far as is known from the instructions before */
};

#define PLACE_TARGET 0x80000000u /* something jumps here */
#define PLACE_SHORT  0x40000000u /* is a short jump, as far as passes have got */
#define PLACE_OFFSET 0x3fffffffu /* 1 GiB; the longest program makes less than 64 MiB */

static inline void x86_byte(struct jit *j, unsigned b)
{
	if (j->at < j->size)
		j->out[j->at] = (uint8_t)b;
	j->at++;
}

static inline void x86_u32(struct jit *j, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		x86_byte(j, (v >> (8 * i)) & 0xff);
}

static inline void x86_u64(struct jit *j, uint64_t v)
{
	x86_u32(j, (uint32_t)v);
	x86_u32(j, (uint32_t)(v >> 32));
}

static inline bool is_imm8(int64_t v)
{
	return v >= -128 && v <= 127;
}

static inline bool is_imm32(int64_t v)
{
	return v == (int32_t)v;
}

/* REX prefix, if one is needed, and the opcode: one byte, or 0x0fNN. */
void x86_opcode(struct jit *j, enum x86_width w, unsigned opcode, unsigned reg, unsigned rm);
/* opcode reg, rm: both registers. REG may be an opcode extension. */
void x86_rr(struct jit *j, enum x86_width w, unsigned opcode, unsigned reg, unsigned rm);
/* opcode reg, [base + disp]. BASE is neither rsp nor r12. */
void x86_rm(struct jit *j, enum x86_width w, unsigned opcode, unsigned reg, unsigned base, int32_t disp);
/* An operation of group 1 (SDM vol. 2, table A-6: add 0, or 1, and 4, sub 5, xor 6, cmp 7) with a constant. */
void x86_group1(struct jit *j, enum x86_width w, unsigned ext, unsigned rm, int32_t imm);
void x86_mov(struct jit *j, enum x86_width w, unsigned to, unsigned from);
/* Loads a constant by the shortest form; changes the flags. */
void x86_mov_imm(struct jit *j, unsigned to, uint64_t value);
void x86_push(struct jit *j, unsigned reg);
void x86_pop(struct jit *j, unsigned reg);
/* call ADDRESS, direct if it is near enough. Changes rax otherwise. */
void x86_call(struct jit *j, uint64_t address);
/* A short jump forward that lands where x86_land() is called. CC < 0: always. */
uint32_t x86_skip(struct jit *j, int cc);
void x86_land(struct jit *j, uint32_t skip);
/* The instruction's jump, taken if CC (always if negative), to the code of instruction TO. */
void x86_jump(struct jit *j, int cc, uint32_t to);

/* The register that holds BPF register R. */
static inline unsigned x86_of(unsigned r)
{
	static const uint8_t map[MAX_BPF_REG] = { RAX, RDI, RSI, RDX, RCX, R8, RBX, R13, R14, R15, RBP };

	return map[r];
}

/* The rest of the compiler, a file each. */
void jit_alu(struct jit *j, const struct bpf_insn *insn);           /* jit_alu.c */
void jit_divide(struct jit *j, const struct bpf_insn *insn);        /* jit_divide.c */
void jit_memory(struct jit *j, const struct bpf_insn *insn);        /* jit_memory.c */
void jit_call(struct jit *j, uint32_t at);                          /* jit_call.c */
void jit_compare(struct jit *j, uint32_t at);                       /* jit_jump.c */
void jit_plan_frame(struct jit *j, const struct bpf_subprog *f);    /* jit_frame.c */
void jit_enter(struct jit *j);
void jit_leave(struct jit *j);

#endif
