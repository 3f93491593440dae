/*
 * corpus.c: runs the verifier over files of small programs, each of which states its verdict and the refusal's words,
 * and asks the Linux kernel for its own verdict where bpf() works.
 *
 *   corpus [-v] [-t NAME] [-n] [-d DIR] FILE...
 *
 * -v prints the states, -t runs the programs whose name contains NAME, -n leaves the kernel out, -d writes each program
 * to DIR as tests/fuzz/fuzz_bpf_verify.c reads it. A program in a file:
 *
 *   == a sentence about it                  its name
 *   type kprobe                             xdp if it says nothing
 *   map array 4 64 1 [FLAGS] [of K]         type key value entries; its number is its place; K: inner map's number
 *   map rodata 16 HEXBYTES                  array of one read-only, frozen value
 *   steps 1000                              limit of simulated instructions
 *   context 64                              bytes of a run-once program's arguments
 *   line 3 FILE 12 TEXT                     source line of instruction 3 on
 *     INSTRUCTIONS                          asm.h
 *   accept | refuse WORDS                   the refusal must start with "insn N:" and contain WORDS
 *   kernel accepts: REASON | kernel refuses: REASON | kernel unasked: REASON
 *                                           where it is of another opinion, or has no such feature; a disagreement that
 * is not listed fails, and so does a listed one that is none as user                                 ask the kernel
 * without the rights with which it overlooks leaked addresses
 */
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/check.h"
#include "bpf/ctx.h"
#include "bpf/map.h"
#include "bpf/verify.h"
#include "tests/bpf/verifier/asm.h"
#include "tests/bpf/verifier/kernel.h"

#define MAPS_MAX  8
#define INSNS_MAX 5000
#define LINES_MAX 8

struct test {
	char name[160], file[64];
	char code[200000];
	char want[400], kernel[400];
	bool accept, has_verdict, as_user;
	unsigned type, steps, context, maps, lines;
	struct {
		struct bpf_map_def def;
		bool rodata;
		int inner;
		uint8_t contents[256];
	} map[MAPS_MAX];
	struct bpf_line line[LINES_MAX];
	char line_file[LINES_MAX][32], line_text[LINES_MAX][80];
};

static struct test test;
static struct bpf_insn insns[INSNS_MAX], original[INSNS_MAX];
static struct bpf_subprog subprogs[BPF_MAX_SUBPROGS];
static bool verbose, with_kernel;
static const char *only, *dump_dir;
static unsigned passed, failed, asked, agreed, listed;

static void *host_alloc(struct bpf_mem *mem, size_t size)
{
	void *p = aligned_alloc(16, (size + 15) & ~(size_t)15);

	(void)mem;
	return p ? memset(p, 0, size) : NULL;
}

static void host_free(struct bpf_mem *mem, void *p, size_t size)
{
	(void)mem;
	(void)size;
	free(p);
}

static void print_log(void *ctx, const char *text, size_t n)
{
	(void)ctx;
	fwrite(text, 1, n, stdout);
}

static void verdict(bool ok, const char *format, ...)
{
	va_list args;

	if (ok) {
		passed++;
		printf("ok - %s: %s\n", test.file, test.name);
		return;
	}
	failed++;
	printf("not ok - %s: %s: ", test.file, test.name);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
}

static struct bpf_map *make_map(unsigned i, struct bpf_mem *mem, struct bpf_map **maps)
{
	struct bpf_map_def def = test.map[i].def;
	struct bpf_map *map;
	uint32_t zero = 0;
	int r;

	if (test.map[i].inner >= 0)
		def.inner = maps[test.map[i].inner];
	r = bpf_map_create(&def, mem, &map);
	if (r < 0) {
		printf("# map %u: %s\n", i, strerror(-r));
		return NULL;
	}
	if (test.map[i].rodata) {
		bpf_map_update(map, &zero, test.map[i].contents, 0);
		bpf_map_freeze(map);
	}
	return map;
}

