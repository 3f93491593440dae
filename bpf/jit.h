/* pure */
/*
 * jit.h: the compiler for x86-64. It writes machine code into a buffer of the caller's, who makes the buffer executable
 * afterwards and never writable again (W^X is the caller's).
 *
 * Compiled code is a C function by the System V ABI (jited(ctx, r2)), and so is every callback. Registers:
 *
 *	r0 rax   r1 rdi   r2 rsi   r3 rdx   r4 rcx   r5 r8    r6 rbx   r7 r13   r8 r14   r9 r15   r10 rbp
 *
 * r9, r10, r11 are scratch, r12 is never touched. So the arguments of a helper are where C expects them, and r6 .. r9 are
 * preserved by whoever uses them. A frame is, from the top: return address, rbp, the function's stack, where the run's
 * count of tail calls is kept (functions that make some), saved registers; its size is a multiple of 16. A function that
 * uses no stack has no frame.
 *
 * The code trusts the verifier: it checks no pointer. Division by zero, the smallest number by -1, shifts by too much
 * are as RFC 9669 says. Nothing below the stack pointer is used.
 */
#ifndef BPF_JIT_H
#define BPF_JIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/helper.h"
#include "bpf/prog.h"

struct bpf_insn_fact;

struct bpf_jit_options {
	/*
	 * Address at which the code will run: 16-byte aligned. Calls of helpers within 2 GiB of it are direct; 0: not yet
	 * known, for the size.
	 */
	uint64_t address;
	bool bmi2; /* the CPU has BMI2 (CPUID.7.0:EBX bit 8): shorter shifts */
	/*
	 * What the verifier found out, insn_count entries (bpf/verify.h), or null: then only a map that is named right before
	 * a look-up is known.
	 */
	const struct bpf_insn_fact *facts;
	void (*relax)(void); /* called at least every 1,000 instructions; may be null */
};

struct bpf_jit_info {
	uint32_t size;  /* bytes of the image */
	uint32_t entry; /* offset of the way in for prog->jited */
	uint32_t tail;  /* offset of the way in for prog->jited_tail */
};

/* Entries of the scratch array that compiling PROG takes: 4 bytes each. */
static inline size_t bpf_jit_scratch(const struct bpf_prog *prog)
{
	return (size_t)prog->insn_count + 1 + prog->subprog_count;
}

/*
 * Compiles PROG, which has passed bpf_check_structure() and, unless the caller runs it where a crash does not matter, the
 * verifier. SCRATCH has bpf_jit_scratch() entries; afterwards the lower 30 bits of the first insn_count are the
 * offsets of the instructions' code. Writes at most SIZE bytes to OUT, which may be null: then only *ret_info is told. The image is never longer with
 * an address than without one. -EINVAL with *ret_refusal for helpers that are missing; -E2BIG if SIZE is too small;
 * *ret_info is set in both cases of success and -E2BIG.
 */
int bpf_jit(const struct bpf_prog *prog, const struct bpf_helpers *helpers, const struct bpf_jit_options *options,
            uint32_t *scratch, uint8_t *out, size_t size, struct bpf_jit_info *ret_info,
            struct bpf_refusal *ret_refusal);

#endif
