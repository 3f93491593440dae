/*
 * bpf.c: eBPF programs on the host: compiled by bpf/jit.h beside the same C compiled by gcc -O2, and beside the same
 * program in the running Linux kernel (where bpf() works); interpreted; verified. See bench.h.
 *
 * Each program turns thousands of times around its loop; a figure is the time of one turn.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bench/bench.h"
#include "bpf/insn.h"
#include "bpf/verify.h"
#include "tests/bpf/engine.h"
#include "tests/bpf/kernel.h"

#define TURNS      10000
#define VALUE_SIZE 1024
#define EXIT       BPF_EXIT_INSN()

/* r9 = map value of key 0, or the program ends. */
#define VALUE_TO_R9                                                                                                    \
	BPF_ST_MEM(BPF_W, 10, -4, 0), BPF_MOV64_REG(2, 10), BPF_ALU64_IMM(BPF_ADD, 2, -4), BPF_LD_MAP(1, 0),           \
		BPF_CALL_HELPER(1), BPF_JMP_IMM(BPF_JNE, 0, 0, 1), EXIT, BPF_MOV64_REG(9, 0)

static struct bpf_insn arithmetic[] = {
	BPF_MOV64_IMM(1, TURNS),
	BPF_MOV64_IMM(0, 1),
	/* seven instructions */
	BPF_MOV64_REG(3, 0),
	BPF_ALU64_IMM(BPF_RSH, 3, 7),
	BPF_ALU64_REG(BPF_XOR, 0, 3),
	BPF_ALU64_IMM(BPF_MUL, 0, 0x2545f491),
	BPF_ALU64_REG(BPF_ADD, 0, 1),
	BPF_ALU64_IMM(BPF_SUB, 1, 1),
	BPF_JMP_IMM(BPF_JNE, 1, 0, -7),
	EXIT,
};

static uint64_t __attribute__((noinline)) arithmetic_c(const uint8_t *value, uint64_t turns)
{
	uint64_t r = 1;

	for (uint64_t i = turns; i != 0; i--)
		r = (r ^ r >> 7) * 0x2545f491 + i;
	return r;
}

/* 500 pairs of bytes, 20 times. */
static struct bpf_insn checksum[] = {
	VALUE_TO_R9,
	BPF_MOV64_IMM(6, 20),
	BPF_MOV64_IMM(0, 0),
	BPF_MOV64_REG(2, 9),
	BPF_MOV64_IMM(1, 500),
	BPF_LDX_MEM(BPF_H, 3, 2, 0),
	BPF_ALU64_REG(BPF_ADD, 0, 3),
	BPF_ALU64_IMM(BPF_ADD, 2, 2),
	BPF_ALU64_IMM(BPF_SUB, 1, 1),
	BPF_JMP_IMM(BPF_JNE, 1, 0, -5),
	BPF_ALU64_IMM(BPF_SUB, 6, 1),
	BPF_JMP_IMM(BPF_JNE, 6, 0, -9),
	EXIT,
};

static uint64_t __attribute__((noinline)) checksum_c(const uint8_t *value, uint64_t turns)
{
	uint64_t r = 0;

	for (uint64_t i = 0; i < turns / 500; i++) {
		for (int k = 0; k < 500; k++)
			r += value[2 * k] | value[2 * k + 1] << 8;
		/* Else it is added up once and multiplied. */
		__asm__ volatile("" : "+r"(value));
	}
	return r;
}

/* get_numa_node_id in the kernel, whose body is one load; here helper 5 with an empty body, as 42 would need no call. */
static struct bpf_insn helper[] = {
	BPF_MOV64_IMM(6, TURNS),
	BPF_CALL_HELPER(5),
	BPF_ALU64_IMM(BPF_SUB, 6, 1),
	BPF_JMP_IMM(BPF_JNE, 6, 0, -3),
	EXIT,
};

static uint64_t __attribute__((noinline)) nothing(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5)
{
	__asm__ volatile("");
	return 0;
}

static uint64_t __attribute__((noinline)) helper_c(const uint8_t *value, uint64_t turns)
{
	for (uint64_t i = turns; i != 0; i--)
		nothing(0, 0, 0, 0, 0);
	return 0;
}

