/* random_prog.c: see random_prog.h. r9 points at the memory and r10 at the stack; r0 .. r8 hold numbers. */
#include "tests/bpf/random_prog.h"

#include <stdbool.h>
#include <string.h>

#define STACK     64 /* bytes of each frame in use */
#define FUNCTIONS 3
#define CALLS_MAX 6

struct maker {
	uint64_t state;
	struct bpf_insn *insns;
	size_t count;
	unsigned left;     /* operations still to make */
	unsigned branches; /* still allowed: a verifier walks each way */
	unsigned loops;    /* still allowed */
	bool in_function;  /* no memory but the stack, no calls */
	bool in_loop;      /* r8 is the loop's */
	size_t calls[CALLS_MAX]; /* instructions that call, to be pointed at functions */
	size_t call_count;
};

static uint32_t pick(struct maker *m, uint32_t below)
{
	/* splitmix64 */
	uint64_t z = m->state += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return (uint32_t)((z ^ (z >> 31)) >> 16) % below;
}

static uint64_t number(struct maker *m)
{
	static const uint64_t odd[] = { 0, 1, 2, 3, 31, 32, 63, 64, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0x7fffffff, 0x80000000,
		                        0xffffffff, 0x100000000, 0x7fffffffffffffff, 0x8000000000000000, ~0ull, ~0ull - 1 };
	uint64_t wide = (uint64_t)pick(m, 1u << 31) << 33 ^ (uint64_t)pick(m, 1u << 31) << 11 ^ pick(m, 1u << 31);

	switch (pick(m, 4)) {
	case 0:
		return odd[pick(m, sizeof(odd) / sizeof(odd[0]))];
	case 1:
		return pick(m, 256);
	case 2:
		return wide >> pick(m, 64);
	default:
		return wide;
	}
}

static void add(struct maker *m, struct bpf_insn insn)
{
	m->insns[m->count++] = insn;
}

static void set(struct maker *m, unsigned reg, uint64_t value)
{
	struct bpf_insn wide[] = { BPF_LD_IMM64(reg, value) };

	if (value == (uint64_t)(int32_t)value && pick(m, 2)) {
		add(m, BPF_MOV64_IMM(reg, value));
	} else {
		add(m, wide[0]);
		add(m, wide[1]);
	}
}

/* A register to change, and one to read. */
static unsigned target(struct maker *m)
{
	return pick(m, m->in_loop ? 8 : 9);
}

static unsigned source(struct maker *m)
{
	return pick(m, 9);
}

static void arithmetic(struct maker *m)
{
	static const uint8_t ops[] = { BPF_ADD, BPF_SUB, BPF_MUL, BPF_DIV, BPF_OR,   BPF_AND, BPF_LSH, BPF_RSH,
		                       BPF_NEG, BPF_MOD, BPF_XOR, BPF_MOV, BPF_ARSH, BPF_END };
	uint8_t op = ops[pick(m, sizeof(ops))];
	bool wide = pick(m, 2), reg = pick(m, 2);
	uint8_t class = wide ? BPF_ALU64 : BPF_ALU;
	int off = 0;
	int32_t imm = (int32_t)number(m);

	if (op == BPF_NEG) {
		add(m, BPF_INSN(class | op, target(m), 0, 0, 0));
		return;
	}
	if (op == BPF_END) {
		add(m, BPF_INSN(class | op | (!wide && reg ? BPF_TO_BE : 0), target(m), 0, 0, 16 << pick(m, 3)));
		return;
	}
	if (op == BPF_DIV || op == BPF_MOD) {
		off = (int)pick(m, 2);
		imm = imm ? imm : 1; /* a verifier refuses this */
	}
	if ((op == BPF_LSH || op == BPF_RSH || op == BPF_ARSH))
		imm = imm & (wide ? 63 : 31); /* and more than this */
	if (op == BPF_MOV && reg && pick(m, 2))
		off = 8 << pick(m, wide ? 3 : 2);
	add(m, BPF_INSN(class | op | (reg ? BPF_X : BPF_K), target(m), reg ? source(m) : 0, off, reg ? 0 : imm));
}

