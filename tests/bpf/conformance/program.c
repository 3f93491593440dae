/*
 * program.c: a program for the overlay that runs programs of bpf/, compiled as for the guest's kernel, in both engines: each
 * line of the file that is its argument is NAME|MEMORY|PROGRAM in hexadecimal digits; it prints "NAME|ENGINE|RESULT", with
 * r0 in hexadecimal or "error". The rules are those of bpf-run (tests/bpf/bpf_run.c), but for its processes.
 */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/check.h"
#include "tests/bpf/engine.h"

#define LINE_MAX_SIZE (1 << 20)

static struct bpf_helpers helpers;
static jmp_buf refused;

static uint64_t first_argument(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5)
{
	return r1;
}

/* callx: the number is known only now. */
static uint64_t call_by_number(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5, uint64_t number)
{
	if (number >= BPF_HELPER_NUMBERS || !helpers.fn[number])
		longjmp(refused, 1);
	return helpers.fn[number](r1, r2, r3, r4, r5);
}

static uint8_t *from_hex(const char *text, size_t *ret_size)
{
	size_t n = strlen(text) / 2;
	uint8_t *bytes = aligned_alloc(16, n / 16 * 16 + 16);
	unsigned b;

	for (size_t i = 0; i < n && bytes; i++)
		bytes[i] = sscanf(text + 2 * i, "%2x", &b) == 1 ? (uint8_t)b : 0;
	*ret_size = n;
	return bytes;
}

/* True with *ret_r0; false if it is refused or ended. */
static bool run(const char *memory_hex, const char *program_hex, bool jit, uint64_t *ret_r0)
{
	size_t memory_size, size;
	uint8_t *memory = from_hex(memory_hex, &memory_size), *program = from_hex(program_hex, &size);
	volatile bool good = false;
	struct engine e;

	if (!memory || !program || size == 0 || size % sizeof(struct bpf_insn))
		return false;
	if (engine_load(&e, (struct bpf_insn *)program, size / sizeof(struct bpf_insn), NULL, 0, &helpers, BPF_CHECK_CALLX, jit) == 0 &&
	    setjmp(refused) == 0) {
		uint64_t r1 = memory_size ? (uint64_t)memory : 0;

		if (jit)
			*ret_r0 = engine_call(&e, r1, memory_size);
		good = jit || engine_interpret(&e, r1, memory_size, ret_r0) == 0;
	}
	engine_unload(&e);
	free(memory);
	free(program);
	return good;
}

int main(int argc, char **argv)
{
	FILE *f = argc > 1 ? fopen(argv[1], "r") : NULL;
	char *line = malloc(LINE_MAX_SIZE);

	bpf_helpers_add_pure(&helpers);
	helpers.fn[5] = first_argument;
	helpers.callx = call_by_number;
	if (!f || !line) {
		perror(argc > 1 ? argv[1] : "no file");
		return 1;
	}
	while (fgets(line, LINE_MAX_SIZE, f)) {
		char *memory = strchr(line, '|'), *program = memory ? strchr(memory + 1, '|') : NULL;

		if (!program)
			continue;
		*memory++ = *program++ = '\0';
		program[strcspn(program, "\n")] = '\0';
		for (int jit = 0; jit < 2; jit++) {
			uint64_t r0 = 0;

			if (run(memory, program, jit, &r0))
				printf("%s|%s|%llx\n", line, jit ? "jit" : "interpreter", (unsigned long long)r0);
			else
				printf("%s|%s|error\n", line, jit ? "jit" : "interpreter");
		}
	}
	puts("done");
	return 0;
}
