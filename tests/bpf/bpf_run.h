/* bpf_run.h: what the files of bpf-run (bpf_run*.c) share. */
#ifndef TESTS_BPF_BPF_RUN_H
#define TESTS_BPF_BPF_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/object.h"
#include "tests/bpf/engine.h"

struct run_options {
	bool jit, elf, verify, verbose;
	const char *memory_hex;   /* null: none */
	const char *program;      /* --program; null: main, or section .text */
	long prog_type;           /* --prog-type; -1: not given */
	const char **map_options; /* --map, in their order */
	size_t map_count;
};

#define RUN_MAPS_MAX 64

/* Prints "bpf-run: WHAT" to standard error and returns CODE. */
int run_die(int code, const char *what);

/* The helpers of programs that run here. */
extern struct bpf_helpers run_helpers;
/* Memory for objects, maps and the verifier. */
extern struct bpf_mem run_mem;

/*
 * bpf_run_program.c: the program of standard input (SIZE bytes), raw or out of an ELF object, with its maps. Returns 0
 * with *ret, its structure checked unless it is to be verified, or an exit status after a message.
 */
int run_program(const struct run_options *options, uint8_t *bytes, size_t size, struct bpf_prog *ret);

/* bpf_run_verify.c: the verdict. 0 accepted, 1 refused with the reason on standard error. */
int run_verify(const struct run_options *options, struct bpf_prog *prog);

#endif