/* A place of BYTES bytes: the register and offset. Aligned on the stack, anywhere in the value unless ALIGNED. */
static unsigned place(struct maker *m, unsigned bytes, bool aligned, int *ret_off)
{
	if (m->in_function || pick(m, 2)) {
		*ret_off = -STACK + (int)(pick(m, STACK / bytes) * bytes);
		return BPF_REG_10;
	}
	*ret_off = aligned ? (int)(pick(m, RANDOM_MEMORY / bytes) * bytes) : (int)pick(m, RANDOM_MEMORY - bytes + 1);
	return BPF_REG_9;
}

static void memory(struct maker *m)
{
	static const uint8_t sizes[] = { BPF_B, BPF_H, BPF_W, BPF_DW };
	static const int atomics[] = { BPF_ADD, BPF_OR, BPF_AND, BPF_XOR, BPF_ADD | BPF_FETCH, BPF_OR | BPF_FETCH,
		                       BPF_AND | BPF_FETCH, BPF_XOR | BPF_FETCH, BPF_XCHG, BPF_CMPXCHG };
	uint8_t size = sizes[pick(m, 4)];
	int off;
	unsigned base, src = source(m);
	int op;

	switch (pick(m, 5)) {
	case 0:
		base = place(m, bpf_size_bytes(size), false, &off);
		add(m, BPF_LDX_MEM(size, target(m), base, off));
		return;
	case 1:
		size = sizes[pick(m, 3)];
		base = place(m, bpf_size_bytes(size), false, &off);
		add(m, BPF_LDX_MEMSX(size, target(m), base, off));
		return;
	case 2:
		base = place(m, bpf_size_bytes(size), false, &off);
		add(m, BPF_STX_MEM(size, base, src, off));
		return;
	case 3:
		base = place(m, bpf_size_bytes(size), false, &off);
		add(m, BPF_ST_MEM(size, base, off, (int32_t)number(m)));
		return;
	default:
		size = pick(m, 2) ? BPF_W : BPF_DW;
		op = atomics[pick(m, sizeof(atomics) / sizeof(atomics[0]))];
		base = place(m, bpf_size_bytes(size), true, &off);
		/*
		 * Linux 6.18 loses track of a constant on the stack that such an operation fetches: it takes a branch for
		 * certain that is not (no precision is asked of the slot), and so is no measure there.
		 */
		if (base == BPF_REG_10)
			op = atomics[pick(m, 4)];
		/* What is fetched goes into the source. */
		if (m->in_loop && src == 8)
			src = 7;
		add(m, BPF_ATOMIC_OP(size, op, base, src, off));
		return;
	}
}

static void block(struct maker *m, unsigned size);

static struct bpf_insn comparison(struct maker *m)
{
	static const uint8_t ops[] = { BPF_JEQ, BPF_JGT, BPF_JGE, BPF_JSET, BPF_JNE, BPF_JSGT,
		                       BPF_JSGE, BPF_JLT, BPF_JLE, BPF_JSLT, BPF_JSLE };
	uint8_t code = (uint8_t)((pick(m, 2) ? BPF_JMP : BPF_JMP32) | ops[pick(m, sizeof(ops))]);

	return pick(m, 2) ? BPF_INSN(code | BPF_X, source(m), source(m), 0, 0) :
	                    BPF_INSN(code, source(m), 0, 0, (int32_t)number(m));
}

/* if, or if and else. */
static void branch(struct maker *m)
{
	size_t jump = m->count, over;
	bool far;

	m->branches--;
	add(m, comparison(m));
	block(m, 1 + pick(m, 6));
	if (pick(m, 2)) {
		over = m->count;
		far = pick(m, 2);
		add(m, far ? BPF_INSN(BPF_JMP32 | BPF_JA, 0, 0, 0, 0) : BPF_JMP_A(0));
		m->insns[jump].off = (int16_t)(m->count - jump - 1);
		block(m, 1 + pick(m, 6));
		if (far)
			m->insns[over].imm = (int32_t)(m->count - over - 1);
		else
			m->insns[over].off = (int16_t)(m->count - over - 1);
		return;
	}
	m->insns[jump].off = (int16_t)(m->count - jump - 1);
}

