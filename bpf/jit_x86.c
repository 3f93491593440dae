/* pure */
/* jit_x86.c: encodes x86-64 instructions (Intel SDM vol. 2, chapter 2). Knows nothing about BPF. */
#include "bpf/jit_x86.h"

/* Reach of a 32-bit displacement, less room for the largest program. */
#define NEAR 0x70000000

void x86_opcode(struct jit *j, enum x86_width w, unsigned opcode, unsigned reg, unsigned rm)
{
	unsigned rex = (w == W64 ? 8u : 0) | (reg & 8 ? 4u : 0) | (rm & 8 ? 1u : 0);

	if (rex || w == W8)
		x86_byte(j, 0x40 | rex);
	if (opcode > 0xff)
		x86_byte(j, opcode >> 8);
	x86_byte(j, opcode & 0xff);
}

void x86_rr(struct jit *j, enum x86_width w, unsigned opcode, unsigned reg, unsigned rm)
{
	x86_opcode(j, w, opcode, reg, rm);
	x86_byte(j, 0xc0 | (reg & 7) << 3 | (rm & 7));
}

void x86_rm(struct jit *j, enum x86_width w, unsigned opcode, unsigned reg, unsigned base, int32_t disp)
{
	unsigned fields = (reg & 7) << 3 | (base & 7);

	x86_opcode(j, w, opcode, reg, base);
	/* Without a displacement rbp and r13 mean something else (SDM vol. 2, table 2-2). */
	if (disp == 0 && (base & 7) != RBP) {
		x86_byte(j, fields);
	} else if (is_imm8(disp)) {
		x86_byte(j, 0x40 | fields);
		x86_byte(j, disp & 0xff);
	} else {
		x86_byte(j, 0x80 | fields);
		x86_u32(j, (uint32_t)disp);
	}
}

void x86_group1(struct jit *j, enum x86_width w, unsigned ext, unsigned rm, int32_t imm)
{
	if (is_imm8(imm)) {
		x86_rr(j, w, 0x83, ext, rm);
		x86_byte(j, imm & 0xff);
		return;
	}
	if (rm == RAX)
		x86_opcode(j, w, ext << 3 | 5, 0, 0);
	else
		x86_rr(j, w, 0x81, ext, rm);
	x86_u32(j, (uint32_t)imm);
}

void x86_mov(struct jit *j, enum x86_width w, unsigned to, unsigned from)
{
	x86_rr(j, w, 0x89, from, to);
}

void x86_mov_imm(struct jit *j, unsigned to, uint64_t value)
{
	if (value == 0) {
		x86_rr(j, W32, 0x31, to, to);
	} else if (value <= UINT32_MAX) {
		x86_opcode(j, W32, 0xb8 | (to & 7), 0, to);
		x86_u32(j, (uint32_t)value);
	} else if (is_imm32((int64_t)value)) {
		x86_rr(j, W64, 0xc7, 0, to);
		x86_u32(j, (uint32_t)value);
	} else {
		x86_opcode(j, W64, 0xb8 | (to & 7), 0, to);
		x86_u64(j, value);
	}
}

void x86_push(struct jit *j, unsigned reg)
{
	x86_opcode(j, W32, 0x50 | (reg & 7), 0, reg);
}

void x86_pop(struct jit *j, unsigned reg)
{
	x86_opcode(j, W32, 0x58 | (reg & 7), 0, reg);
}

void x86_call(struct jit *j, uint64_t address)
{
	int64_t from_start = (int64_t)(address - j->options->address);

	/* Whether it is near must not depend on the place of the call, which moves from pass to pass. */
	if (j->options->address && from_start < NEAR && from_start > -NEAR) {
		x86_byte(j, 0xe8);
		x86_u32(j, (uint32_t)(from_start - (j->at + 4)));
		return;
	}
	x86_mov_imm(j, RAX, address);
	x86_rr(j, W32, 0xff, 2, RAX);
}

uint32_t x86_skip(struct jit *j, int cc)
{
	x86_byte(j, cc < 0 ? 0xebu : 0x70u | (unsigned)cc);
	x86_byte(j, 0);
	return j->at;
}

void x86_land(struct jit *j, uint32_t skip)
{
	if (j->at <= j->size)
		j->out[skip - 1] = (uint8_t)(j->at - skip);
}

void x86_jump(struct jit *j, int cc, uint32_t to)
{
	/*
	 * A place ahead is of the last pass. Code only gets shorter from pass to pass, so the distance is no longer than it
	 * seems; and a pass that changes no place is exact.
	 */
	int64_t distance = (int64_t)(j->place[to] & PLACE_OFFSET) - j->at;
	uint32_t *own = &j->place[j->insn];
	unsigned length = cc < 0 ? 5 : 6;
	/* What is ahead moves as this jump gets shorter, so it counts as long as it was. */
	int64_t as_short = distance - (to > j->insn && !(*own & PLACE_SHORT) ? length : 2);

	if (!j->first_pass && !j->last_passes && is_imm8(as_short))
		*own |= PLACE_SHORT;
	if (*own & PLACE_SHORT) {
		x86_byte(j, cc < 0 ? 0xebu : 0x70u | (unsigned)cc);
		x86_byte(j, (unsigned)as_short & 0xff);
		return;
	}
	if (cc < 0) {
		x86_byte(j, 0xe9);
	} else {
		x86_byte(j, 0x0f);
		x86_byte(j, 0x80u | (unsigned)cc);
	}
	x86_u32(j, (uint32_t)(distance - length));
}
