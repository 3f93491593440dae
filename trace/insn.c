/* pure */
/* insn.c: see insn.h. */
#include "trace/insn.h"

#include "lib/errno.h"
#include "lib/str.h"

enum {
	NONE, /* no operand bytes */
	I8,   /* an immediate of 1 byte */
	I16,
	IZ, /* of 4 bytes, or 2 with the prefix 66 */
	IV, /* the same, or 8 with REX.W */
	M,  /* ModRM */
	M8, /* ModRM and an immediate of 1 byte */
	MZ,
	T8, /* group 3: ModRM, and an immediate if it is TEST */
	TZ,
	REL8,
	REL32,
	BAD,
};

/* Appendix A, table A-2; a nibble each, by opcode. */
static uint8_t one_byte(uint8_t op)
{
	if (op < 0x40) {
		static const uint8_t alu[8] = {M, M, M, M, I8, IZ, BAD, BAD};

		return alu[op & 7];
	}
	if ((op & 0xf0) == 0x50 || (op >= 0x90 && op <= 0x99))
		return NONE;
	if ((op & 0xf0) == 0x70 || op == 0xeb)
		return REL8;
	if (op >= 0x84 && op <= 0x8b)
		return M;
	if ((op & 0xf8) == 0xb0)
		return I8;
	if ((op & 0xf8) == 0xb8)
		return IV;
	switch (op) {
	case 0x63:
	case 0x8d:
	case 0x8f:
	case 0xd0:
	case 0xd1:
	case 0xd2:
	case 0xd3:
	case 0xfe:
	case 0xff:
		return M;
	case 0x68:
	case 0xa9:
		return IZ;
	case 0x69:
	case 0x81:
	case 0xc7:
		return MZ;
	case 0x6a:
	case 0xa8:
		return I8;
	case 0x6b:
	case 0x80:
	case 0x83:
	case 0xc0:
	case 0xc1:
	case 0xc6:
		return M8;
	case 0xa4:
	case 0xa5:
	case 0xa6:
	case 0xa7:
	case 0xaa:
	case 0xab:
	case 0xac:
	case 0xad:
	case 0xae:
	case 0xaf:
	case 0xc3:
	case 0xc9:
	case 0xf4:
	case 0xf5:
	case 0xf8:
	case 0xf9:
	case 0xfa:
	case 0xfb:
	case 0xfc:
	case 0xfd:
		return NONE;
	case 0xc2:
		return I16;
	case 0xe8:
	case 0xe9:
		return REL32;
	case 0xf6:
		return T8;
	case 0xf7:
		return TZ;
	default:
		return BAD;
	}
}

/* Table A-3: opcodes behind 0F. */
static uint8_t two_byte(uint8_t op)
{
	if ((op & 0xf0) == 0x80)
		return REL32;
	if ((op & 0xf8) == 0xc8)
		return NONE;
	switch (op) {
	case 0x05:
	case 0x0b:
	case 0x31:
	case 0xa2:
	case 0x77:
	case 0xa0:
	case 0xa1:
	case 0xa8:
	case 0xa9:
		return NONE;
	case 0x70:
	case 0x71:
	case 0x72:
	case 0x73:
	case 0xa4:
	case 0xac:
	case 0xba:
	case 0xc2:
	case 0xc4:
	case 0xc5:
	case 0xc6:
		return M8;
	case 0x01:
	case 0xff:
	case 0x0e:
	case 0x0f:
	case 0x04:
	case 0x0a:
	case 0x0c:
	case 0xa6:
	case 0xa7:
	case 0x36:
		return BAD;
	default:
		/* 20 to 27 (control registers), 30 to 3f (MSRs, SYSENTER, three-byte opcodes) and 06 to 0d are not for
		 * compilers. */
		if (op < 0x10)
			return op == 0x0d ? M : BAD;
		return (op >= 0x20 && op < 0x28) || (op >= 0x30 && op < 0x40) ? BAD : M;
	}
}

struct parts {
	uint8_t kind;
	uint8_t opcode; /* where, the byte behind 0F if there is one */
	bool two;
	uint8_t modrm; /* where; 0: none */
	uint8_t disp;  /* where a displacement from the next instruction is; 0: none */
	uint8_t length;
};