static int ours(int count, struct bpf_refusal *refusal)
{
	struct bpf_mem mem = {.alloc = host_alloc, .free = host_free, .budget = 64 << 20};
	struct bpf_mem map_mem = mem;
	struct bpf_map *maps[MAPS_MAX] = {NULL};
	struct bpf_verify_options options = {.mem = &mem, .steps_max = test.steps, .log = verbose ? print_log : NULL};
	struct bpf_verify_result result;
	struct bpf_prog prog = {.name = "test",
				.type = test.type,
				.insns = insns,
				.insn_count = (uint32_t)count,
				.subprogs = subprogs,
				.subprogs_max = BPF_MAX_SUBPROGS,
				.maps = maps,
				.map_count = test.maps,
				.lines = test.lines ? test.line : NULL,
				.line_count = test.lines,
				.ctx_size = test.context};
	int r = 0;

	memset(subprogs, 0, sizeof(subprogs));
	for (unsigned i = 0; i < test.maps && r == 0; i++) {
		maps[i] = make_map(i, &map_mem, maps);
		if (!maps[i])
			r = -EIO;
	}
	if (r == 0)
		r = bpf_verify(&prog, &options, &result, refusal);
	else
		snprintf(refusal->text, sizeof(refusal->text), "a map cannot be made");
	for (unsigned i = test.maps; i--;)
		if (maps[i])
			bpf_map_put(maps[i]);
	if (mem.used || map_mem.used) {
		printf("# %zu bytes lost\n", mem.used + map_mem.used);
		return -EFAULT;
	}
	return r;
}

static void ask_kernel(int count, bool accepted)
{
	bool says_accepts = !strncmp(test.kernel, "accepts", 7), says_refuses = !strncmp(test.kernel, "refuses", 7);
	int fds[MAPS_MAX];
	char log[300] = "";
	int r = 0;

	if (!with_kernel || !strncmp(test.kernel, "unasked", 7))
		return;
	for (unsigned i = 0; i < test.maps; i++) {
		const struct bpf_map_def *d = &test.map[i].def;

		fds[i] = kernel_map(d->type, d->key_size, d->value_size, d->max_entries, d->map_flags,
				    test.map[i].inner >= 0 ? fds[test.map[i].inner] : -1,
				    test.map[i].rodata ? test.map[i].contents : NULL, test.map[i].rodata);
		if (fds[i] < 0) {
			r = fds[i];
			snprintf(log, sizeof(log), "map %u", i);
		}
	}
	if (r == 0)
		r = kernel_verify(test.type, original, (unsigned)count, fds, test.maps, !test.as_user, log,
				  sizeof(log));
	for (unsigned i = 0; i < test.maps; i++)
		kernel_close(fds[i]);
	asked++;
	if ((r == 0) == accepted) {
		agreed++;
		if (says_accepts || says_refuses)
			verdict(false, "a disagreement with the kernel is listed, but it agrees (%s)", log);
		return;
	}
	if (r == 0 ? says_accepts : says_refuses) {
		listed++;
		return;
	}
	verdict(false, "the kernel %s it: %s: %s", r == 0 ? "accepts" : "refuses", strerror(-r), log);
}

/* The number of a map of that kind in fuzz_bpf_verify.c. */
static int fuzz_map(unsigned i)
{
	static const struct {
		enum bpf_map_type type;
		int number, wide; /* values of 64 bytes: another one */
	} all[] = {
		{BPF_MAP_TYPE_ARRAY, 12, 0},	   {BPF_MAP_TYPE_HASH, 1, 13},	  {BPF_MAP_TYPE_RINGBUF, 2, 2},
		{BPF_MAP_TYPE_QUEUE, 4, 4},	   {BPF_MAP_TYPE_STACK, 9, 9},	  {BPF_MAP_TYPE_PROG_ARRAY, 5, 5},
		{BPF_MAP_TYPE_LRU_HASH, 6, 6},	   {BPF_MAP_TYPE_LPM_TRIE, 10, 10}, {BPF_MAP_TYPE_STACK_TRACE, 14, 14},
		{BPF_MAP_TYPE_ARRAY_OF_MAPS, 11, 11},
	};

	if (i >= test.maps)
		return (int)i;
	if (test.map[i].rodata)
		return 3;
	for (size_t k = 0; k < sizeof(all) / sizeof(all[0]); k++)
		if (all[k].type == test.map[i].def.type)
			return test.map[i].def.value_size == 64 ? all[k].wide : all[k].number;
	return (int)i;
}

/* The first byte is the type's place in fuzz_bpf_verify.c's table. */
static void dump(int count)
{
	static unsigned number;
	char path[300];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%03u", dump_dir, number++);
	f = fopen(path, "w");
	if (!f)
		return;
	for (int i = 0; i < count; i++)
		if (original[i].code == (BPF_LD | BPF_IMM | BPF_DW) &&
		    (original[i].src_reg == BPF_PSEUDO_MAP_FD || original[i].src_reg == BPF_PSEUDO_MAP_VALUE))
			original[i].imm = fuzz_map((unsigned)original[i].imm);
	/* Some with the states written down. */
	fputc((test.type == BPF_PROG_TYPE_KPROBE ? 1 : test.type == BPF_PROG_TYPE_SYSCALL ? 2 : 0) | (number % 3 ? 0 : 64), f);
	fwrite(original, sizeof(original[0]), (size_t)count, f);
	fclose(f);
}