/* r8 counts down from a small number. */
static void loop(struct maker *m)
{
	size_t top;

	m->loops--;
	add(m, BPF_MOV64_IMM(BPF_REG_8, 1 + pick(m, 5)));
	top = m->count;
	m->in_loop = true;
	block(m, 1 + pick(m, 8));
	m->in_loop = false;
	add(m, BPF_ALU64_IMM(BPF_SUB, BPF_REG_8, 1));
	add(m, BPF_JMP_IMM(BPF_JNE, BPF_REG_8, 0, 0));
	m->insns[m->count - 1].off = (int16_t)((int64_t)top - (int64_t)m->count);
}

static void call(struct maker *m)
{
	m->calls[m->call_count++] = m->count;
	/* To be pointed at a function. */
	add(m, BPF_CALL_REL(0));
	for (unsigned r = BPF_REG_1; r <= BPF_REG_5; r++)
		set(m, r, number(m));
}

static void block(struct maker *m, unsigned size)
{
	while (size-- > 0 && m->left > 0) {
		uint32_t what = pick(m, 20);

		m->left--;
		if (what == 0 && m->branches > 0)
			branch(m);
		else if (what == 1 && m->loops > 0 && !m->in_loop && !m->in_function)
			loop(m);
		else if (what == 2 && !m->in_function && m->call_count < CALLS_MAX)
			call(m);
		else if (what < 9)
			memory(m);
		else
			arithmetic(m);
	}
}

static void fill_stack(struct maker *m)
{
	for (int off = -STACK; off < 0; off += 8)
		add(m, BPF_ST_MEM(BPF_DW, BPF_REG_10, off, (int32_t)number(m)));
}

/* Five numbers in, one out; r6 .. r8 are its own. */
static void function(struct maker *m, unsigned size)
{
	m->in_function = true;
	m->left = size;
	m->branches = 1;
	fill_stack(m);
	set(m, BPF_REG_0, number(m));
	for (unsigned r = BPF_REG_6; r <= BPF_REG_8; r++)
		set(m, r, number(m));
	block(m, size);
	add(m, BPF_EXIT_INSN());
}

size_t random_prog(uint64_t seed, unsigned size, struct bpf_insn *insns)
{
	struct maker m = { .state = seed, .insns = insns, .left = size, .branches = 6, .loops = 2 };
	struct bpf_insn map[] = { BPF_LD_MAP(BPF_REG_1, 0) };
	size_t functions[FUNCTIONS];

	/* r9 = the value; leave if there is none, which cannot be. */
	fill_stack(&m);
	add(&m, BPF_ST_MEM(BPF_W, BPF_REG_10, -4, 0));
	add(&m, BPF_MOV64_REG(BPF_REG_2, BPF_REG_10));
	add(&m, BPF_ALU64_IMM(BPF_ADD, BPF_REG_2, -4));
	add(&m, map[0]);
	add(&m, map[1]);
	add(&m, BPF_CALL_HELPER(1));
	add(&m, BPF_JMP_IMM(BPF_JNE, BPF_REG_0, 0, 1));
	add(&m, BPF_EXIT_INSN());
	add(&m, BPF_MOV64_REG(BPF_REG_9, BPF_REG_0));
	for (unsigned r = BPF_REG_0; r <= BPF_REG_8; r++)
		set(&m, r, number(&m));
	while (m.left > 0)
		block(&m, m.left);
	for (unsigned r = BPF_REG_0; r <= BPF_REG_8; r++)
		add(&m, BPF_STX_MEM(BPF_DW, BPF_REG_9, r, RANDOM_MEMORY + 8 * (int)r));
	add(&m, BPF_EXIT_INSN());
	if (m.call_count == 0)
		return m.count;
	/* As many functions as are called. */
	for (size_t i = 0; i < FUNCTIONS && i < m.call_count; i++) {
		functions[i] = m.count;
		function(&m, 1 + pick(&m, 12));
	}
	for (size_t i = 0; i < m.call_count; i++)
		insns[m.calls[i]].imm = (int32_t)(functions[i % FUNCTIONS] - m.calls[i] - 1);
	return m.count;
}
