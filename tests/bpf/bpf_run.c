/*
 * bpf_run.c: bpf-run, which runs a program from standard input in one of the engines, without the verifier, and prints
 * r0: the way in for the public conformance suite's runner. Or it asks the verifier for its verdict and runs nothing.
 *
 *	bpf-run [MEMHEX] [--jit] [--elf] [--program NAME]
 *	bpf-run --verify --prog-type N [--map type:key:value:max[:flags]]... [--elf] [--program NAME] [--verbose]
 *
 * The program comes as hexadecimal digits, blanks allowed: raw instructions, or with --elf a whole object file. r1 points
 * at the bytes MEMHEX (blanks allowed), r2 is their number. Helper 5 returns its first argument. Prints r0 in hexadecimal,
 * exit 0; or a message on standard error and exit 1 if the program is refused, 2 for wrong usage, 3 if the program was
 * ended by a signal: it runs in a process of its own, so that a wild one ends in a message.
 */
#include "tests/bpf/bpf_run.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define RUN_SECONDS 30

struct bpf_helpers run_helpers;
struct bpf_mem run_mem;

static uint64_t first_argument(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5)
{
	return r1;
}

/* callx: the number is known only now. There is nobody to tell but the message. */
static uint64_t call_by_number(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5, uint64_t number)
{
	if (number >= BPF_HELPER_NUMBERS || !run_helpers.fn[number]) {
		fprintf(stderr, "bpf-run: callx: there is no helper %llu\n", (unsigned long long)number);
		_exit(1);
	}
	return run_helpers.fn[number](r1, r2, r3, r4, r5);
}

int run_die(int code, const char *what)
{
	fprintf(stderr, "bpf-run: %s\n", what);
	return code;
}

static int usage(void)
{
	return run_die(2, "usage: bpf-run [MEMHEX] [--jit] [--elf] [--program NAME]\n"
	                  "       bpf-run --verify --prog-type N [--map TYPE:KEY:VALUE:MAX[:FLAGS]]... [--elf] "
	                  "[--program NAME] [--verbose]\n"
	                  "The program comes as hexadecimal digits on standard input.");
}

/* Bytes from hexadecimal digits with blanks anywhere between bytes. Null if TEXT is no such thing. */
static uint8_t *from_hex(const char *text, size_t *ret_size)
{
	uint8_t *bytes = malloc(strlen(text) / 2 + 1);
	size_t n = 0;

	if (!bytes)
		return NULL;
	for (;;) {
		char digits[3] = { 0 };

		while (isspace((unsigned char)*text))
			text++;
		if (!*text)
			break;
		if (!isxdigit((unsigned char)text[0]) || !isxdigit((unsigned char)text[1])) {
			free(bytes);
			return NULL;
		}
		memcpy(digits, text, 2);
		bytes[n++] = (uint8_t)strtoul(digits, NULL, 16);
		text += 2;
	}
	*ret_size = n;
	return bytes;
}

/* All of standard input, with a NUL behind. */
static char *read_all(void)
{
	size_t size = 0, room = 65536;
	char *text = malloc(room);

	while (text) {
		ssize_t n = read(STDIN_FILENO, text + size, room - size - 1);

		if (n <= 0)
			break;
		size += (size_t)n;
		if (room - size < 2)
			text = realloc(text, room *= 2);
	}
	if (text)
		text[size] = 0;
	return text;
}

/* In the child: from the program to the result in *RET_R0. Returns the exit status. */
static int run(const struct run_options *options, struct bpf_prog *prog, uint8_t *memory, size_t memory_size,
               uint64_t *ret_r0)
{
	struct engine e = { .prog = *prog };
	int r = engine_prepare(&e, &run_helpers, options->jit);

	if (r < 0)
		return run_die(1, e.refusal.text[0] ? e.refusal.text : strerror(-r));
	if (options->jit)
		*ret_r0 = engine_call(&e, (uint64_t)memory, memory_size);
	else if (engine_interpret(&e, (uint64_t)memory, memory_size, ret_r0) < 0)
		return run_die(1, "the program ended early");
	return 0;
}

/* Parses the arguments. False for wrong usage. */
static bool parse(int argc, char **argv, struct run_options *options)
{
	static const char *maps[RUN_MAPS_MAX];
	char *end;

	options->prog_type = -1;
	options->map_options = maps;
	for (int i = 1; i < argc; i++) {
		const char *a = argv[i];
		/* The option's value. */
		const char *value = i + 1 < argc ? argv[i + 1] : NULL;

		if (!strcmp(a, "--jit")) {
			options->jit = true;
		} else if (!strcmp(a, "--elf")) {
			options->elf = true;
		} else if (!strcmp(a, "--verify")) {
			options->verify = true;
		} else if (!strcmp(a, "--verbose")) {
			options->verbose = true;
		} else if (!strcmp(a, "--program") && value) {
			options->program = argv[++i];
		} else if (!strcmp(a, "--prog-type") && value) {
			options->prog_type = strtol(argv[++i], &end, 0);
			if (*end || end == value || options->prog_type < 0)
				return false;
		} else if (!strcmp(a, "--map") && value && options->map_count < RUN_MAPS_MAX) {
			maps[options->map_count++] = argv[++i];
		} else if (a[0] == '-' || options->memory_hex) {
			return false;
		} else {
			options->memory_hex = a;
		}
	}
	return !options->verify || options->prog_type >= 0 || options->elf;
}

int main(int argc, char **argv)
{
	struct run_options options = { 0 };
	uint8_t *memory = NULL, *bytes;
	uint64_t *r0 = mmap(NULL, sizeof(*r0), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	size_t size, memory_size = 0;
	struct bpf_prog prog;
	char *text;
	pid_t child;
	int status;

	if (!parse(argc, argv, &options) || r0 == MAP_FAILED)
		return usage();
	if (options.memory_hex && options.memory_hex[0]) {
		memory = from_hex(options.memory_hex, &memory_size);
		if (!memory)
			return run_die(2, "the memory is not in hexadecimal digits");
	}
	text = read_all();
	bytes = text ? from_hex(text, &size) : NULL;
	if (!bytes)
		return run_die(2, "the program is not in hexadecimal digits");

	run_mem = engine_mem(1u << 30);
	bpf_helpers_add_pure(&run_helpers);
	run_helpers.fn[5] = first_argument;
	run_helpers.callx = call_by_number;
	status = run_program(&options, bytes, size, &prog);
	if (status)
		return status;
	if (options.verify)
		return run_verify(&options, &prog);

	child = fork();
	if (child == 0) {
		alarm(RUN_SECONDS);
		_exit(run(&options, &prog, memory, memory_size, r0));
	}
	if (child < 0 || waitpid(child, &status, 0) < 0)
		return run_die(1, strerror(errno));
	if (WIFSIGNALED(status)) {
		fprintf(stderr, "bpf-run: the program was ended by signal %d (%s)\n", WTERMSIG(status),
		        strsignal(WTERMSIG(status)));
		return 3;
	}
	if (WEXITSTATUS(status) == 0)
		printf("%llx\n", (unsigned long long)*r0);
	return WEXITSTATUS(status);
}
