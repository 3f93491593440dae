/*
 * bpf_run.c: bpf-run, which runs a program from standard input in one of the engines, without the verifier, and prints
 * r0: the way in for the public conformance suite's runner. The program runs in a process of its own, so that a wild
 * one ends in a message. What belongs to --elf and --verify is in files of their own.
 *
 *	bpf-run [MEMHEX] [--jit]
 *
 * The program comes as hexadecimal digits, blanks allowed. r1 points at the bytes MEMHEX (blanks allowed), r2 is their
 * number. Helper 5 returns its first argument. Prints r0 in hexadecimal, exit 0; or a message on standard error and exit
 * 1 if the program is refused, 2 for wrong usage, 3 if the program was ended by a signal.
 */
#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bpf/check.h"
#include "tests/bpf/engine.h"

#define RUN_SECONDS 30

struct options {
	bool jit;
	const char *memory_hex;
};

static uint64_t first_argument(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5)
{
	return r1;
}

static struct bpf_helpers helpers;

/* callx: the number is known only now. There is nobody to tell but the message. */
static uint64_t call_by_number(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5, uint64_t number)
{
	if (number >= BPF_HELPER_NUMBERS || !helpers.fn[number]) {
		fprintf(stderr, "bpf-run: callx: there is no helper %llu\n", (unsigned long long)number);
		_exit(1);
	}
	return helpers.fn[number](r1, r2, r3, r4, r5);
}

static int die(int code, const char *what)
{
	fprintf(stderr, "bpf-run: %s\n", what);
	return code;
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

/* In the child: everything from the instructions to the result in *RET_R0. Returns the exit status. */
static int run(const struct options *options, uint8_t *program, size_t size, uint8_t *memory, size_t memory_size,
               uint64_t *ret_r0)
{
	struct engine e;
	int r;

	if (size == 0 || size % sizeof(struct bpf_insn))
		return die(1, "the program is no whole number of 8-byte instructions");
	r = engine_load(&e, (struct bpf_insn *)program, size / sizeof(struct bpf_insn), NULL, 0, &helpers,
	                BPF_CHECK_CALLX, options->jit);
	if (r < 0)
		return die(1, e.refusal.text[0] ? e.refusal.text : strerror(-r));
	if (options->jit)
		*ret_r0 = engine_call(&e, (uint64_t)memory, memory_size);
	else if (engine_interpret(&e, (uint64_t)memory, memory_size, ret_r0) < 0)
		return die(1, "the program ended early");
	return 0;
}

int main(int argc, char **argv)
{
	struct options options = { 0 };
	uint8_t *memory = NULL, *program;
	uint64_t *r0 = mmap(NULL, sizeof(*r0), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	size_t size, memory_size = 0;
	char *text;
	pid_t child;
	int status;

	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--jit"))
			options.jit = true;
		else if (argv[i][0] == '-' || options.memory_hex)
			return die(2, "usage: bpf-run [MEMHEX] [--jit] <program as hexadecimal digits");
		else
			options.memory_hex = argv[i];
	}
	if (options.memory_hex && options.memory_hex[0]) {
		memory = from_hex(options.memory_hex, &memory_size);
		if (!memory)
			return die(2, "the memory is not in hexadecimal digits");
	}
	text = read_all();
	program = text ? from_hex(text, &size) : NULL;
	if (!program)
		return die(2, "the program is not in hexadecimal digits");

	bpf_helpers_add_pure(&helpers);
	helpers.fn[5] = first_argument;
	helpers.callx = call_by_number;

	child = fork();
	if (child == 0) {
		alarm(RUN_SECONDS);
		_exit(run(&options, program, size, memory, memory_size, r0));
	}
	if (child < 0 || waitpid(child, &status, 0) < 0)
		return die(1, strerror(errno));
	if (WIFSIGNALED(status)) {
		fprintf(stderr, "bpf-run: the program was ended by signal %d (%s)\n", WTERMSIG(status),
		        strsignal(WTERMSIG(status)));
		return 3;
	}
	if (WEXITSTATUS(status) == 0)
		printf("%llx\n", (unsigned long long)*r0);
	return WEXITSTATUS(status);
}
