/*
 * fuzz_bpf_verify.c: any bytes as a program: the verifier comes to a verdict, gives all memory back, and what it
 * accepts runs in the interpreter without a fault, twice with other rubbish in the memory that is not initialised, and
 * compiled, with and without what the verifier found out: the result, the packet, the context and the maps must be the
 * same. Tail calls lead back to the program itself.
 *
 * The first byte chooses the type of program and how the rest is read: as instructions, or (bit 7) as choices among
 * instructions that have a chance. With bit 6 the verifier writes down its states. `build/tests/bpf/corpus -d DIR
 * tests/bpf/verifier/ *.txt` writes programs to begin with.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "bpf/check.h"
#include "bpf/ctx.h"
#include "bpf/interp.h"
#include "bpf/map.h"
#include "bpf/ringbuf.h"
#include "bpf/verify.h"
#include "bpf/xdp.h"
#include "tests/bpf/engine.h"
#include "tests/bpf/heap.h"

#define INSNS_MAX 512
#define MAPS	  15
#define PACKET	  60
#define BUFFER	  (PACKET + 80) /* that it lies in */
#define ARGUMENTS 64
#define STEPS_MAX 20000

static struct bpf_map *maps[MAPS];
static struct bpf_helpers helpers;

static struct bpf_mem map_mem = {.alloc = heap_alloc, .free = heap_free, .budget = 64 << 20};

#define HELPER(name) static uint64_t name(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5)

HELPER(nothing)
{
	(void)r1, (void)r2, (void)r3, (void)r4, (void)r5;
	return 0;
}

static uint64_t sequence;

HELPER(next_number)
{
	(void)r1, (void)r2, (void)r3, (void)r4, (void)r5;
	return sequence = sequence * 6364136223846793005 + 1442695040888963407;
}

/* Writes all that the verifier let the program offer. */
HELPER(fill)
{
	(void)r3, (void)r4, (void)r5;
	memset((void *)r1, 0x5a, r2);
	return r2;
}

static bpf_helper_fn reserve;

/* What was in the buffer before may be read. */
HELPER(reserve_zeroed)
{
	uint64_t p = reserve(r1, r2, r3, r4, r5);

	if (p)
		memset((void *)p, 0, r2);
	return p;
}

/* A few turns are enough. */
HELPER(loop)
{
	struct bpf_callback *cb = (struct bpf_callback *)r2;
	uint64_t i = 0;

	(void)r4, (void)r5;
	for (; i < r1 && i < 5; i++)
		if (cb->call(i, r3, 0, 0, 0, cb))
			break;
	return i;
}

static void make_map(unsigned i, uint32_t type, uint32_t key, uint32_t value, uint32_t max, uint32_t flags)
{
	struct bpf_map_def def = {
		.type = type, .key_size = key, .value_size = value, .max_entries = max, .map_flags = flags};

	if (bpf_map_create(&def, &map_mem, &maps[i]) < 0)
		abort();
}