static int parse(const uint8_t *c, size_t size, struct parts *ret)
{
	bool op16 = false, rex_w = false;
	unsigned imm = 0, n = 0;

	*ret = (struct parts){0};
	size = size < 15 ? size : 15;
	while (n < size && (c[n] == 0x66 || c[n] == 0xf2 || c[n] == 0xf3 || c[n] == 0xf0 || c[n] == 0x64 ||
			    c[n] == 0x65 || c[n] == 0x2e || c[n] == 0x3e))
		op16 |= c[n++] == 0x66;
	if (n < size && (c[n] & 0xf0) == 0x40)
		rex_w = c[n++] & 8;
	ret->two = n < size && c[n] == 0x0f;
	n += ret->two;
	if (n >= size)
		return -EINVAL;
	ret->opcode = (uint8_t)n;
	ret->kind = ret->two ? two_byte(c[n]) : one_byte(c[n]);
	n++;
	switch (ret->kind) {
	case BAD:
		return -EINVAL;
	case M:
	case M8:
	case MZ:
	case T8:
	case TZ:
		if (n >= size)
			return -EINVAL;
		ret->modrm = (uint8_t)n;
		break;
	}
	if (ret->modrm) {
		unsigned mod = c[n] >> 6, rm = c[n] & 7, reg = c[n] >> 3 & 7, base = rm;

		n++;
		if (mod != 3 && rm == 4) {
			if (n >= size)
				return -EINVAL;
			base = c[n++] & 7;
		}
		if (mod == 0 && rm == 5)
			ret->disp = (uint8_t)n;
		if (mod == 2 || (mod == 0 && base == 5))
			n += 4;
		else if (mod == 1)
			n++;
		if (ret->kind == T8 && reg < 2)
			imm = 1;
		if (ret->kind == TZ && reg < 2)
			imm = op16 && !rex_w ? 2 : 4;
	}
	switch (ret->kind) {
	case I8:
	case M8:
	case REL8:
		imm = 1;
		break;
	case I16:
		imm = 2;
		break;
	case IZ:
	case MZ:
	case IV:
		imm = ret->kind == IV && rex_w ? 8 : op16 && !rex_w ? 2 : 4;
		break;
	case REL32:
		imm = 4;
		break;
	}
	n += imm;
	if (n > size)
		return -EINVAL;
	ret->length = (uint8_t)n;
	return 0;
}

int insn_length(const uint8_t *code, size_t size)
{
	struct parts p;
	int r = parse(code, size, &p);

	return r < 0 ? r : p.length;
}

/* A jump's or a call's displacement at out + n, the end of the instruction behind it. */
static unsigned put_rel32(uint8_t *out, unsigned n, uint64_t to, uint64_t target)
{
	int32_t rel = (int32_t)(target - (to + n + 4));

	memcpy(out + n, &rel, 4);
	return n + 4;
}

/* Ends with the jump to what follows. */
static int go_on(uint8_t *out, unsigned n, uint64_t to, uint64_t next)
{
	out[n++] = 0xe9;
	return (int)put_rel32(out, n, to, next);
}

/* What the instruction does, at `to`, without the way on; *ret_ends: there is none, it leads elsewhere itself. Returns the
 * bytes written, or -EINVAL. */
static int move_one(const uint8_t *code, size_t size, uint64_t at, uint64_t to, uint8_t *out, unsigned *ret_length,
		    bool *ret_ends)
{
	struct parts p;
	int r = parse(code, size, &p);
	uint64_t next, target;
	unsigned n = 0;
	int32_t rel;
	uint8_t op;

	if (r < 0 || at >= 0x80000000 - 15 || to >= 0x80000000 - INSN_MOVED_MAX)
		return -EINVAL;
	op = code[p.opcode];
	next = at + p.length;
	*ret_length = p.length;
	*ret_ends = false;
	if (p.kind == REL8 || p.kind == REL32) {
		if (p.kind == REL8)
			rel = (int8_t)code[p.length - 1];
		else
			memcpy(&rel, code + p.length - 4, 4);
		target = next + (uint64_t)(int64_t)rel;
		if (target >= 0x80000000)
			return -EINVAL;
		if (op == 0xe8 && !p.two) {
			uint32_t back = (uint32_t)next;

			/* push imm32; the address is below 2 GiB, so its sign is right */
			*ret_ends = true;
			out[n++] = 0x68;
			memcpy(out + n, &back, 4);
			return go_on(out, n + 4, to, target);
		}
		if (!p.two && (op == 0xe9 || op == 0xeb)) {
			*ret_ends = true;
			return go_on(out, 0, to, target);
		}
		out[n++] = 0x0f;
		out[n++] = 0x80 | (op & 15);
		return (int)put_rel32(out, n, to, target);
	}
	/* What looks at its own address, enters the kernel, or ends here: CALL through memory or a register, SYSCALL,
	 * HLT; and STI before that, as no interrupt may come in between. */
	if (!p.two && op == 0xff && (code[p.modrm] >> 3 & 7) >= 2 && (code[p.modrm] >> 3 & 7) != 6 &&
	    (code[p.modrm] >> 3 & 7) != 4)
		return -EINVAL;
	if ((p.two && (op == 0x05 || op == 0x0b)) || (!p.two && op == 0xf4))
		return -EINVAL;
	/* XBEGIN: where an aborted transaction goes on is relative to it. */
	if (!p.two && op == 0xc7 && code[p.modrm] == 0xf8)
		return -EINVAL;
	if (!p.two && op == 0xfb && (size <= p.length || code[p.length] == 0xf4))
		return -EINVAL;
	/* RET, and JMP through memory or a register. */
	*ret_ends = !p.two && (op == 0xc3 || op == 0xc2 || (op == 0xff && (code[p.modrm] >> 3 & 7) == 4));
	memcpy(out, code, p.length);
	if (p.disp) {
		memcpy(&rel, code + p.disp, 4);
		target = next + (uint64_t)(int64_t)rel;
		if (target >= 0x80000000)
			return -EINVAL;
		rel = (int32_t)(target - (to + p.length));
		memcpy(out + p.disp, &rel, 4);
	}
	return p.length;
}