/* The kernel's verifier walks a sequence of at most 8,192 jumps that it cannot foresee. */
#define LOOKUPS 4000
static struct bpf_insn lookup[] = {
	BPF_MOV64_IMM(6, LOOKUPS),
	BPF_MOV64_IMM(7, 0),
	BPF_ST_MEM(BPF_W, 10, -4, 0),
	BPF_MOV64_REG(2, 10),
	BPF_ALU64_IMM(BPF_ADD, 2, -4),
	BPF_LD_MAP(1, 0),
	BPF_CALL_HELPER(1),
	BPF_JMP_IMM(BPF_JEQ, 0, 0, 2),
	BPF_LDX_MEM(BPF_DW, 0, 0, 0),
	BPF_ALU64_REG(BPF_ADD, 7, 0),
	BPF_ALU64_IMM(BPF_SUB, 6, 1),
	BPF_JMP_IMM(BPF_JNE, 6, 0, -10),
	BPF_MOV64_REG(0, 7),
	EXIT,
};

static struct bpf_insn empty[] = { BPF_MOV64_IMM(0, 0), EXIT };

#define COUNT(A) (sizeof(A) / sizeof((A)[0]))
static const struct test {
	const char *name;
	struct bpf_insn *insns;
	size_t count;
	unsigned map_type; /* 0: none */
	unsigned turns;
	uint64_t (*c)(const uint8_t *value, uint64_t turns); /* null: there is no such thing in C */
	double limit_ns; /* 0: none */
} tests[] = {
	{ "arithmetic loop, a turn", arithmetic, COUNT(arithmetic), 0, TURNS, arithmetic_c, 0 },
	{ "checksum loop, a turn", checksum, COUNT(checksum), BPF_MAP_TYPE_ARRAY, TURNS, checksum_c, 0 },
	{ "helper call in a loop", helper, COUNT(helper), 0, TURNS, helper_c, 2 },
	{ "array look-up in a loop", lookup, COUNT(lookup), BPF_MAP_TYPE_ARRAY, LOOKUPS, NULL, 0 },
	{ "hash look-up in a loop", lookup, COUNT(lookup), BPF_MAP_TYPE_HASH, LOOKUPS, NULL, 0 },
	{ "empty program", empty, COUNT(empty), 0, 1, NULL, 0 },
};

/* This process's own time: the kernel runs its programs undisturbed by others. */
static uint64_t cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * NS_PER_SEC + (uint64_t)t.tv_nsec;
}

/* Nanoseconds for one turn of REPEAT calls. */
static double time_calls(const struct test *t, struct engine *e, const uint8_t *value, unsigned repeat)
{
	uint64_t (*volatile c)(const uint8_t *, uint64_t) = t->c;
	uint64_t start = cpu_ns();

	if (e)
		for (unsigned i = 0; i < repeat; i++)
			engine_call(e, 0, 0);
	else
		for (unsigned i = 0; i < repeat; i++)
			c(value, t->turns);
	return (double)(cpu_ns() - start) / repeat / t->turns;
}

static double time_interpreter(const struct test *t, struct engine *e, unsigned repeat)
{
	uint64_t start = cpu_ns(), r0;

	for (unsigned i = 0; i < repeat; i++)
		engine_interpret(e, 0, 0, &r0);
	return (double)(cpu_ns() - start) / repeat / t->turns;
}

/* In the kernel: its helper 42 instead of 5. NAN if bpf() does not work. */
static int load_in_kernel(const struct test *t)
{
	struct bpf_insn copy[64];
	static char log[4096];
	int map = 0, prog;

	memcpy(copy, t->insns, t->count * sizeof(*copy));
	for (size_t i = 0; i < t->count; i++)
		if (copy[i].code == (BPF_JMP | BPF_CALL) && copy[i].imm == 5)
			copy[i].imm = 42;
	prog = kernel_load(copy, t->count, 1, t->map_type, t->map_type ? VALUE_SIZE : 0, &map, log, sizeof(log));
	if (prog < 0 && log[0])
		report_note("l", "The kernel refuses \"%s\": %s", t->name, log + (strlen(log) > 200 ? strlen(log) - 200 : 0));
	if (prog >= 0 && map > 0) {
		uint8_t value[VALUE_SIZE] = { 1 };

		kernel_set_value(map, value);
		close(map);
	}
	return prog;
}

