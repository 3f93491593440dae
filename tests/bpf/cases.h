/*
 * cases.h: runs small programs in both engines and compares. Used by tests/bpf/test_*.c on top of tests/unit/test.h.
 */
#ifndef TESTS_BPF_CASES_H
#define TESTS_BPF_CASES_H

#include "tests/bpf/engine.h"
#include "tests/unit/test.h"

#define CASE_MEMORY 64

/* Both engines' results must be the same; so must the memory be that r1 points at. */
struct outcome {
	uint64_t r0;
	uint8_t memory[CASE_MEMORY];
};

/*
 * Runs the program with r1 = a copy of the CASE_MEMORY bytes at MEMORY (null: zeroes) and r2 = R2 in the interpreter and
 * compiled, with and without BMI2's shifts. Fails the test if one does not load or they differ.
 */
struct outcome run_both(struct bpf_insn *insns, size_t count, const void *memory, uint64_t r2);

/* r0 of a program given as a list of instructions. */
#define R0(...)                                                                                        \
	run_both((struct bpf_insn[]){ __VA_ARGS__ },                                                   \
	         sizeof((struct bpf_insn[]){ __VA_ARGS__ }) / sizeof(struct bpf_insn), NULL, 0)        \
		.r0

/* The helpers that the programs of run_both() may call: the pure ones, and 5, which returns its first argument. */
extern struct bpf_helpers case_helpers;
/* Maps that they may name; null and 0 if there are none. */
extern struct bpf_map **case_maps;
extern size_t case_map_count;

#endif