static void set_up(void)
{
	static const uint8_t constant[16] = "abc\0\7\0\0\0\x3f";
	struct bpf_map_def inner = {
		.type = BPF_MAP_TYPE_ARRAY_OF_MAPS, .key_size = 4, .value_size = 4, .max_entries = 2};
	uint32_t zero = 0;

	make_map(0, BPF_MAP_TYPE_ARRAY, 4, 64, 1, 0);
	make_map(1, BPF_MAP_TYPE_HASH, 4, 8, 16, BPF_F_ZERO_SEED);
	make_map(2, BPF_MAP_TYPE_RINGBUF, 0, 0, 4096, 0);
	make_map(3, BPF_MAP_TYPE_ARRAY, 4, sizeof(constant), 1, BPF_F_RDONLY_PROG);
	make_map(4, BPF_MAP_TYPE_QUEUE, 0, 8, 4, 0);
	make_map(5, BPF_MAP_TYPE_PROG_ARRAY, 4, 4, 2, 0);
	make_map(6, BPF_MAP_TYPE_LRU_HASH, 4, 8, 16, BPF_F_ZERO_SEED);
	make_map(7, BPF_MAP_TYPE_PERCPU_ARRAY, 4, 24, 3, 0);
	make_map(8, BPF_MAP_TYPE_PERCPU_HASH, 4, 8, 16, BPF_F_ZERO_SEED);
	make_map(9, BPF_MAP_TYPE_STACK, 0, 8, 4, 0);
	make_map(10, BPF_MAP_TYPE_LPM_TRIE, 8, 8, 16, BPF_F_NO_PREALLOC);
	make_map(12, BPF_MAP_TYPE_ARRAY, 4, 8, 1, 0);
	make_map(13, BPF_MAP_TYPE_HASH, 4, 64, 1, BPF_F_ZERO_SEED);
	make_map(14, BPF_MAP_TYPE_STACK_TRACE, 4, 8, 1, 0);
	inner.inner = maps[0];
	if (bpf_map_create(&inner, &map_mem, &maps[11]) < 0 || bpf_map_set_object(maps[11], &zero, maps[0], 0) < 0)
		abort();
	bpf_map_update(maps[3], &zero, constant, 0);
	bpf_map_freeze(maps[3]);
	bpf_helpers_add_pure(&helpers);
	bpf_helpers_add_xdp(&helpers);
	for (unsigned i = 0; i < BPF_HELPER_NUMBERS; i++)
		if (!helpers.fn[i] && bpf_helper_proto(i))
			helpers.fn[i] = nothing;
	reserve = helpers.fn[BPF_FUNC_ringbuf_reserve];
	helpers.fn[BPF_FUNC_ringbuf_reserve] = reserve_zeroed;
	/* Says how much went through the buffer ever. */
	helpers.fn[BPF_FUNC_ringbuf_query] = nothing;
	helpers.fn[BPF_FUNC_loop] = loop;
	helpers.fn[BPF_FUNC_get_prandom_u32] = next_number;
	helpers.fn[BPF_FUNC_get_current_comm] = fill;
	helpers.fn[BPF_FUNC_probe_read] = fill;
	helpers.fn[BPF_FUNC_probe_read_kernel] = fill;
	helpers.fn[BPF_FUNC_probe_read_user] = fill;
	helpers.fn[BPF_FUNC_probe_read_kernel_str] = fill;
}

