/* asm.c: the tests' assembler, see asm.h. Two passes over the lines: labels, then instructions. */
#include "tests/bpf/verifier/asm.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/helper.h"

#define LABELS_MAX 64

struct assembler {
	struct bpf_insn *insns;
	int count, max;
	bool placing; /* first pass: labels are not all known */
	int labels;
	struct {
		char name[32];
		int at;
	} label[LABELS_MAX];
	char *error;
	size_t error_size;
};

static bool fail(struct assembler *a, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(a->error, a->error_size, format, args);
	va_end(args);
	return false;
}

static bool emit(struct assembler *a, int code, int dst, int src, int off, long long imm)
{
	if (a->count == a->max)
		return fail(a, "too many instructions");
	a->insns[a->count++] = BPF_INSN((uint8_t)code, dst & 15, src & 15, (int16_t)off, imm);
	return true;
}

/* Instructions from the next one to the target: "+3", "-2" or a label. */
static bool distance(struct assembler *a, const char *target, int *ret)
{
	if (*target == '+' || *target == '-') {
		*ret = atoi(target);
		return true;
	}
	for (int i = 0; i < a->labels; i++)
		if (!strcmp(a->label[i].name, target)) {
			*ret = a->label[i].at - a->count - 1;
			return true;
		}
	*ret = 0;
	return a->placing ? true : fail(a, "no label %s", target);
}

static int size_code(const char *type, bool *is_signed)
{
	*is_signed = type[0] == 's';
	switch (atoi(type + 1)) {
	case 8:
		return BPF_B;
	case 16:
		return BPF_H;
	case 32:
		return BPF_W;
	case 64:
		return BPF_DW;
	default:
		return -1;
	}
}

/* "r3", "w3", "fp". */
static bool is_register(const char *s, int *number, bool *is64)
{
	char *end;

	if (!strcmp(s, "fp")) {
		*number = 10;
		*is64 = true;
		return true;
	}
	if ((*s != 'r' && *s != 'w') || s[1] < '0' || s[1] > '9')
		return false;
	*number = (int)strtol(s + 1, &end, 10);
	*is64 = *s == 'r';
	return !*end && *number < 16;
}

static bool is_number(const char *s, long long *value)
{
	char *end;

	*value = (long long)strtoull(s, &end, 0);
	return end != s && !*end;
}

static int alu_op(const char *op, int *off)
{
	static const struct {
		const char *text;
		int op, off;
	} ops[] = {
		{"=", BPF_MOV, 0},   {"+=", BPF_ADD, 0},    {"-=", BPF_SUB, 0}, {"*=", BPF_MUL, 0},
		{"/=", BPF_DIV, 0},  {"s/=", BPF_DIV, 1},   {"%=", BPF_MOD, 0}, {"s%=", BPF_MOD, 1},
		{"|=", BPF_OR, 0},   {"&=", BPF_AND, 0},    {"^=", BPF_XOR, 0}, {"<<=", BPF_LSH, 0},
		{">>=", BPF_RSH, 0}, {"s>>=", BPF_ARSH, 0},
	};

	for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++)
		if (!strcmp(op, ops[i].text)) {
			*off = ops[i].off;
			return ops[i].op;
		}
	return -1;
}

static int jump_op(const char *op)
{
	static const struct {
		const char *text;
		int op;
	} ops[] = {
		{"==", BPF_JEQ},   {"!=", BPF_JNE},  {">", BPF_JGT},	{">=", BPF_JGE},
		{"<", BPF_JLT},	   {"<=", BPF_JLE},  {"&", BPF_JSET},	{"s>", BPF_JSGT},
		{"s>=", BPF_JSGE}, {"s<", BPF_JSLT}, {"s<=", BPF_JSLE},
	};

	for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++)
		if (!strcmp(op, ops[i].text))
			return ops[i].op;
	return -1;
}

static bool wide(struct assembler *a, int dst, int src, unsigned long long low, unsigned high)
{
	return emit(a, BPF_LD | BPF_IMM | BPF_DW, dst, src, 0, (int)low) && emit(a, 0, 0, 0, 0, (int)high);
}

static bool call(struct assembler *a, const char *target)
{
	long long number;
	int to;

	if (is_number(target, &number))
		return emit(a, BPF_JMP | BPF_CALL, 0, 0, 0, number);
	for (unsigned i = 1; i < BPF_HELPER_NUMBERS; i++) {
		const char *name = bpf_helper_name(i);

		if (name && !strcmp(name, target))
			return emit(a, BPF_JMP | BPF_CALL, 0, 0, 0, i);
	}
	return distance(a, target, &to) && emit(a, BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_CALL, 0, to);
}