static double time_kernel(const struct test *t, int prog, unsigned repeat)
{
	uint32_t r0, ns;

	if (prog < 0 || kernel_run(prog, repeat, &r0, &ns) < 0)
		return NAN;
	return (double)ns / t->turns;
}

static void measure(const struct plan *p, const struct test *t)
{
	/* About 10 ms each. */
	unsigned repeat = t->turns > 1 ? 300 : 1000000;
	struct series ours = { 0 }, kernel = { 0 }, gcc = { 0 }, interpreted = { 0 };
	struct bpf_map_def def = { t->map_type, 4, VALUE_SIZE, 1, 0 };
	struct bpf_mem mem = engine_mem(1 << 20);
	struct bpf_helpers helpers = { 0 };
	struct bpf_map *map = NULL;
	uint8_t value[VALUE_SIZE] = { 1 };
	struct engine e;
	uint32_t key = 0;
	int prog;

	bpf_helpers_add_pure(&helpers);
	helpers.fn[5] = nothing;
	if (t->map_type && bpf_map_create(&def, &mem, &map) < 0)
		die(1, "bench: no map");
	if (map)
		bpf_map_update(map, &key, value, 0);
	if (engine_load(&e, t->insns, t->count, &map, map ? 1 : 0, &helpers, 0, true) < 0)
		die(1, "bench: %s: %s", t->name, e.refusal.text);
	prog = load_in_kernel(t);
	for (unsigned i = 0; i < p->rounds * 3; i++) {
		series_add(&ours, time_calls(t, &e, NULL, repeat));
		if (t->c)
			series_add(&gcc, time_calls(t, NULL, value, repeat));
		if (prog >= 0)
			series_add(&kernel, time_kernel(t, prog, repeat));
		if (t->insns == arithmetic)
			series_add(&interpreted, time_interpreter(t, &e, 20));
	}
	if (prog >= 0)
		report_add(&(struct figure){ "l", t->name, "ns", series_median(&ours), 0, ours.n, "the kernel's compiler",
		                             series_median(&kernel), TARGET_RATIO_AT_MOST, 1.05 });
	if (t->c)
		report_add(&(struct figure){ "l", t->name, "ns", series_median(&ours), 0, ours.n, "gcc -O2",
		                             series_median(&gcc), TARGET_NONE, 0 });
	if (t->limit_ns > 0 || (prog < 0 && !t->c))
		report_add(&(struct figure){ "l", t->name, "ns", series_median(&ours), 0, ours.n, NULL, 0,
		                             t->limit_ns > 0 ? TARGET_VALUE_AT_MOST : TARGET_NONE, t->limit_ns });
	if (interpreted.n)
		report_add(&(struct figure){ "l", "the same interpreted: a turn of 7 instructions", "ns",
		                             series_median(&interpreted), 0, interpreted.n, "compiled",
		                             series_median(&ours), TARGET_VALUE_AT_MOST, 25 });
	if (prog >= 0)
		close(prog);
	engine_unload(&e);
	if (map)
		bpf_map_put(map);
}