/* Instruction from four bytes: mostly what a program might contain. */
static unsigned make_insn(const uint8_t *b, struct bpf_insn *out)
{
	static const uint8_t alu[] = {BPF_ADD, BPF_SUB, BPF_MUL, BPF_DIV, BPF_OR,  BPF_AND,  BPF_LSH,
				      BPF_RSH, BPF_MOD, BPF_XOR, BPF_MOV, BPF_MOV, BPF_ARSH, BPF_ADD};
	static const uint8_t jump[] = {BPF_JEQ,	 BPF_JNE, BPF_JGT, BPF_JGE,  BPF_JSET, BPF_JSGT,
				       BPF_JSGE, BPF_JLT, BPF_JLE, BPF_JSLT, BPF_JSLE};
	static const uint8_t sizes[] = {BPF_B, BPF_H, BPF_W, BPF_DW};
	static const uint8_t calls[] = {1,   1,	1,   2,	  3,   7,  7,	28,  44,  65,  54,  87,	 88,
					131, 131, 132, 133, 130, 164, 181, 12, 113, 188, 189, 190};
	static const int64_t numbers[] = {0,  1, 2, 7, 8, 15, 31, 63, 64, 65, -1, -8, -64, 0x7fffffff, -0x7fffffff - 1,
					  255};
	static const int atomics[] = {BPF_ADD, BPF_OR, BPF_AND, BPF_XOR, BPF_ADD | BPF_FETCH, BPF_OR | BPF_FETCH,
				      BPF_AND | BPF_FETCH, BPF_XOR | BPF_FETCH, BPF_XCHG, BPF_CMPXCHG};
	static const uint8_t looked_up[] = {0, 1, 0, 1, 3, 6, 7, 8};
	unsigned op = alu[b[3] % 14];
	/* Signed division, moves that extend the sign. */
	int variant = op == BPF_DIV || op == BPF_MOD ? b[2] & 1 : op == BPF_MOV ? (b[2] & 3 ? 4 << (b[2] & 3) : 0) : 0;
	unsigned dst = (b[1] & 15) % 10, src = (b[1] >> 4) % 11, size = sizes[b[3] & 3];
	int place = -8 * (1 + b[2] % 8) + (b[3] >> 2 & 4 ? 4 : 0), small = b[2] % 68 - 2;
	int64_t imm = b[3] & 128 ? numbers[b[2] & 15] : b[2];

	switch (b[0] % 20) {
	case 0:
	case 1:
	case 2:
		out[0] = BPF_INSN(BPF_ALU64 | op | BPF_X, dst, src, variant, 0);
		return 1;
	case 3:
	case 4:
	case 5:
		out[0] = BPF_INSN(BPF_ALU64 | op, dst, 0, op != BPF_MOV && b[3] & 64 ? variant : 0, imm);
		return 1;
	case 6:
		if (b[0] & 128 && b[3] >= 0xe0)
			out[0] = BPF_INSN((b[2] & 1 ? BPF_ALU64 : BPF_ALU) | BPF_END | (b[2] & 3 ? 0 : BPF_TO_BE), dst, 0,
					  0, 16 << b[3] % 3);
		else
			out[0] = BPF_INSN(BPF_ALU | op | (b[3] & 64 ? BPF_X : 0), dst, b[3] & 64 ? src : 0,
					  b[3] & 64 && variant != 32 ? variant : 0, b[3] & 64 ? 0 : imm);
		return 1;
	case 7:
		out[0] = BPF_STX_MEM(size, 10, src, place);
		return 1;
	case 8:
		out[0] = BPF_LDX_MEM(size, dst, 10, place);
		if (b[0] & 128 && size != BPF_DW)
			out[0].code ^= BPF_MEM ^ BPF_MEMSX;
		return 1;
	case 9:
		out[0] = BPF_LDX_MEM(size, dst, src, small);
		return 1;
	case 10:
		out[0] = BPF_STX_MEM(size, dst, src, small);
		return 1;
	case 11:
		out[0] = BPF_ST_MEM(size, 10, place, imm);
		return 1;
	case 12:
	case 13:
	case 14:
		out[0] = b[3] & 64 ? BPF_JMP_REG(jump[b[3] % 11], dst, src, (b[2] & 31) - 4)
				   : BPF_JMP_IMM(jump[b[3] % 11], dst, numbers[b[2] >> 4], (b[2] & 15) - 2);
		if (b[0] & 128)
			out[0].code ^= BPF_JMP ^ BPF_JMP32;
		return 1;
	case 15:
		out[0] = BPF_CALL_HELPER(calls[b[2] % sizeof(calls)]);
		return 1;
	case 16:
		/* A look-up, with all that belongs to it. */
		out[0] = BPF_ST_MEM(BPF_W, 10, -4, b[2] & 1);
		out[1] = BPF_INSN(BPF_LD | BPF_IMM | BPF_DW, 1, BPF_PSEUDO_MAP_FD, 0, looked_up[b[3] & 7]);
		out[2] = BPF_INSN(0, 0, 0, 0, 0);
		out[3] = BPF_MOV64_REG(2, 10);
		out[4] = BPF_ALU64_IMM(BPF_ADD, 2, -4);
		out[5] = BPF_CALL_HELPER(1);
		out[6] = BPF_JMP_IMM(BPF_JNE, 0, 0, 2);
		out[7] = BPF_MOV64_IMM(0, 0);
		out[8] = BPF_EXIT_INSN();
		return 9;
	case 17:
		out[0] = BPF_INSN(BPF_LD | BPF_IMM | BPF_DW, dst, b[3] & 1 ? BPF_PSEUDO_MAP_FD : BPF_PSEUDO_MAP_VALUE,
				  0, b[2] % MAPS);
		out[1] = BPF_INSN(0, 0, 0, 0, b[3] & 1 ? 0 : b[3] >> 3);
		return 2;
	case 18:
		/* In the map's value, or on the stack. */
		op = b[3] & 2;
		out[0] = BPF_ATOMIC_OP(b[3] & 1 ? BPF_W : BPF_DW, atomics[(b[3] >> 2) % 10], op ? 10 : dst, src,
				       op ? place & ~7 : b[2] & 56);
		return 1;
	default:
		/* Call or name a function further down: where an exit is. */
		out[0] = b[3] & 1 ? BPF_CALL_REL(b[2] & 15)
				  : BPF_INSN(BPF_LD | BPF_IMM | BPF_DW, dst, BPF_PSEUDO_FUNC, 0, b[2] & 31);
		out[1] = b[3] & 1 ? BPF_EXIT_INSN() : BPF_INSN(0, 0, 0, 0, 0);
		return 2;
	}
}