static bool conditional(struct assembler *a, const char *left, const char *op, const char *right, const char *target)
{
	int dst, src = 0, to, code = jump_op(op);
	bool is64, same;
	long long imm = 0;

	if (!is_register(left, &dst, &is64) || code < 0 || !distance(a, target, &to))
		return fail(a, "bad condition");
	code |= is64 ? BPF_JMP : BPF_JMP32;
	if (is_register(right, &src, &same))
		code |= BPF_X;
	else if (!is_number(right, &imm))
		return fail(a, "bad operand %s", right);
	return emit(a, code, dst, src, to, imm);
}

/* The right side of "rN = ..." that is no number or register. */
static bool special(struct assembler *a, int dst, bool is64, const char *text)
{
	char type[16], name[40], reg[8];
	int number, src, to, off = 0, bits;
	bool is_signed, wide_reg;
	unsigned long long value;

	if (sscanf(text, "map %d + %d", &number, &off) == 2)
		return wide(a, dst, BPF_PSEUDO_MAP_VALUE, (unsigned)number, (unsigned)off);
	if (sscanf(text, "map %d", &number) == 1)
		return wide(a, dst, BPF_PSEUDO_MAP_FD, (unsigned)number, 0);
	if (sscanf(text, "func %39s", name) == 1)
		return distance(a, name, &to) && wide(a, dst, BPF_PSEUDO_FUNC, (unsigned)to, 0);
	if (sscanf(text, "%lli ll", (long long *)&value) == 1 && strstr(text, " ll"))
		return wide(a, dst, 0, strtoull(text, NULL, 0), (unsigned)(strtoull(text, NULL, 0) >> 32));
	if (sscanf(text, "be%d %7s", &bits, reg) == 2)
		return emit(a, BPF_ALU | BPF_END | BPF_TO_BE, dst, 0, 0, bits);
	if (sscanf(text, "le%d %7s", &bits, reg) == 2)
		return emit(a, BPF_ALU | BPF_END | BPF_TO_LE, dst, 0, 0, bits);
	if (sscanf(text, "bswap%d %7s", &bits, reg) == 2)
		return emit(a, BPF_ALU64 | BPF_END | BPF_TO_LE, dst, 0, 0, bits);
	if (*text == '-' && is_register(text + 1, &src, &wide_reg))
		return emit(a, (is64 ? BPF_ALU64 : BPF_ALU) | BPF_NEG, dst, 0, 0, 0);
	if (sscanf(text, "(s%d)%7s", &bits, reg) == 2 && is_register(reg, &src, &wide_reg))
		return emit(a, (is64 ? BPF_ALU64 : BPF_ALU) | BPF_MOV | BPF_X, dst, src, bits, 0);
	if (sscanf(text, "*(%15[us0-9] *)(%7[rfp0-9] %n", type, reg, &number) == 2 &&
	    is_register(reg, &src, &wide_reg)) {
		int size = size_code(type, &is_signed);
		char sign = '+';

		if (size < 0 || sscanf(text + number, "%c %d)", &sign, &off) != 2)
			return fail(a, "bad load");
		return emit(a, BPF_LDX | size | (is_signed ? BPF_MEMSX : BPF_MEM), dst, src, sign == '-' ? -off : off,
			    0);
	}
	return fail(a, "cannot read: %s", text);
}

static bool store(struct assembler *a, const char *line)
{
	char type[16], reg[8], value[32], sign;
	int dst, src = 0, off, size;
	long long imm = 0;
	bool is_signed, wide_reg;

	if (sscanf(line, "*(%15[us0-9] *)(%7[rfp0-9] %c %d) = %31s", type, reg, &sign, &off, value) != 5 ||
	    !is_register(reg, &dst, &wide_reg))
		return fail(a, "bad store");
	size = size_code(type, &is_signed);
	if (sign == '-')
		off = -off;
	if (is_register(value, &src, &wide_reg))
		return emit(a, BPF_STX | BPF_MEM | size, dst, src, off, 0);
	if (!is_number(value, &imm))
		return fail(a, "bad value %s", value);
	return emit(a, BPF_ST | BPF_MEM | size, dst, 0, off, imm);
}

