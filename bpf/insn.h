/* pure */
/*
 * insn.h: the instruction encoding of RFC 9669 with the names that Linux gives its fields and constants, and macros that
 * build instructions. What a program is made of besides is in bpf/prog.h; what is well formed, in bpf/check.h.
 *
 * A hosted file that includes <linux/bpf.h> must not include this one: the names are the same.
 */
#ifndef BPF_INSN_H
#define BPF_INSN_H

#include <stdint.h>

/* RFC 9669, 3.1, little-endian host. */
struct bpf_insn {
	uint8_t code;        /* opcode: class, and size/mode or source/operation */
	uint8_t dst_reg : 4; /* 0 .. 10 */
	uint8_t src_reg : 4; /* 0 .. 10, or a BPF_PSEUDO_ number */
	int16_t off;
	int32_t imm;
};
_Static_assert(sizeof(struct bpf_insn) == 8, "RFC 9669, 3.1");

/* Registers: r0 result, r1 .. r5 arguments and scratch, r6 .. r9 preserved, r10 frame pointer (read only). */
enum {
	BPF_REG_0,
	BPF_REG_1,
	BPF_REG_2,
	BPF_REG_3,
	BPF_REG_4,
	BPF_REG_5,
	BPF_REG_6,
	BPF_REG_7,
	BPF_REG_8,
	BPF_REG_9,
	BPF_REG_10,
	MAX_BPF_REG,
};
#define BPF_REG_FP            BPF_REG_10

/* Classes (3.2). */
#define BPF_CLASS(code)       ((code) & 0x07)
#define BPF_LD                0x00
#define BPF_LDX               0x01
#define BPF_ST                0x02
#define BPF_STX               0x03
#define BPF_ALU               0x04
#define BPF_JMP               0x05
#define BPF_JMP32             0x06
#define BPF_ALU64             0x07

/* Arithmetic and jumps (4): the source bit and the operation. */
#define BPF_SRC(code)         ((code) & 0x08)
#define BPF_K                 0x00
#define BPF_X                 0x08
#define BPF_OP(code)          ((code) & 0xf0)

#define BPF_ADD               0x00
#define BPF_SUB               0x10
#define BPF_MUL               0x20
#define BPF_DIV               0x30 /* off 0: unsigned; off 1: signed */
#define BPF_OR                0x40
#define BPF_AND               0x50
#define BPF_LSH               0x60
#define BPF_RSH               0x70
#define BPF_NEG               0x80
#define BPF_MOD               0x90 /* off 0: unsigned; off 1: signed */
#define BPF_XOR               0xa0
#define BPF_MOV               0xb0 /* off 8, 16, 32: sign-extending */
#define BPF_ARSH              0xc0
#define BPF_END               0xd0

/* BPF_END's source bit: in BPF_ALU the byte order asked for; in BPF_ALU64 (always BPF_TO_LE) an unconditional swap. */
#define BPF_TO_LE             0x00
#define BPF_TO_BE             0x08

#define BPF_JA                0x00 /* BPF_JMP: by off; BPF_JMP32: by imm */
#define BPF_JEQ               0x10
#define BPF_JGT               0x20
#define BPF_JGE               0x30
#define BPF_JSET              0x40
#define BPF_JNE               0x50
#define BPF_JSGT              0x60
#define BPF_JSGE              0x70
#define BPF_CALL              0x80
#define BPF_EXIT              0x90
#define BPF_JLT               0xa0
#define BPF_JLE               0xb0
#define BPF_JSLT              0xc0
#define BPF_JSLE              0xd0

/* Loads and stores (5): size and mode. */
#define BPF_SIZE(code)        ((code) & 0x18)
#define BPF_W                 0x00
#define BPF_H                 0x08
#define BPF_B                 0x10
#define BPF_DW                0x18
#define BPF_MODE(code)        ((code) & 0xe0)
#define BPF_IMM               0x00
#define BPF_ABS               0x20 /* legacy packet access: refused */
#define BPF_IND               0x40 /* legacy packet access: refused */
#define BPF_MEM               0x60
#define BPF_MEMSX             0x80 /* sign-extending load */
#define BPF_ATOMIC            0xc0

/* Atomic operations (5.3), in imm: BPF_ADD, BPF_OR, BPF_AND, BPF_XOR, each with or without BPF_FETCH, and these. */
#define BPF_FETCH             0x01
#define BPF_XCHG              (0xe0 | BPF_FETCH)
#define BPF_CMPXCHG           (0xf0 | BPF_FETCH)

/* src_reg of BPF_LD | BPF_IMM | BPF_DW (5.4). Map numbers are places in struct bpf_prog's `maps`. */
#define BPF_PSEUDO_MAP_FD         1 /* imm: map number; next imm 0. The value is the map */
#define BPF_PSEUDO_MAP_VALUE      2 /* imm: map number; next imm: offset into the map's first value */
#define BPF_PSEUDO_BTF_ID         3 /* platform variable: refused */
#define BPF_PSEUDO_FUNC           4 /* imm: instructions from the next one to a subprogram: a callback */
#define BPF_PSEUDO_MAP_IDX        5 /* as 1 */
#define BPF_PSEUDO_MAP_IDX_VALUE  6 /* as 2 */