int insn_move(const uint8_t *code, size_t size, uint64_t at, uint64_t to, uint8_t *out)
{
	unsigned length;
	bool ends;
	int n = move_one(code, size, at, to, out, &length, &ends);

	return n < 0 || ends ? n : go_on(out, (unsigned)n, to, at + length);
}

int insn_move_run(const uint8_t *code, size_t size, uint64_t at, size_t room, uint64_t to, uint8_t *out,
		  size_t *ret_length)
{
	size_t done = 0, n = 0;
	unsigned length;
	bool ends = false;

	while (done < room) {
		int r;

		/* What follows an end is other code, perhaps another function's. */
		if (ends)
			return -EINVAL;
		r = move_one(code + done, size - done, at + done, to + n, out + n, &length, &ends);
		if (r < 0)
			return r;
		n += (size_t)r;
		done += length;
	}
	*ret_length = done;
	return ends ? (int)n : go_on(out, (unsigned)n, to, at + done);
}

/* SDM vol. 2, 2.1.5 and table 2-3: register 4 is RSP without REX.R or REX.B, as a base in the SIB byte, too. */
#define RSP 4

enum { GOES_ON, PLAIN, HANDLES };

/* One instruction while the return address is on top of the stack. */
static int look(const uint8_t *c, const struct parts *p)
{
	uint8_t op = c[p->opcode], rex = p->opcode && (c[p->opcode - 1] & 0xf0) == 0x40 ? c[p->opcode - 1] : 0;
	uint8_t modrm = p->modrm ? c[p->modrm] : 0, reg = modrm >> 3 & 7;
	bool rm_rsp = modrm >> 6 == 3 && (modrm & 7) == RSP && !(rex & 1), reg_rsp = reg == RSP && !(rex & 4);
	bool top = modrm >> 6 == 0 && (modrm & 7) == RSP && c[p->modrm + 1] == (RSP << 3 | RSP) && !(rex & 1);

	if (p->two)
		return GOES_ON;
	/* POP; MOV to RSP; MOV from where RSP points */
	if ((op & 0xf8) == 0x58 || op == 0x8f || (op == 0x89 && rm_rsp) || (op == 0x8b && (reg_rsp || top)))
		return HANDLES;
	/* PUSH, CALL, RET, JMP, LEAVE; arithmetic and LEA to RSP */
	if ((op & 0xf8) == 0x50 || op == 0x68 || op == 0x6a || (op == 0xff && reg >= 2) || op == 0xe8 || op == 0xe9 ||
	    op == 0xeb || op == 0xc2 || op == 0xc3 || op == 0xc9 || ((op == 0x81 || op == 0x83) && rm_rsp) ||
	    (op == 0x8d && reg_rsp))
		return PLAIN;
	return GOES_ON;
}

bool insn_handles_return(const uint8_t *code, size_t size)
{
	int found = GOES_ON;
	struct parts p;

	for (size_t n = 0; found == GOES_ON; n += p.length) {
		if (parse(code + n, size - n, &p) < 0)
			return false;
		found = look(code + n, &p);
	}
	return found == HANDLES;
}