static bool atomic(struct assembler *a, const char *line)
{
	char type[16], reg[8], value[8], op[8], sign;
	int dst, src, off, size, imm, unused;
	bool is_signed, wide_reg;

	if (sscanf(line, "lock xchg(*(%15[us0-9] *)(%7[rfp0-9] %c %d), %7[rw0-9])", type, reg, &sign, &off, value) ==
	    5) {
		imm = BPF_XCHG;
	} else if (sscanf(line, "lock cmpxchg(*(%15[us0-9] *)(%7[rfp0-9] %c %d), %7[rw0-9])", type, reg, &sign, &off,
			  value) == 5) {
		imm = BPF_CMPXCHG;
	} else if (sscanf(line, "lock *(%15[us0-9] *)(%7[rfp0-9] %c %d) fetch %7s %7s", type, reg, &sign, &off, op,
			  value) == 6) {
		imm = alu_op(op, &unused) | BPF_FETCH;
	} else if (sscanf(line, "lock *(%15[us0-9] *)(%7[rfp0-9] %c %d) %7s %7s", type, reg, &sign, &off, op, value) ==
		   6) {
		imm = alu_op(op, &unused);
	} else {
		return fail(a, "bad atomic operation");
	}
	size = size_code(type, &is_signed);
	if (!is_register(reg, &dst, &wide_reg) || !is_register(value, &src, &wide_reg))
		return fail(a, "bad register");
	return emit(a, BPF_STX | BPF_ATOMIC | size, dst, src, sign == '-' ? -off : off, imm);
}

static bool arithmetic(struct assembler *a, const char *line)
{
	char left[8], op[8], right[64], word[64];
	int dst, src = 0, off, code;
	bool is64, src64;
	long long imm = 0;

	if (sscanf(line, "%7s %7s %63[^\n]", left, op, right) != 3 || !is_register(left, &dst, &is64))
		return fail(a, "cannot read: %s", line);
	code = alu_op(op, &off);
	if (code < 0)
		return fail(a, "no operation %s", op);
	if (sscanf(right, "%63s", word) == 1 && strlen(word) == strlen(right)) {
		if (is_register(right, &src, &src64))
			return emit(a, (is64 ? BPF_ALU64 : BPF_ALU) | code | BPF_X, dst, src, off, 0);
		if (is_number(right, &imm))
			return emit(a, (is64 ? BPF_ALU64 : BPF_ALU) | code, dst, 0, off, imm);
	}
	return special(a, dst, is64, right);
}

static bool instruction(struct assembler *a, const char *line)
{
	char left[8], op[8], right[32], target[40];
	int code, dst, src, off, imm, to;

	if (!strcmp(line, "exit"))
		return emit(a, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
	if (sscanf(line, "if %7s %7s %31s goto %39s", left, op, right, target) == 4)
		return conditional(a, left, op, right, target);
	if (sscanf(line, "goto32 %39s", target) == 1)
		return distance(a, target, &to) && emit(a, BPF_JMP32 | BPF_JA, 0, 0, 0, to);
	if (sscanf(line, "goto %39s", target) == 1)
		return distance(a, target, &to) && emit(a, BPF_JMP | BPF_JA, 0, 0, to, 0);
	if (sscanf(line, "call %39s", target) == 1)
		return call(a, target);
	if (sscanf(line, "raw %i %i %i %i %i", &code, &dst, &src, &off, &imm) == 5)
		return emit(a, code, dst, src, off, imm);
	if (!strncmp(line, "lock", 4))
		return atomic(a, line);
	if (*line == '*')
		return store(a, line);
	return arithmetic(a, line);
}

static bool label(struct assembler *a, const char *line, size_t n)
{
	if (!a->placing)
		return true;
	if (a->labels == LABELS_MAX || n > sizeof(a->label[0].name))
		return fail(a, "too many labels, or too long");
	memcpy(a->label[a->labels].name, line, n - 1);
	a->label[a->labels].name[n - 1] = '\0';
	a->label[a->labels++].at = a->count;
	return true;
}

static bool pass(struct assembler *a, const char *text)
{
	a->count = 0;
	while (*text) {
		size_t n = strcspn(text, "\n");
		char line[128];
		size_t from = strspn(text, " \t"), length;

		from = from < n ? from : n;
		length = n - from;
		if (length >= sizeof(line))
			return fail(a, "line too long");
		memcpy(line, text + from, length);
		line[length] = '\0';
		text += n + (text[n] == '\n');
		if (strchr(line, '#'))
			*strchr(line, '#') = '\0';
		for (length = strlen(line); length && (line[length - 1] == ' ' || line[length - 1] == '\t'); length--)
			line[length - 1] = '\0';
		if (!length)
			continue;
		if (line[length - 1] == ':' ? !label(a, line, length) : !instruction(a, line))
			return false;
	}
	return true;
}

int assemble(const char *text, struct bpf_insn *insns, int max, char *error, size_t size)
{
	struct assembler a = {.insns = insns, .max = max, .placing = true, .error = error, .error_size = size};

	if (!pass(&a, text))
		return -1;
	a.placing = false;
	return pass(&a, text) ? a.count : -1;
}