static void run(void)
{
	struct bpf_refusal refusal = {0};
	char error[200];
	bool accepted;
	int count, r;

	if (!test.name[0] || (only && !strstr(test.name, only)))
		return;
	if (!test.has_verdict) {
		verdict(false, "says no verdict");
		return;
	}
	count = assemble(test.code, insns, INSNS_MAX, error, sizeof(error));
	if (count < 0) {
		verdict(false, "does not assemble: %s", error);
		return;
	}
	memcpy(original, insns, (size_t)count * sizeof(insns[0]));
	if (dump_dir)
		dump(count);
	r = ours(count, &refusal);
	accepted = r == 0;
	if (accepted != test.accept)
		verdict(false, "is %s%s", accepted ? "accepted" : "refused: ", accepted ? "" : refusal.text);
	else if (!accepted && (strncmp(refusal.text, "insn ", 5) || !strstr(refusal.text, test.want)))
		verdict(false, "is refused with: %s", refusal.text);
	else
		verdict(true, NULL);
	ask_kernel(count, accepted);
}

static void start(const char *file, const char *name)
{
	const char *base = strrchr(file, '/');

	memset(&test, 0, sizeof(test));
	snprintf(test.file, sizeof(test.file), "%s", base ? base + 1 : file);
	snprintf(test.name, sizeof(test.name), "%s", name);
	test.type = BPF_PROG_TYPE_XDP;
}

static unsigned type_number(const char *name)
{
	static const struct {
		const char *name;
		unsigned type;
	} types[] = {
		{"socket_filter", BPF_PROG_TYPE_SOCKET_FILTER},
		{"kprobe", BPF_PROG_TYPE_KPROBE},
		{"tracepoint", BPF_PROG_TYPE_TRACEPOINT},
		{"xdp", BPF_PROG_TYPE_XDP},
		{"perf_event", BPF_PROG_TYPE_PERF_EVENT},
		{"raw_tracepoint", BPF_PROG_TYPE_RAW_TRACEPOINT},
		{"syscall", BPF_PROG_TYPE_SYSCALL},
	};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (!strcmp(types[i].name, name))
			return types[i].type;
	return (unsigned)atoi(name);
}

static bool read_map(const char *text)
{
	struct bpf_map_def *def = &test.map[test.maps].def;
	char type[32], hex[520] = "";
	const char *inner = strstr(text, " of ");

	if (test.maps == MAPS_MAX)
		return false;
	test.map[test.maps].inner = inner ? atoi(inner + 4) : -1;
	if (sscanf(text, "rodata %u %519s", &def->value_size, hex) >= 1) {
		def->type = BPF_MAP_TYPE_ARRAY;
		def->key_size = 4;
		def->max_entries = 1;
		def->map_flags = BPF_F_RDONLY_PROG;
		test.map[test.maps].rodata = true;
		for (size_t i = 0; i + 1 < strlen(hex) && i / 2 < sizeof(test.map[0].contents); i += 2)
			sscanf(hex + i, "%2hhx", &test.map[test.maps].contents[i / 2]);
		test.maps++;
		return true;
	}
	if (sscanf(text, "%31s %u %u %u %u", type, &def->key_size, &def->value_size, &def->max_entries,
		   &def->map_flags) < 4)
		return false;
	for (def->type = 1; def->type < BPF_MAP_TYPE_MAX_KNOWN; def->type++)
		if (bpf_map_type_name(def->type) && !strcmp(bpf_map_type_name(def->type), type))
			break;
	test.maps++;
	return def->type < BPF_MAP_TYPE_MAX_KNOWN;
}

static bool read_line(const char *text)
{
	struct bpf_line *line = &test.line[test.lines];

	if (test.lines == LINES_MAX || sscanf(text, "%u %31s %u %79[^\n]", &line->insn, test.line_file[test.lines],
					      &line->line, test.line_text[test.lines]) < 3)
		return false;
	line->file = test.line_file[test.lines];
	line->text = test.line_text[test.lines][0] ? test.line_text[test.lines] : NULL;
	test.lines++;
	return true;
}