static uint32_t make_program(const uint8_t *data, size_t size, struct bpf_insn *insns)
{
	uint32_t n = 0;

	for (; size >= 4 && n < INSNS_MAX - 16; data += 4, size -= 4)
		n += make_insn(data, insns + n);
	insns[n++] = BPF_MOV64_IMM(0, 0);
	insns[n++] = BPF_EXIT_INSN();
	return n;
}

struct outcome {
	uint64_t r0;
	uint8_t packet[BUFFER];
	uint64_t borders[3];
	uint8_t context[ARGUMENTS];
	uint8_t value[64];
	uint64_t queue[2][4];
	uint64_t narrow;
	uint8_t wide[64];
	uint8_t per_cpu[3][24];
	struct {
		uint32_t count;
		uint32_t keys[16];
		uint64_t values[16];
	} hash[3]; /* in the maps' order */
};
static const uint8_t hashes[] = {1, 6, 8}, queues[] = {4, 9};

/* Where packet and context lie: in each run at the same addresses, in blocks of the heap's. */
static uint8_t *context, *packet;
static uint32_t context_size;

static void before_run(enum bpf_prog_type type)
{
	uint8_t value[64];
	uint32_t zero = 0, size;
	const void *record;

	for (unsigned i = 0; i < BUFFER; i++)
		packet[i] = (uint8_t)(i * 7);
	for (unsigned i = 0; i < context_size; i++)
		context[i] = (uint8_t)(i * 5);
	if (type == BPF_PROG_TYPE_XDP)
		*(struct bpf_xdp_packet *)context = (struct bpf_xdp_packet){
			{packet + 40, packet + 40 + PACKET, packet + 40, 5, 6}, packet, packet + BUFFER, 0};
	memset(value, 0x11, sizeof(value));
	bpf_map_update(maps[0], &zero, value, 0);
	memset(value, 0, sizeof(value));
	bpf_map_update(maps[12], &zero, value, 0);
	for (uint32_t key; bpf_map_next_key(maps[13], NULL, &key) == 0;)
		bpf_map_delete(maps[13], &key);
	for (uint32_t key; bpf_map_next_key(maps[14], NULL, &key) == 0;)
		bpf_map_delete(maps[14], &key);
	while (bpf_ringbuf_peek(maps[2], &record, &size) == 0)
		bpf_ringbuf_next(maps[2]);
	for (uint32_t key = 0; key < 3; key++)
		bpf_map_update(maps[7], &key, value, 0);
	for (unsigned i = 0; i < 3; i++)
		for (uint32_t key; bpf_map_next_key(maps[hashes[i]], NULL, &key) == 0;)
			bpf_map_delete(maps[hashes[i]], &key);
	for (uint64_t key; bpf_map_next_key(maps[10], NULL, &key) == 0;)
		bpf_map_delete(maps[10], &key);
	for (unsigned i = 0; i < 2; i++)
		while (bpf_map_pop(maps[queues[i]], value) == 0)
			;
	sequence = 1;
}

