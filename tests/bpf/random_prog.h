/*
 * random_prog.h: random programs that are valid by construction: they end, read only what was written, and stay in their
 * memory, so every engine and the kernel's verifier must take them, and all must agree on what they do.
 *
 * A program names map 0, an array of one value of RANDOM_VALUE bytes: its memory, and where its registers end up.
 */
#ifndef TESTS_BPF_RANDOM_PROG_H
#define TESTS_BPF_RANDOM_PROG_H

#include <stddef.h>
#include <stdint.h>

#include "bpf/insn.h"

#define RANDOM_MEMORY 128                     /* bytes of the value that the program reads and writes */
#define RANDOM_VALUE  (RANDOM_MEMORY + 9 * 8) /* and r0 .. r8 at its end */
#define RANDOM_MAX    4096                    /* instructions at most */

/* Makes the program of number SEED with about SIZE operations; returns the number of its instructions. */
size_t random_prog(uint64_t seed, unsigned size, struct bpf_insn *insns);

#endif