/* src_reg of BPF_JMP | BPF_CALL (4.3.1). */
#define BPF_PSEUDO_CALL       1 /* imm: instructions from the next one to a subprogram */
#define BPF_PSEUDO_KFUNC_CALL 2 /* call by BTF id: refused */

/* The size in bytes that BPF_SIZE(code) names: 1, 2, 4 or 8. */
static inline unsigned bpf_size_bytes(uint8_t code)
{
	static const uint8_t bytes[4] = { 4, 2, 1, 8 };

	return bytes[BPF_SIZE(code) >> 3];
}

/* True for the first half of a 16-byte instruction. */
static inline _Bool bpf_is_lddw(const struct bpf_insn *insn)
{
	return insn->code == (BPF_LD | BPF_IMM | BPF_DW);
}

/* Builders, as in Linux's include/linux/filter.h: initialisers for `struct bpf_insn program[] = { ... }`. */
#define BPF_INSN(CODE, DST, SRC, OFF, IMM) \
	((struct bpf_insn){ .code = (CODE), .dst_reg = (DST), .src_reg = (SRC), .off = (OFF), .imm = (int32_t)(IMM) })

#define BPF_ALU64_REG(OP, DST, SRC)     BPF_INSN(BPF_ALU64 | (OP) | BPF_X, DST, SRC, 0, 0)
#define BPF_ALU32_REG(OP, DST, SRC)     BPF_INSN(BPF_ALU | (OP) | BPF_X, DST, SRC, 0, 0)
#define BPF_ALU64_IMM(OP, DST, IMM)     BPF_INSN(BPF_ALU64 | (OP) | BPF_K, DST, 0, 0, IMM)
#define BPF_ALU32_IMM(OP, DST, IMM)     BPF_INSN(BPF_ALU | (OP) | BPF_K, DST, 0, 0, IMM)
#define BPF_MOV64_REG(DST, SRC)         BPF_ALU64_REG(BPF_MOV, DST, SRC)
#define BPF_MOV32_REG(DST, SRC)         BPF_ALU32_REG(BPF_MOV, DST, SRC)
#define BPF_MOV64_IMM(DST, IMM)         BPF_ALU64_IMM(BPF_MOV, DST, IMM)
#define BPF_MOV32_IMM(DST, IMM)         BPF_ALU32_IMM(BPF_MOV, DST, IMM)
#define BPF_LDX_MEM(SIZE, DST, SRC, OFF)   BPF_INSN(BPF_LDX | (SIZE) | BPF_MEM, DST, SRC, OFF, 0)
#define BPF_LDX_MEMSX(SIZE, DST, SRC, OFF) BPF_INSN(BPF_LDX | (SIZE) | BPF_MEMSX, DST, SRC, OFF, 0)
#define BPF_STX_MEM(SIZE, DST, SRC, OFF)   BPF_INSN(BPF_STX | (SIZE) | BPF_MEM, DST, SRC, OFF, 0)
#define BPF_ST_MEM(SIZE, DST, OFF, IMM)    BPF_INSN(BPF_ST | (SIZE) | BPF_MEM, DST, 0, OFF, IMM)
#define BPF_ATOMIC_OP(SIZE, OP, DST, SRC, OFF) BPF_INSN(BPF_STX | (SIZE) | BPF_ATOMIC, DST, SRC, OFF, OP)
#define BPF_JMP_REG(OP, DST, SRC, OFF)  BPF_INSN(BPF_JMP | (OP) | BPF_X, DST, SRC, OFF, 0)
#define BPF_JMP_IMM(OP, DST, IMM, OFF)  BPF_INSN(BPF_JMP | (OP) | BPF_K, DST, 0, OFF, IMM)
#define BPF_JMP32_REG(OP, DST, SRC, OFF) BPF_INSN(BPF_JMP32 | (OP) | BPF_X, DST, SRC, OFF, 0)
#define BPF_JMP32_IMM(OP, DST, IMM, OFF) BPF_INSN(BPF_JMP32 | (OP) | BPF_K, DST, 0, OFF, IMM)
#define BPF_JMP_A(OFF)                  BPF_INSN(BPF_JMP | BPF_JA, 0, 0, OFF, 0)
#define BPF_CALL_HELPER(ID)             BPF_INSN(BPF_JMP | BPF_CALL, 0, 0, 0, ID)
#define BPF_CALL_REL(IMM)               BPF_INSN(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_CALL, 0, IMM)
#define BPF_EXIT_INSN()                 BPF_INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)
#define BPF_LD_IMM64_RAW(DST, SRC, LOW, HIGH) \
	BPF_INSN(BPF_LD | BPF_IMM | BPF_DW, DST, SRC, 0, LOW), BPF_INSN(0, 0, 0, 0, HIGH)
#define BPF_LD_IMM64(DST, VALUE) \
	BPF_LD_IMM64_RAW(DST, 0, (uint32_t)(VALUE), (uint32_t)((uint64_t)(VALUE) >> 32))
#define BPF_LD_MAP(DST, NUMBER)         BPF_LD_IMM64_RAW(DST, BPF_PSEUDO_MAP_FD, NUMBER, 0)

#endif