static void after_run(enum bpf_prog_type type, struct outcome *ret)
{
	const struct bpf_xdp_context *xdp = (const struct bpf_xdp_context *)context;
	uint32_t zero = 0, last;

	memcpy(ret->packet, packet, BUFFER);
	if (type != BPF_PROG_TYPE_XDP) {
		memcpy(ret->context, context, context_size < ARGUMENTS ? context_size : ARGUMENTS);
	} else {
		ret->borders[0] = (uint64_t)(xdp->data_meta - packet);
		ret->borders[1] = (uint64_t)(xdp->data - xdp->data_meta);
		ret->borders[2] = (uint64_t)(xdp->data_end - xdp->data);
		if (ret->borders[0] > BUFFER || ret->borders[1] > BPF_XDP_META_MAX || ret->borders[2] < BPF_XDP_HEADER ||
		    xdp->data_end > packet + BUFFER)
			abort();
	}
	bpf_map_lookup(maps[0], &zero, ret->value);
	bpf_map_lookup(maps[12], &zero, &ret->narrow);
	if (bpf_map_next_key(maps[13], NULL, &last) == 0)
		bpf_map_lookup(maps[13], &last, ret->wide);
	for (uint32_t key = 0; key < 3; key++)
		bpf_map_lookup(maps[7], &key, ret->per_cpu[key]);
	for (unsigned i = 0; i < 3; i++) {
		uint32_t n = 0, *last = NULL, key;

		while (n < 16 && bpf_map_next_key(maps[hashes[i]], last, &key) == 0) {
			ret->hash[i].keys[n] = key;
			bpf_map_lookup(maps[hashes[i]], &key, &ret->hash[i].values[n]);
			last = &ret->hash[i].keys[n++];
		}
		ret->hash[i].count = n;
	}
	for (unsigned i = 0; i < 2; i++)
		for (unsigned k = 0; k < 4 && bpf_map_pop(maps[queues[i]], &ret->queue[i][k]) == 0; k++)
			;
}

static void run_once(struct engine *e, bool compiled, uint8_t rubbish, struct outcome *ret)
{
	static struct bpf_run run;
	uint32_t zero = 0;

	memset(ret, 0, sizeof(*ret));
	before_run(e->prog.type);
	/* A program array leads to one engine's programs at a time. */
	e->prog.refs = 1;
	if (bpf_map_set_object(maps[5], &zero, &e->prog, 0) < 0)
		abort();
	if (compiled) {
		ret->r0 = engine_call(e, (uint64_t)context, 0);
	} else {
		memset(&run, rubbish, sizeof(run));
		run.depth = run.tail_calls = 0;
		run.fault = NULL;
		ret->r0 = bpf_interp_run(e->interp, &run, (uint64_t)context, 0);
		if (run.fault) {
			fprintf(stderr, "the interpreter gave up: %s\n", run.fault);
			abort();
		}
	}
	bpf_map_set_object(maps[5], &zero, NULL, 0);
	after_run(e->prog.type, ret);
}

static void compare(const struct outcome *a, const struct outcome *b, const char *what)
{
	if (!memcmp(a, b, sizeof(*a)))
		return;
	fprintf(stderr, "%s: r0 %llx, %llx; packet %d, context %d, value %d, queue %d, hash %d\n", what,
		(unsigned long long)a->r0, (unsigned long long)b->r0, memcmp(a->packet, b->packet, BUFFER),
		memcmp(a->context, b->context, ARGUMENTS), memcmp(a->value, b->value, sizeof(a->value)),
		memcmp(a->queue, b->queue, sizeof(a->queue)), memcmp(a->hash, b->hash, sizeof(a->hash)));
	abort();
}