/* Ethernet, IPv4, UDP: counts packets by the last byte of their source, drops those to port 53. 60 instructions. */
static size_t packet_program(struct bpf_insn *insns)
{
	struct bpf_insn head[] = {
		BPF_MOV64_REG(6, 1),
		BPF_LDX_MEM(BPF_W, 2, 1, 0),
		BPF_LDX_MEM(BPF_W, 3, 1, 4),
		BPF_MOV64_REG(4, 2),
		BPF_ALU64_IMM(BPF_ADD, 4, 42),
		BPF_JMP_REG(BPF_JGT, 4, 3, 0),
		BPF_LDX_MEM(BPF_H, 5, 2, 12),
		BPF_JMP_IMM(BPF_JNE, 5, 8, 0),
		BPF_LDX_MEM(BPF_B, 5, 2, 23),
		BPF_JMP_IMM(BPF_JNE, 5, 17, 0),
		BPF_LDX_MEM(BPF_B, 5, 2, 14),
		BPF_ALU64_IMM(BPF_AND, 5, 15),
		BPF_ALU64_IMM(BPF_LSH, 5, 2),
		BPF_JMP_IMM(BPF_JLT, 5, 20, 0),
		BPF_MOV64_REG(7, 2),
		BPF_ALU64_IMM(BPF_ADD, 7, 14),
		BPF_ALU64_REG(BPF_ADD, 7, 5),
		BPF_MOV64_REG(4, 7),
		BPF_ALU64_IMM(BPF_ADD, 4, 8),
		BPF_JMP_REG(BPF_JGT, 4, 3, 0),
		BPF_LDX_MEM(BPF_H, 8, 7, 2),
		BPF_INSN(BPF_ALU | BPF_END | BPF_TO_BE, 8, 0, 0, 16),
		BPF_LDX_MEM(BPF_B, 5, 2, 29),
		BPF_STX_MEM(BPF_W, 10, 5, -4),
		BPF_MOV64_REG(2, 10),
		BPF_ALU64_IMM(BPF_ADD, 2, -4),
		BPF_LD_MAP(1, 0),
		BPF_CALL_HELPER(1),
		BPF_JMP_IMM(BPF_JEQ, 0, 0, 0),
		BPF_LDX_MEM(BPF_DW, 1, 0, 0),
		BPF_ALU64_IMM(BPF_ADD, 1, 1),
		BPF_STX_MEM(BPF_DW, 0, 1, 0),
		BPF_JMP_IMM(BPF_JEQ, 8, 53, 0),
	};
	size_t n = COUNT(head);

	memcpy(insns, head, sizeof(head));
	/* A hash of the ports decides, for the sake of some more instructions. */
	while (n < 56) {
		insns[n++] = BPF_MOV64_REG(9, 8);
		insns[n++] = BPF_ALU64_IMM(BPF_RSH, 9, 3);
		insns[n++] = BPF_ALU64_REG(BPF_XOR, 8, 9);
		insns[n++] = BPF_JMP_IMM(BPF_JEQ, 8, (int)n, 0);
	}
	insns[n++] = BPF_JMP_A(2);
	for (size_t i = 0; i < n - 1; i++)
		if (BPF_CLASS(insns[i].code) == BPF_JMP && BPF_OP(insns[i].code) != BPF_CALL)
			insns[i].off = (int16_t)((insns[i].imm == 53 ? n : n + 2) - i - 1);
	insns[n++] = BPF_MOV64_IMM(0, 1);
	insns[n++] = EXIT;
	insns[n++] = BPF_MOV64_IMM(0, 2);
	insns[n++] = EXIT;
	return n;
}

static void measure_verifier(const struct plan *p)
{
	struct bpf_map_def def = { BPF_MAP_TYPE_ARRAY, 4, 8, 256, 0 };
	struct bpf_mem mem = engine_mem(16 << 20);
	struct bpf_verify_options options = { .mem = &mem };
	struct bpf_subprog subprogs[4];
	struct bpf_insn insns[100], copy[100];
	struct bpf_refusal refusal;
	struct series us = { 0 };
	struct bpf_map *map;
	size_t n = packet_program(insns);

	if (bpf_map_create(&def, &mem, &map) < 0)
		die(1, "bench: no map");
	for (unsigned i = 0; i < p->rounds * 3; i++) {
		uint64_t start, sum = 0;

		for (int k = 0; k < 20; k++) {
			struct bpf_prog prog = { .type = BPF_PROG_TYPE_XDP, .insns = copy, .insn_count = (uint32_t)n,
				                 .subprogs = subprogs, .subprogs_max = 4, .maps = &map, .map_count = 1 };

			memcpy(copy, insns, sizeof(copy));
			start = cpu_ns();
			if (bpf_verify(&prog, &options, NULL, &refusal) < 0)
				die(1, "bench: %s", refusal.text);
			sum += cpu_ns() - start;
		}
		series_add(&us, (double)sum / 20 / 1000);
	}
	report_add(&(struct figure){ "l", "verification of an XDP program of 60 instructions", "us", series_median(&us), 0,
	                             us.n, NULL, 0, TARGET_VALUE_AT_MOST, 100 });
	bpf_map_put(map);
}

void bench_bpf(const struct plan *p)
{
	if (!kernel_bpf_works())
		report_note("l", "bpf() does not work here: nothing is compared with the kernel.");
	for (size_t i = 0; i < COUNT(tests); i++)
		measure(p, &tests[i]);
	measure_verifier(p);
	report_note("l", "The kernel's times are those that BPF_PROG_TEST_RUN reports; its empty program is timed with what "
	                 "stands around a run there. Its helper is get_numa_node_id, which loads a word.");
}