static bool directive(const char *line)
{
	char word[32];

	if (sscanf(line, "type %31s", word) == 1) {
		test.type = type_number(word);
		return true;
	}
	if (!strncmp(line, "map ", 4))
		return read_map(line + 4);
	if (!strncmp(line, "line ", 5))
		return read_line(line + 5);
	if (sscanf(line, "steps %u", &test.steps) == 1 || sscanf(line, "context %u", &test.context) == 1)
		return true;
	if (!strcmp(line, "as user")) {
		test.as_user = true;
		return true;
	}
	if (!strcmp(line, "accept") || !strncmp(line, "refuse ", 7)) {
		test.has_verdict = true;
		test.accept = line[0] == 'a';
		snprintf(test.want, sizeof(test.want), "%s", test.accept ? "" : line + 7);
		return true;
	}
	if (!strncmp(line, "kernel ", 7)) {
		snprintf(test.kernel, sizeof(test.kernel), "%s", line + 7);
		return true;
	}
	return false;
}

static bool is_label(const char *line)
{
	size_t n = strlen(line);

	return n > 1 && line[n - 1] == ':' && !strchr(line, ' ');
}

/* What many programs start with. */
static const char *expanded(const char *line)
{
	static const struct {
		const char *name, *code;
	} pieces[] = {
		/* r0 = the value of key 0 in map 0, or null: 6 instructions */
		{"%lookup", "*(u32 *)(r10 - 4) = 0\nr1 = map 0\nr2 = r10\nr2 += -4\ncall map_lookup_elem"},
		/* and not null: 9 instructions */
		{"%value", "*(u32 *)(r10 - 4) = 0\nr1 = map 0\nr2 = r10\nr2 += -4\ncall map_lookup_elem\n"
			   "if r0 != 0 goto +2\nr0 = 0\nexit"},
		/* r2, r3: the packet's start and end: 2 instructions */
		{"%packet", "r2 = *(u32 *)(r1 + 0)\nr3 = *(u32 *)(r1 + 4)"},
		/* 2 instructions */
		{"%end", "r0 = 0\nexit"},
	};

	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++)
		if (!strcmp(line + strspn(line, " "), pieces[i].name))
			return pieces[i].code;
	return line;
}

static bool read_file(const char *path)
{
	FILE *f = fopen(path, "r");
	char line[400];
	unsigned number = 0;
	bool ok = true;

	if (!f) {
		printf("not ok - %s: %s\n", path, strerror(errno));
		return false;
	}
	start(path, "");
	while (fgets(line, sizeof(line), f)) {
		size_t used = strlen(test.code);

		number++;
		line[strcspn(line, "\n")] = '\0';
		if (!strncmp(line, "== ", 3)) {
			run();
			start(path, line + 3);
		} else if (line[0] == ' ' || line[0] == '\t' || is_label(line)) {
			/* "repeat n: instruction" makes long programs short to write. */
			int times = 1, at = 0;

			if (sscanf(line, " repeat %d:%n", &times, &at) != 1 || !at)
				at = 0;
			for (int i = 0; i < (at ? times : 1); i++)
				used += (size_t)snprintf(test.code + used, sizeof(test.code) - used, "%s\n",
							 expanded(line + at));
		} else if (line[0] && line[0] != '#' && !directive(line)) {
			printf("not ok - %s:%u: cannot read: %s\n", path, number, line);
			ok = false;
		}
	}
	run();
	fclose(f);
	return ok;
}

int main(int argc, char **argv)
{
	const char *why = NULL;
	bool ok = true;

	setvbuf(stdout, NULL, _IOLBF, 0);
	with_kernel = true;
	for (int i = 1; i < argc && argv[i][0] == '-'; i++) {
		if (!strcmp(argv[i], "-v"))
			verbose = true;
		if (!strcmp(argv[i], "-n"))
			with_kernel = false;
		if (!strcmp(argv[i], "-t") && i + 1 < argc)
			only = argv[++i];
		else if (!strcmp(argv[i], "-d") && i + 1 < argc)
			dump_dir = argv[++i];
	}
	with_kernel = with_kernel && kernel_works(&why);
	for (int i = 1; i < argc; i++)
		if (strstr(argv[i], ".txt"))
			ok &= read_file(argv[i]);
	if (with_kernel)
		printf("# the kernel was asked %u times: it agrees %u times, %u disagreements are listed\n", asked,
		       agreed, listed);
	else if (why)
		printf("skip - comparison of verdicts with the Linux kernel: %s\n", why);
	printf("# %u programs as they say, %u not\n", passed, failed);
	return ok && !failed ? 0 : 1;
}