static void run(const struct bpf_prog *prog, const struct bpf_insn_fact *facts, uint32_t accessed)
{
	static struct outcome first, other;
	struct engine e = {.prog = *prog};

	context_size = prog->type == BPF_PROG_TYPE_XDP ? sizeof(struct bpf_xdp_packet) : accessed ? accessed : 1;
	context = malloc(context_size);
	packet = malloc(BUFFER);
	/* Structure and helpers are checked: it must compile. */
	engine_facts = facts;
	engine_no_bmi2 = false;
	if (engine_prepare(&e, &helpers, true) < 0)
		abort();
	run_once(&e, false, 0x00, &first);
	run_once(&e, false, 0xff, &other);
	compare(&first, &other, "what is not initialised matters");
	run_once(&e, true, 0, &other);
	compare(&first, &other, "interpreted and compiled differ");
	munmap(e.code, e.code_size);
	free(e.interp);
	engine_facts = NULL;
	engine_no_bmi2 = true;
	if (engine_prepare(&e, &helpers, true) < 0)
		abort();
	run_once(&e, true, 0, &other);
	compare(&first, &other, "interpreted and compiled without facts differ");
	munmap(e.code, e.code_size);
	free(e.interp);
	free(context);
	free(packet);
}

/* The states as text: reads all of it. */
static void read_log(void *ctx, const char *text, size_t n)
{
	static volatile char last;

	(void)ctx;
	for (size_t i = 0; i < n; i++)
		last = text[i];
	(void)last;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t types[] = {
		BPF_PROG_TYPE_XDP, BPF_PROG_TYPE_KPROBE,     BPF_PROG_TYPE_SYSCALL,    BPF_PROG_TYPE_SOCKET_FILTER,
		BPF_PROG_TYPE_XDP, BPF_PROG_TYPE_PERF_EVENT, BPF_PROG_TYPE_TRACEPOINT, BPF_PROG_TYPE_RAW_TRACEPOINT};
	static struct bpf_insn insns[INSNS_MAX + 16];
	static struct bpf_subprog subprogs[BPF_MAX_SUBPROGS];
	struct bpf_mem mem = {.alloc = heap_alloc, .free = heap_free, .budget = 16 << 20};
	static struct bpf_insn_fact facts[INSNS_MAX + 16];
	struct bpf_verify_options options = {.mem = &mem, .steps_max = STEPS_MAX, .facts = facts};
	struct bpf_verify_result result;
	struct bpf_refusal refusal;
	struct bpf_prog prog = {.insns = insns,
				.subprogs = subprogs,
				.subprogs_max = BPF_MAX_SUBPROGS,
				.maps = maps,
				.map_count = MAPS,
				.ctx_size = ARGUMENTS};
	int r;

	if (size < 1)
		return 0;
	if (!maps[0])
		set_up();
	memset(insns, 0, sizeof(insns));
	memset(subprogs, 0, sizeof(subprogs));
	prog.type = types[data[0] & 7];
	if (data[0] & 128) {
		prog.insn_count = make_program(data + 1, size - 1, insns);
	} else {
		prog.insn_count = (uint32_t)((size - 1) / sizeof(insns[0]));
		if (prog.insn_count > INSNS_MAX)
			prog.insn_count = INSNS_MAX;
		memcpy(insns, data + 1, prog.insn_count * sizeof(insns[0]));
	}
	if (data[0] & 64)
		options.log = read_log;
	r = bpf_verify(&prog, &options, &result, &refusal);
	if (mem.used)
		abort();
	if (r < 0 && !memchr(refusal.text, 0, sizeof(refusal.text)))
		abort();
	if (r == 0)
		run(&prog, facts, result.context_size);
	return 0;
}
