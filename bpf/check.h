/* pure */
/*
 * check.h: what every program must be before the verifier or an engine looks at it: RFC 9669's encoding with unused
 * fields zero, registers and jump targets that exist, whole 16-byte instructions, functions that do not run into each
 * other. After this a decoder may switch over `code` without a default.
 */
#ifndef BPF_CHECK_H
#define BPF_CHECK_H

#include "bpf/prog.h"

/* Instructions that only an engine without a verifier runs. */
#define BPF_CHECK_CALLX 0x1u /* BPF_CALL | BPF_X is allowed */

/*
 * Checks PROG's instructions and fills prog->subprogs (start, end, is_callback, has_tail_call; stack_depth is
 * MAX_BPF_STACK where it was 0; names stay). Returns 0; -EINVAL with *ret filled; -E2BIG likewise for more instructions
 * or functions than there may be. Refused are: unknown opcodes, BPF_ABS and BPF_IND, unused fields that are not zero,
 * registers above r10, writes to r10, jumps out of the function or into the second half of an instruction, a function
 * whose last instruction is no exit or jump, map numbers that do not exist, and functions that call each other in a
 * circle or more than BPF_MAX_CALL_FRAMES deep. A constant division by zero and a shift by too much have a defined
 * result (RFC 9669, 4.1), so they are left to the verifier, and so are helper numbers.
 */
int bpf_check_structure(struct bpf_prog *prog, unsigned flags, struct bpf_refusal *ret);

/* The function that instruction INSN belongs to: index into prog->subprogs. INSN must be below insn_count. */
uint32_t bpf_subprog_of(const struct bpf_prog *prog, uint32_t insn);
/* The function that starts at INSN, or -1. */
int bpf_subprog_at(const struct bpf_prog *prog, uint32_t insn);

#endif
